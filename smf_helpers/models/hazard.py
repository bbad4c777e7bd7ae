"""Where adoption comes from: the programme, the organisation, one's own network, executives who take part.

A discrete-time hazard with additive rates, all from the period before::

    h_it = 1 - exp(-(p + c campaign + q_F F + q_E exposure_i + q_X executives) exp(x_i'beta))

People without adoption are censored, late joiners enter late, leavers leave the risk set. The rates
describe which pattern the adoptions follow. They do not prove why: like people have like ties, and
shocks hit everybody, and both look like contagion (Shalizi & Thomas 2011); so the explanation has to
survive rewired networks and exposure that had not yet happened.

References
----------
Van den Bulte & Stremersch 2004, doi:10.1287/mksc.1040.0054; Aral, Muchnik & Sundararajan 2009,
doi:10.1073/pnas.0908800106; Shalizi & Thomas 2011, doi:10.1177/0049124111404820.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from smf_helpers.errors import Fault, ModelError
from smf_helpers.models.hazard_exposures import Source, along_ties, gather, lay_sources, one_way, shuffled
from smf_helpers.models.hazard_likelihood import share_of
from smf_helpers.models.hazard_profiles import Exposed, Top, rate_interval, share_interval
from smf_helpers.models.hazard_records import People, TiePlaces, read_people, read_places, read_traits
from smf_helpers.models.readiness import MIN_ADOPTERS, RATIOS, tell_ratios
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.network import HazardFit
from smf_helpers.results.path import Floats

if TYPE_CHECKING:
    import pandas as pd

N_REWIRED = 99
ENOUGH = 10
"""Rewired networks that explain as much after which no more are tried: the answer cannot change any more."""
MIN_ONE_WAY = 30
LABELS = ("source", "value", "low", "high", "status", "reason")
TESTS = ("test", "value", "low", "high", "n", "verdict", "reason")
PUSH = ("programme", "campaign", "executives")


def fit_hazard(
    people: "pd.DataFrame",
    *,
    exposure: "pd.DataFrame | None" = None,
    campaigns: "pd.DataFrame | None" = None,
    covariates: Sequence[str] = (),
    period: float = 1.0,
    until: Any = None,
    seed: int = 0,
) -> HazardFit:
    """Fit where adoption comes from, and try to knock the answer down.

    Parameters
    ----------
    people : frame ``person, adopted_at`` (missing where not yet), and where known ``joined_at`` and
        ``left_at``; dates count in weeks, ``_on`` is understood too.
    exposure : ties ``source, target`` (and ``weight``): the source looks to the target. Without them
        there is no own network.
    campaigns : frame ``at`` and the columns ``campaign`` and/or ``executives``, in [0, 1]: what holds
        from ``at`` on. Executives are the share of them who take part.
    covariates : columns of `people` that make somebody more or less ready for every source alike, such as
        role or tenure: numbers as they are, groups against the largest one. Each needs ten adopters too.
    period : length of a period on the clock of the people.
    until : end of watching; the last time seen by default.
    seed : of the rewiring.

    Returns
    -------
    HazardFit; fewer than ten adopters a source give the status ``insufficient_data``.

    Raises
    ------
    ModelError
        When a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> fit_hazard(pd.DataFrame({"person": ["a", "b"], "adopted_at": [1, None]})).reason
    '1 adopters after the first period; 20 are needed for 2 sources'
    """
    known = read_people(people, period=period, until=until)
    ties = None
    if exposure is not None and len(exposure):
        _need(exposure, "exposure", ("source", "target"))
        ties = read_places(exposure, known)
    if campaigns is not None:
        _need(campaigns, "campaigns", ("at",))
    labels, traits = read_traits(people, covariates, known)
    sources = lay_sources(known, ties, campaigns)
    n = len(known.adopters)
    n_periods = int(np.maximum(known.end - known.begin + 1, 0).sum())
    needed = MIN_ADOPTERS * (len(sources) + len(labels))
    if n < needed:
        what = f"{len(sources)} sources" + (f" and {len(labels)} covariates" if labels else "")
        reason = f"{n} adopters after the first period; {needed} are needed for {what}"
        return _nothing(known, n, n_periods, Status.INSUFFICIENT_DATA, reason)
    exposed = gather(known, list(sources.values()), traits)
    if not exposed.waiting[:, 0].sum() > 0:
        reason = "everybody adopted as soon as they could: there is nothing to tell sources apart"
        return _nothing(known, n, n_periods, Status.NOT_IDENTIFIED, reason)
    top = exposed.best()
    names = tuple(sources)
    shares = {name: _share((name,), names, exposed, top) for name in names}
    return HazardFit(
        rates=_rates(names, exposed, top),
        shares=_share_table(shares),
        covariates=tell_ratios(labels, exposed, top),
        top_down=_share(PUSH, names, exposed, top),
        bottom_up=_share(("organisation", "network"), names, exposed, top),
        network=shares.get("network", refused(Status.INSUFFICIENT_DATA, "there are no ties", n=n)),
        tests=_tests(known, sources, traits, ties, top, seed),
        selection=_selection(names, exposed),
        loglik=top.value,
        n_people=len(known.names),
        n_adopters=n,
        n_periods=n_periods,
        status=Status.OK,
        reason="shares say what the adoptions are consistent with, not what brought them about",
    )


def _need(frame: "pd.DataFrame", name: str, columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        raise ModelError(
            *(Fault(code="M331", where=name, what=f"The column '{column}' is missing.") for column in missing)
        )


def _rates(names: tuple[str, ...], exposed: Exposed, top: Top) -> "pd.DataFrame":
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for k, name in enumerate(names):
        low, high = rate_interval(exposed, k, top)
        if np.isnan(high):
            reason = "nobody at risk was exposed to it"
            rows.append((name, np.nan, np.nan, np.nan, Status.NOT_IDENTIFIED, reason))
            continue
        status = Status.OK if top.theta[k] > 0 else Status.BOUNDARY
        reason = "" if top.theta[k] > 0 else "the adoptions ask for none of it; the upper limit holds"
        rows.append((name, float(top.theta[k]), low, high, status, reason))
    return pd.DataFrame(rows, columns=["source", "rate", *LABELS[2:]])


def _share(group: tuple[str, ...], names: tuple[str, ...], exposed: Exposed, top: Top) -> Estimate:
    chosen = np.array([name in group for name in names], dtype=float)
    n = len(exposed.adoptions)
    if not chosen.any() or chosen.all():
        return refused(Status.NOT_IDENTIFIED, "there is nothing to tell it from", n=n, unit="share")
    value = share_of(top.theta, exposed.at(top.beta), chosen)
    low, high = share_interval(exposed, chosen, value, top)
    wide = high - low > 0.95
    return Estimate(
        value=None if wide else value,
        low=low,
        high=high,
        status=Status.NOT_IDENTIFIED if wide else Status.OK,
        reason="any share fits the adoptions" if wide else "",
        n=n,
        unit="share",
        method="additive hazard, profile likelihood; consistent with, not caused by",
    )


def _share_table(shares: dict[str, Estimate]) -> "pd.DataFrame":
    import pandas as pd

    rows = [
        (name, np.nan if e.value is None else e.value, e.low, e.high, e.status, e.reason)
        for name, e in shares.items()
    ]
    return pd.DataFrame(rows, columns=["source", "share", *LABELS[2:]])


def _selection(names: tuple[str, ...], exposed: Exposed) -> "pd.DataFrame":
    """Compare the programme alone, imitation beside it, the network beside it, and everything."""
    import pandas as pd

    versions = {
        "programme only": [name for name in names if name in PUSH],
        "programme and organisation": [name for name in names if name != "network"],
        "programme and network": [name for name in names if name != "organisation"],
        "all": list(names),
    }
    rows = []
    n = len(exposed.adoptions)
    for version, kept in versions.items():
        if version != "all" and len(kept) == len(names):
            continue
        top = exposed.only([names.index(name) for name in kept]).best().value
        k = len(kept) + exposed.traits.shape[1]
        rows.append((version, top, -2 * top + 2 * k + 2 * k * (k + 1) / max(n - k - 1, 1)))
    table = pd.DataFrame(rows, columns=["version", "loglik", "aicc"])
    return table.assign(delta=table["aicc"] - table["aicc"].min())


def _tests(
    people: People,
    sources: dict[str, Source],
    traits: Floats,
    ties: TiePlaces | None,
    top: Top,
    seed: int,
) -> "pd.DataFrame":
    import pandas as pd

    if ties is None or "network" not in sources:
        return pd.DataFrame([], columns=list(TESTS))
    rows = [
        _permuted(people, sources, traits, ties, top, seed),
        _future(people, sources, traits, ties),
    ]
    return pd.DataFrame(rows, columns=list(TESTS))


def _permuted(
    people: People, sources: dict[str, Source], traits: Floats, ties: TiePlaces, top: Top, seed: int
) -> tuple[Any, ...]:
    """Rewire the network and see how often it explains as much, no longer than the answer is open.

    Sequential Monte Carlo p value (Besag & Clifford 1991, doi:10.1093/biomet/78.2.301): exact at any stop.
    """
    place = list(sources).index("network")
    own, n = float(top.theta[place]), len(people.names)
    if own <= 0:
        return ("permuted_network", 1.0, None, None, n, "not enough to say", "the network explains nothing")
    rng = np.random.default_rng(seed)
    larger = tried = 0
    while tried < N_REWIRED and larger < ENOUGH:
        other = dict(sources, network=along_ties(shuffled(ties, rng), people))
        larger += int(gather(people, list(other.values()), traits).best(near=top).theta[place] >= own)
        tried += 1
    p = larger / tried if larger == ENOUGH else (1 + larger) / (1 + tried)
    if p <= 0.05:
        reason = "rewired networks with the same numbers of ties rarely explain as much"
        return ("permuted_network", p, None, None, n, "survives", reason)
    return ("permuted_network", p, None, None, n, "fails", "rewired networks explain as much")


def _future(people: People, sources: dict[str, Source], traits: Floats, ties: TiePlaces) -> tuple[Any, ...]:
    """Add what one's ties were still going to do: it cannot have worked yet."""
    single = one_way(ties, len(people.names))
    n = int(np.count_nonzero(np.bincount(single.source)))
    if n < MIN_ONE_WAY:
        reason = f"{n} people with ties that are not returned; {MIN_ONE_WAY} are needed"
        return ("future_exposure", np.nan, None, None, n, "not enough to say", reason)
    extended = [*sources.values(), along_ties(single, people, since=-1, through=0)]
    exposed = gather(people, extended, traits)
    top = exposed.best()
    low, high = rate_interval(exposed, len(extended) - 1, top)
    value = float(top.theta[-1])
    if low > 0:
        reason = "ties that were still to adopt explain adoption too: likeness or a common push"
        return ("future_exposure", value, low, high, n, "fails", reason)
    reason = "ties that were still to adopt explain nothing beyond the past"
    return ("future_exposure", value, low, high, n, "survives", reason)


def _nothing(people: People, n: int, n_periods: int, status: Status, reason: str) -> HazardFit:
    import pandas as pd

    none = refused(status, reason, n=n, unit="share")
    return HazardFit(
        rates=pd.DataFrame([], columns=["source", "rate", *LABELS[2:]]),
        shares=pd.DataFrame([], columns=["source", "share", *LABELS[2:]]),
        covariates=pd.DataFrame([], columns=list(RATIOS)),
        top_down=none,
        bottom_up=none,
        network=none,
        tests=pd.DataFrame([], columns=list(TESTS)),
        selection=pd.DataFrame([], columns=["version", "loglik", "aicc", "delta"]),
        loglik=float("nan"),
        n_people=len(people.names),
        n_adopters=n,
        n_periods=n_periods,
        status=status,
        reason=reason,
    )
