"""Whether the link feeds both cycles: the framework's own claim, tested over the units of one organisation.

Each cycle's own factors (the link left out of the outcome, or it would predict itself) at the next wave are regressed on
cycle and link at this one, with an effect for each unit and each wave: units that are better at everything, and waves that are
better everywhere, cannot make it. Errors are jackknifed over units. References: Hamaker, Kuiper and Grasman (2015),
doi:10.1037/a0038889; Bell and McCaffrey (2002); Efron and Stein (1981), doi:10.1214/aos/1176345462.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.framework import FACTOR_KEYS, FACTORS, LINK
from smf_helpers.models.flow import EVERYBODY, MIN_PEOPLE
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.flow import LinkTest
from smf_helpers.results.survey import FactorScores

Floats = npt.NDArray[np.float64]

MIN_UNITS, MIN_WAVES = 8, 3
"""Units and waves below which the link is not tested."""


def link_feeds(scores: FactorScores, *, level: float = 0.95) -> LinkTest:
    """Test over units whether the link at one wave predicts both cycles at the next.

    For unit u and wave t: ``C[u,t+1] = unit + wave + a C[u,t] + b L[u,t] + error``, where C is the mean of the cycle's own factors and
    L the link. b is an association in time, not a cause: something else may move both. Sampling noise in small units draws it
    towards zero.

    Parameters
    ----------
    scores : what `score_factors` gave, with units.
    level : coverage of the intervals (jackknife over units, Student's t).

    Returns
    -------
    LinkTest
        Every path is refused where fewer than eight units have three waves.
    """
    panel, waves = _unit_panel(scores)
    n_people = int(scores.people["respondent"].nunique())
    paths: dict[str, Estimate] = {}
    for cycle in ("internal", "external"):
        paths[f"link_to_{cycle}"] = _path(panel, cycle, "link", len(waves), n_people, level)
    for cycle in ("internal", "external"):
        paths[f"{cycle}_to_link"] = _path(panel, "link", cycle, len(waves), n_people, level)
    feeding = [paths[f"link_to_{cycle}"] for cycle in ("internal", "external")]
    if any(path.status is not Status.OK for path in feeding):
        verdict, reason = "not enough to say", next(path.reason for path in feeding if path.reason)
    else:
        above = sum((path.low or 0.0) > 0 for path in feeding)
        verdict = ("not seen", "partly", "feeds")[above]
        reason = (
            "Where the link was stronger than usual, the cycles were not seen to be stronger at the next wave.",
            "Where the link was stronger than usual, one of the two cycles was stronger at the next wave.",
            "Where the link was stronger than usual, both cycles were stronger at the next wave.",
        )[above]
    return LinkTest(
        paths=paths,
        n_units=int(panel["unit"].nunique()),
        n_waves=len(waves),
        n_people=n_people,
        verdict=verdict,
        reason=reason,
    )


def _unit_panel(scores: FactorScores) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Give a row a unit and wave with the link and the means of both cycles' own factors, where all eight have a score."""
    table = scores.factors[(scores.factors["unit"] != EVERYBODY) & (scores.factors["n"] >= MIN_PEOPLE)]
    wide = table.pivot(index=["unit", "wave"], columns="factor", values="mean").reindex(
        columns=list(FACTOR_KEYS)
    )
    wide = wide.dropna().reset_index()
    own = {cycle: [f.key for f in FACTORS if f.cycle == cycle] for cycle in ("internal", "external")}
    panel = pd.DataFrame(
        {
            "unit": wide["unit"].astype(object),
            "at": pd.Index(scores.waves).get_indexer(wide["wave"].astype(object)),
            "link": wide[LINK].to_numpy(dtype=np.float64),
            **{cycle: wide[keys].to_numpy(dtype=np.float64).mean(axis=1) for cycle, keys in own.items()},
        }
    )
    return panel.sort_values(["unit", "at"], ignore_index=True), scores.waves


def _path(
    panel: pd.DataFrame, outcome: str, predictor: str, n_waves: int, n_people: int, level: float
) -> Estimate:
    """Estimate one cross-lagged path within units, with errors jackknifed over units."""
    from scipy.special import stdtrit

    later = panel.assign(at=panel["at"] - 1)[["unit", "at", outcome]].rename(columns={outcome: "next"})
    rows = panel.merge(later, on=["unit", "at"])
    rows = rows[rows.groupby("unit")["at"].transform("size") >= MIN_WAVES - 1].reset_index(drop=True)
    units = sorted(rows["unit"].unique())
    if len(units) < MIN_UNITS or n_waves < MIN_WAVES:
        reason = f"The link cannot be tested: {len(units)} units have {MIN_WAVES} waves in a row; {MIN_UNITS} units are needed."
        return refused(Status.INSUFFICIENT_DATA, reason, n=n_people, unit="scale points")
    code = pd.Index(units).get_indexer(rows["unit"])
    at = rows["at"].to_numpy()
    times = np.unique(at)
    dummies = [np.eye(len(units))[code], (at[:, None] == times[None, 1:]).astype(np.float64)]
    both = rows[[predictor, outcome]].to_numpy(dtype=np.float64)
    design = np.column_stack([both, *dummies])
    answer = rows["next"].to_numpy(dtype=np.float64)
    if (
        len(answer) - np.linalg.matrix_rank(design) < len(units) // 2
        or np.linalg.matrix_rank(_within(both, dummies)) < 2
    ):
        return refused(
            Status.NOT_IDENTIFIED,
            "The link cannot be tested: link and cycles do not move apart within units.",
            n=n_people,
            unit="scale points",
        )
    value = float(np.linalg.lstsq(design, answer, rcond=None)[0][0])
    left = np.array(
        [np.linalg.lstsq(design[code != k], answer[code != k], rcond=None)[0][0] for k in range(len(units))]
    )
    g = len(units)
    se = float(np.sqrt((g - 1) / g * ((left - left.mean()) ** 2).sum()))
    half = float(stdtrit(g - 1, 0.5 + level / 2)) * se
    return Estimate(
        value=value,
        low=value - half,
        high=value + half,
        n=n_people,
        unit="scale points",
        method=f"cross-lagged within {g} units, {len(times)} steps, jackknife over units",
        level=level,
    )


def _within(values: Floats, dummies: list[Floats]) -> Floats:
    """Give what is left of the columns once units and waves are taken out."""
    frame = np.column_stack(dummies)
    rest = values - frame @ np.linalg.lstsq(frame, values, rcond=None)[0]
    return np.where(np.abs(rest) < 1e-10, 0.0, rest)
