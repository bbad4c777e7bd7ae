"""The double cycle: how fast it flows, where it is held back, and whether the link feeds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smf_helpers.results.core import Estimate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Flow:
    """Flow round both cycles and the link, by wave and unit.

    Attributes
    ----------
    flow : a row a wave, unit and cycle (``internal``, ``external``, ``link``, ``whole``): ``wave, unit, cycle, value, low,
        high, n, status, reason``; value on the answer scale.
    bottleneck : a row a wave, unit and factor: ``wave, unit, factor, probability, n, status, reason``.
    weights : cycle → factor → its weight in the flow; each cycle's sum to one.
    """

    flow: "pd.DataFrame"
    bottleneck: "pd.DataFrame"
    weights: Mapping[str, Mapping[str, float]]

    def __repr__(self) -> str:
        told = int((self.flow["status"] == "ok").sum()) if len(self.flow) else 0
        return f"Flow({told} of {len(self.flow)} flows can be told)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTest:
    """Whether the link at one wave predicts the cycles at the next, over units.

    Attributes
    ----------
    paths : name (``link_to_internal``, ``link_to_external``, ``internal_to_link``, ``external_to_link``) → scale points at the
        next wave for each point now, within units and net of what all units share.
    n_units, n_waves : units and waves that could be used.
    n_people : different people behind the units' scores.
    verdict : ``feeds`` (link to both cycles above zero), ``partly`` (to one of them), ``not seen`` or ``not enough to say``.
    reason : the verdict in words.
    """

    paths: Mapping[str, Estimate]
    n_units: int
    n_waves: int
    n_people: int
    verdict: str
    reason: str
