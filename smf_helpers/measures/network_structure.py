"""The shape of who answers whom: reciprocity, openness, mixing, personas, and what hangs on a few.

Everything is counted on ties between people of the list; who never acted still counts as a person, and
as an observer. Beside every figure stands the coverage, the share of the people who were seen in the
network at all: in a log the others did nothing, in a survey of ties they are missing.

References
----------
Wasserman & Faust 1994, doi:10.1017/CBO9780511815478 (reciprocity); Simpson 1949,
doi:10.1038/163688a0 (mixing); Albert, Jeong & Barabasi 2000, doi:10.1038/35019019 (removal).
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.measures.network import Floats, Ties, read_ties
from smf_helpers.results.core import Estimate, Status, refused

if TYPE_CHECKING:
    import pandas as pd

MIN_COVERAGE = 0.7
MIN_TIES = 30
REMOVED = (0.01, 0.05, 0.10, 0.20)
PERSONAS = ("engager", "catalyst", "responder", "broadcaster", "observer")
ACTIVE, GIVING, RECEIVING = 3.0, 2.0, 2.0
"""Acts that make somebody active, and how many times more giving or receiving tips the balance."""


def share_interval(n_yes: float, n: float) -> tuple[float, float]:
    """Give the Wilson interval of a share (Wilson 1927)."""
    z = NormalDist().inv_cdf(0.975)
    centre, width = n_yes + z * z / 2, z * float(np.sqrt(n_yes * (n - n_yes) / n + z * z / 4))
    return max((centre - width) / (n + z * z), 0.0), min((centre + width) / (n + z * z), 1.0)


def _share(
    n_yes: float, n: float, what: str, *, least: int = MIN_TIES, people: int | None = None
) -> Estimate:
    if n < least:
        return refused(
            Status.INSUFFICIENT_DATA, f"{int(n)} {what}; {least} are needed", n=people, unit="share"
        )
    low, high = share_interval(n_yes, n)
    return Estimate(value=n_yes / n, low=low, high=high, n=people, unit="share", method=f"Wilson, {what}")


def summarise_network(
    interactions: "pd.DataFrame", people: Sequence[Any], *, surveyed: bool = False
) -> dict[str, Estimate]:
    """Give the network in figures: coverage, reciprocity, openness, diversity, ties a person.

    Parameters
    ----------
    interactions : frame ``source, target`` (and ``open``): one row an answer, mention or reaction.
    people : everybody who could take part.
    surveyed : ties were asked for, not logged: who was not asked is missing, and below 70 % coverage
        nothing is told. In a log, who is not there did nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> acts = pd.DataFrame({"source": ["a", "b"], "target": ["b", "a"]})
    >>> summarise_network(acts, ["a", "b"])["coverage"].value
    1.0
    """
    listed = np.unique(np.asarray(list(people), dtype=object).astype(str))
    ties = read_ties(_text(interactions), listed)
    n = len(listed)
    seen = np.union1d(ties.source, ties.target)
    coverage = _share(len(seen), n, "people", least=1, people=n) if n else _no_people()
    found = {"coverage": coverage}
    if coverage.value is None or (surveyed and coverage.value < MIN_COVERAGE):
        reason = f"fewer than {MIN_COVERAGE:.0%} of the people were seen in the network"
        for name in ("reciprocity", "ties_per_person", "openness"):
            found[name] = refused(Status.INSUFFICIENT_DATA, reason, n=n)
        return found
    found["reciprocity"] = _share(returned(ties, n).sum(), len(ties.source), "ties", people=len(seen))
    degree = np.bincount(ties.source, minlength=n)
    half = NormalDist().inv_cdf(0.975) * degree.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan
    found["ties_per_person"] = Estimate(
        value=float(degree.mean()),
        low=float(max(degree.mean() - half, 0.0)),
        high=float(degree.mean() + half),
        n=n,
        unit="ties",
        method="people one acted towards, mean over everybody",
    )
    found["openness"] = measure_openness(interactions, n)
    return found


def _no_people() -> Estimate:
    return refused(Status.INSUFFICIENT_DATA, "there are no people", n=0, unit="share")


def _text(frame: "pd.DataFrame") -> "pd.DataFrame":
    named = [name for name in ("source", "target") if name in frame]
    return frame.assign(**{name: frame[name].astype(str) for name in named})


def returned(ties: Ties, n: int) -> npt.NDArray[np.bool_]:
    """Say of each tie whether it is returned."""
    forward = ties.source * np.int64(n) + ties.target
    return np.isin(forward, ties.target * np.int64(n) + ties.source)


def measure_openness(interactions: "pd.DataFrame", n_people: int) -> Estimate:
    """Give the share of the traffic that went on in places open to everybody."""
    if "open" not in interactions or not interactions["open"].notna().any():
        return refused(
            Status.INSUFFICIENT_DATA, "it is not known which places are open", n=n_people, unit="share"
        )
    told = interactions["open"].dropna().astype(bool)
    return _share(int(told.sum()), len(told), "interactions", people=n_people)


def measure_mixing(interactions: "pd.DataFrame", units: "pd.Series[Any]") -> "pd.DataFrame":
    """Give for each unit where its answers go.

    Parameters
    ----------
    interactions : frame ``source, target``.
    units : unit of each person, indexed by person.

    Returns
    -------
    Frame ``source_unit, target_unit, share, interactions, n``; n counts the people of the smaller unit.
    """
    import pandas as pd

    known = units.dropna().astype(str).set_axis(units.dropna().index.astype(str))
    known = known[~known.index.duplicated()]
    acts = _text(interactions)
    acts = acts[acts["source"] != acts["target"]]
    pairs = pd.DataFrame(
        {"source_unit": acts["source"].map(known), "target_unit": acts["target"].map(known)}
    ).dropna()
    if not len(pairs):
        return pd.DataFrame(columns=["source_unit", "target_unit", "share", "interactions", "n"])
    table = pairs.value_counts(sort=False).rename("interactions").reset_index()
    table["share"] = table["interactions"] / table.groupby("source_unit")["interactions"].transform("sum")
    size = known.value_counts()
    table["n"] = np.minimum(table["source_unit"].map(size), table["target_unit"].map(size)).astype(int)
    order = ["source_unit", "target_unit"]
    return table.sort_values(order, ignore_index=True)[[*order, "share", "interactions", "n"]]


def sort_personas(
    interactions: "pd.DataFrame", people: Sequence[Any], *, strictness: float = 1.0
) -> "pd.Series[Any]":
    """Sort people by the balance of giving and receiving; the cut-offs are stated, not found.

    Fewer than three acts given and received: observer. Gives, and nothing comes back: broadcaster.
    Gives at least twice what comes back: responder. Receives at least twice what is given: catalyst.
    Otherwise: engager.

    Parameters
    ----------
    interactions : frame ``source, target``.
    people : everybody who could take part.
    strictness : factor on the number of acts that make somebody active.
    """
    import pandas as pd

    listed = np.unique(np.asarray(list(people), dtype=object).astype(str))
    index = pd.Index(listed)
    acts = _text(interactions)
    acts = acts[acts["source"] != acts["target"]]
    n = len(listed)
    source, target = index.get_indexer(acts["source"]), index.get_indexer(acts["target"])
    given = np.bincount(source[source >= 0], minlength=n).astype(float)
    received = np.bincount(target[target >= 0], minlength=n).astype(float)
    persona = np.full(n, "engager", dtype=object)
    persona[received >= RECEIVING * np.maximum(given, 1e-9)] = "catalyst"
    persona[given >= GIVING * np.maximum(received, 1e-9)] = "responder"
    persona[(given > 0) & (received == 0)] = "broadcaster"
    persona[given + received < ACTIVE * strictness] = "observer"
    return pd.Series(persona, index=index)


def count_personas(interactions: "pd.DataFrame", people: Sequence[Any]) -> "pd.DataFrame":
    """Count the personas, with what half and twice the cut-off would make of them.

    Returns
    -------
    Frame ``persona, share, low, high, share_strict, share_lenient, n``; no rows without people.
    """
    import pandas as pd

    columns = ["persona", "share", "low", "high", "share_strict", "share_lenient", "n"]
    middle = sort_personas(interactions, people)
    n = len(middle)
    if not n or not len(interactions):
        return pd.DataFrame(columns=columns)
    strict = sort_personas(interactions, people, strictness=2.0)
    lenient = sort_personas(interactions, people, strictness=0.5)
    rows = []
    for persona in PERSONAS:
        k = int((middle == persona).sum())
        both = float((strict == persona).mean()), float((lenient == persona).mean())
        rows.append((persona, k / n, *share_interval(k, n), *both, n))
    return pd.DataFrame(rows, columns=columns)


def rank_champions(
    interactions: "pd.DataFrame", people: Sequence[Any], *, n_resamples: int = 400, seed: int = 0
) -> "pd.DataFrame":
    """Rank people by how much they set going, with the uncertainty of the rank.

    Acts given and received are counts, so ranks are redrawn from Poisson counts shrunk towards the
    mean (a gamma prior fitted by moments); a champion is in the top tenth with the chance beside it.

    Returns
    -------
    Frame ``person, acts, rank, rank_low, rank_high, top_tenth``, most active first.
    """
    import pandas as pd

    listed = np.unique(np.asarray(list(people), dtype=object).astype(str))
    acts = _acts(interactions, listed)
    n = len(listed)
    columns = ["person", "acts", "rank", "rank_low", "rank_high", "top_tenth"]
    if n < 2 or not acts.any():
        return pd.DataFrame(columns=columns)
    mean, extra = acts.mean(), max(acts.var(ddof=1) - acts.mean(), 1e-9)
    shape, scale = mean**2 / extra, extra / mean
    drawn = np.random.default_rng(seed).gamma(shape + acts, scale / (1 + scale), size=(n_resamples, n))
    ranks = n - np.argsort(np.argsort(drawn, axis=1), axis=1)
    low, high = np.quantile(ranks, [0.025, 0.975], axis=0)
    table = pd.DataFrame(
        {
            "person": listed,
            "acts": acts,
            "rank": pd.Series(-acts).rank(method="min").astype(int).to_numpy(),
            "rank_low": low,
            "rank_high": high,
            "top_tenth": (ranks <= max(n // 10, 1)).mean(axis=0),
        }
    )
    return table.sort_values(["rank", "person"], ignore_index=True)


def _acts(interactions: "pd.DataFrame", listed: npt.NDArray[Any]) -> Floats:
    import pandas as pd

    index, acts = pd.Index(listed), _text(interactions)
    both = np.concatenate([index.get_indexer(acts["source"]), index.get_indexer(acts["target"])])
    return np.bincount(both[both >= 0], minlength=len(listed)).astype(float)


def remove_champions(
    interactions: "pd.DataFrame", people: Sequence[Any], *, removed: Sequence[float] = REMOVED
) -> "pd.DataFrame":
    """Say what is left of the network when the most active few leave.

    Returns
    -------
    Frame ``removed, left, connected, n``: share of people taken out, share of the interactions that
    remain, share of the remaining people in the largest connected part (of those who were in it), and
    the number taken out.
    """
    import pandas as pd

    listed = np.unique(np.asarray(list(people), dtype=object).astype(str))
    index, acts = pd.Index(listed), _text(interactions)
    source, target = index.get_indexer(acts["source"]), index.get_indexer(acts["target"])
    known = (source >= 0) & (target >= 0) & (source != target)
    source, target = source[known], target[known]
    columns = ["removed", "left", "connected", "n"]
    if not len(source):
        return pd.DataFrame(columns=columns)
    order = np.lexsort((np.arange(len(listed)), -_acts(interactions, listed)))
    whole = _largest(source, target, len(listed))
    rows = []
    for share in removed:
        n_out = max(round(share * len(listed)), 1)
        out = np.zeros(len(listed), dtype=bool)
        out[order[:n_out]] = True
        stays = ~out[source] & ~out[target]
        reach = max(whole - n_out, 1)
        rows.append(
            (
                share,
                float(stays.mean()),
                min(_largest(source[stays], target[stays], len(listed)) / reach, 1.0),
                n_out,
            )
        )
    return pd.DataFrame(rows, columns=columns)


def _largest(source: npt.NDArray[np.int_], target: npt.NDArray[np.int_], n: int) -> int:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(source):
        return 0
    graph = coo_array((np.ones(len(source)), (source, target)), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    return int(np.bincount(label).max())
