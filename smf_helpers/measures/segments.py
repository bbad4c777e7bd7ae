"""Who takes part: champions, participants, bystanders and the held back, by rules that are stated.

* **champions** use social media at work and recommend working this way;
* **participants** use it at work without recommending it that much;
* **held back** do not use it at work and name what holds them back;
* **bystanders** do not use it at work and name nothing.

The cut-offs are conventions, so every share is given under a stricter and a more lenient rule as well. The rules sort answers, not
people: nobody is told which segment they are in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.framework import STAGES
from smf_helpers.measures.groups import share_table
from smf_helpers.measures.modules import ModuleAnswers

Floats = npt.NDArray[np.float64]

SEGMENTS = ("champions", "participants", "bystanders", "held_back")


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRule:
    """The cut-offs of the segments.

    Attributes
    ----------
    uses_from : stage from which somebody uses social media at work.
    recommends_from : answer from 0 to 10 from which a user is a champion.
    barriers_from : barriers that somebody who does not use it must name to be held back.
    """

    uses_from: str = "internal"
    recommends_from: float = 9.0
    barriers_from: int = 1


RULES = {
    "stated": SegmentRule(),
    "strict": SegmentRule(uses_from="customer", recommends_from=10.0, barriers_from=2),
    "lenient": SegmentRule(uses_from="internal", recommends_from=8.0, barriers_from=1),
}


def segment_people(
    stage: ModuleAnswers,
    recommendation: ModuleAnswers,
    barrier: ModuleAnswers,
    *,
    headcounts: Mapping[str, int] | None = None,
    rules: Mapping[str, SegmentRule] = RULES,
) -> pd.DataFrame:
    """Give the share of each segment by wave and unit, under the stated rule and two others.

    Parameters
    ----------
    stage, recommendation, barrier : what `read_module` gave for these modules; only people with all three count.
    headcounts : group → people in it, for the finite population.
    rules : ``stated``, ``strict`` and ``lenient``.

    Returns
    -------
    DataFrame
        ``wave, unit, segment, share, low, high, share_strict, share_lenient, n, status, reason``.
    """
    keys = ["wave", "respondent"]
    place = pd.MultiIndex.from_frame(stage.people[keys])
    others = [
        pd.MultiIndex.from_frame(part.people[keys]).get_indexer(place) for part in (recommendation, barrier)
    ]
    if not (len(place) and stage.facets and recommendation.facets and barrier.facets):
        names = (*keys[:1], "unit", "segment", "share", "low", "high", "share_strict", "share_lenient", "n")
        return pd.DataFrame({name: [] for name in (*names, "status", "reason")})
    at = np.round(stage.position[:, 0] * (len(STAGES) - 1), 9)
    recommends = _aligned(10 * recommendation.position[:, 0], others[0])
    answered = np.isfinite(barrier.agrees).any(axis=1)
    named = _aligned(np.where(answered, np.nansum(barrier.agrees, axis=1), np.nan), others[1])
    tables = {
        name: share_table(
            stage.groups(headcounts), _sort(at, recommends, named, rule), stage.weights, SEGMENTS, "segment"
        )
        for name, rule in rules.items()
    }
    return tables["stated"].assign(
        share_strict=tables["strict"]["share"], share_lenient=tables["lenient"]["share"]
    )


def _aligned(values: Floats, place: npt.NDArray[np.intp]) -> Floats:
    return np.where(place >= 0, values[place], np.nan)


def _sort(at: Floats, recommends: Floats, named: Floats, rule: SegmentRule) -> Floats:
    """Give people x segments, 1 for their own; empty for people with an answer missing."""
    uses = at >= STAGES.index(rule.uses_from)
    keen = recommends >= rule.recommends_from - 1e-9
    held = named >= rule.barriers_from
    sorted_into = np.column_stack([uses & keen, uses & ~keen, ~uses & ~held, ~uses & held]).astype(np.float64)
    known = np.isfinite(at) & np.isfinite(recommends) & np.isfinite(named)
    return np.where(known[:, None], sorted_into, np.nan)
