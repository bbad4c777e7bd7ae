"""Answers to the modules beside the factors: stage, skill, barrier, recommendation, importance and conditions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.measures.answers import lay_out
from smf_helpers.measures.groups import Groups, group_people
from smf_helpers.measures.scores import attach_people

Floats = npt.NDArray[np.float64]

AGREES_FROM = 0.75
"""Position on the scale from which an answer agrees: 4 and 5 of 5, and 1 of 0 and 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleAnswers:
    """Answers of people (rows) to the facets of a module (columns).

    Attributes
    ----------
    people : ``wave, respondent, unit, weight``.
    facets : what stands after the colon of the items' module; the module itself where nothing does.
    position : people x facets, place on the scale between 0 and 1, empty where missing; several items are averaged.
    waves : waves in time.
    notes : what was left out, and why.
    """

    people: pd.DataFrame
    facets: tuple[str, ...]
    position: Floats
    waves: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def agrees(self) -> Floats:
        """1 where the answer is in the upper quarter of the scale, 0 where not, empty where missing."""
        return np.where(np.isfinite(self.position), self.position >= AGREES_FROM - 1e-9, np.nan)

    @property
    def weights(self) -> Floats:
        """Weights of the people."""
        return self.people["weight"].to_numpy(dtype=np.float64)

    def groups(self, headcounts: Mapping[str, int] | None = None) -> Groups:
        """Group the people by wave and unit."""
        return group_people(self.people, self.waves, headcounts)


def read_module(
    responses: pd.DataFrame,
    items: pd.DataFrame,
    module: str,
    *,
    respondents: pd.DataFrame | None = None,
    waves: pd.DataFrame | None = None,
    weights: "pd.Series | None" = None,
) -> ModuleAnswers:
    """Lay out the answers to one module, each on its own scale from 0 to 1.

    Parameters
    ----------
    responses, items, respondents, waves : canonical tables.
    module : module of the framework, without its facet.
    weights : as in `score_factors`.

    Examples
    --------
    >>> rows = pd.DataFrame({"wave": "a", "respondent": ["p", "q"], "item": "POL1", "value": [4.0, 2.0]})
    >>> asked = pd.DataFrame({"item": ["POL1"], "module": ["policy"], "scale_min": 1.0, "scale_max": 5.0})
    >>> read_module(rows, asked, "policy").agrees.ravel().tolist()
    [1.0, 0.0]
    """
    here = [str(name).partition(":")[0] == module for name in items["module"]]
    asked = items[np.array(here, dtype=bool)]
    sheet = lay_out(responses, asked, scale=(0.0, 1.0), waves=waves)
    named = [str(name).partition(":")[2] or module for name in sheet.items["module"]]
    facets = tuple(dict.fromkeys(named))
    position = np.full((len(sheet.people), len(facets)), np.nan)
    for k, facet in enumerate(facets):
        mine = sheet.values[:, [name == facet for name in named]]
        given = np.isfinite(mine)
        with np.errstate(invalid="ignore"):
            position[:, k] = np.where(given, mine, 0.0).sum(axis=1) / given.sum(axis=1)
    return ModuleAnswers(
        people=attach_people(sheet, respondents, weights),
        facets=facets,
        position=position,
        waves=sheet.waves,
        notes=sheet.notes,
    )
