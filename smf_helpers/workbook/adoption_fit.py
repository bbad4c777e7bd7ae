"""The adoption curve of one client: the series by the client's rule, its ceiling, and the law fitted to it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.results.adoption import AdoptionFit, Shock
from smf_helpers.results.core import SHOWN
from smf_helpers.results.publication import GroupRef
from smf_helpers.workbook.participation import adopted_in, calendar, headcount

if TYPE_CHECKING:
    from smf_helpers.models.diffusion_intervals import Observed
    from smf_helpers.workbook.book import Workbook

PERIOD: Final = 4
"""Weeks in one interval of the adoption curve."""

SUPPORTED: Final = 4.0
"""Difference in AICc from which dated shocks are kept in the curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """New adopters of the whole organisation in intervals.

    Attributes
    ----------
    new : adopters, or increments of a share. ends : last day of each interval.
    origin : day before the first interval. people : eligible people; those asked, for a survey.
    ceiling : what the cumulative series is divided by. group : the people behind it.
    """

    new: npt.NDArray[np.float64]
    ends: npt.NDArray[np.datetime64]
    origin: np.datetime64
    people: int
    ceiling: float
    group: tuple[GroupRef, ...]


def series(book: "Workbook") -> Series | None:
    """Give the client's adoption series by the rule of the params; None where there are no data for it."""
    return book.once("adoption series", lambda: _series(book))


def _series(book: "Workbook") -> Series | None:
    if book.params.adoption.source == "survey":
        return _survey_series(book)
    laid, people = calendar(book), headcount(book)
    if not len(laid.weeks) or not people:
        return None
    when = adopted_in(book).dropna().to_numpy().astype("datetime64[D]")
    origin = laid.weeks[0] - 1
    periods = len(laid.weeks) // PERIOD
    ends = origin + 7 * PERIOD * np.arange(1, periods + 1)
    inside = np.searchsorted(ends, when)
    new = np.bincount(inside, minlength=periods + 1)[:periods].astype(float)
    return Series(
        new=new, ends=ends, origin=origin, people=people, ceiling=float(people), group=book.group("people")
    )


def _survey_series(book: "Workbook") -> Series | None:
    rule = book.params.adoption
    answers = book.rows("responses")
    answers = answers[(answers["item"] == rule.item) & answers["value"].notna()]
    told = (answers["value"] >= rule.at_least).groupby(answers["wave"]).agg(["mean", "size"])
    waves = book.rows("waves").set_index("wave")
    order = [wave for wave in book.waves if wave in told.index]
    if not order:
        return None
    ends = waves.loc[order, "opened_on"].to_numpy().astype("datetime64[D]")
    shares = told.loc[order, "mean"].to_numpy(dtype=float)
    gap = np.median(np.diff(ends).astype(int)) if len(ends) > 1 else 1
    return Series(
        new=np.diff(shares, prepend=0.0),
        ends=ends,
        origin=ends[0] - int(gap),
        people=int(told.loc[order[-1], "size"]),
        ceiling=1.0,
        group=book.group(f"survey:{order[-1]}"),
    )


def adoption_fit(book: "Workbook") -> AdoptionFit | None:
    """Give the fitted law of adoption: Bass, with dated shocks where the counts clearly ask for them."""
    return book.once("adoption fit", lambda: _fit(book))


def saturates(fit: AdoptionFit) -> bool:
    """Say whether the fitted ceiling was estimated rather than the headcount."""
    return fit.method.endswith("m estimated")


def observed_series(book: "Workbook", found: Series) -> "Observed":
    """Give the series as the models read it."""
    from smf_helpers.models.diffusion_intervals import observe

    squares = book.params.adoption.source == "survey"
    return observe(found.new, times=found.ends, eligible=found.ceiling, origin=found.origin, squares=squares)


def _fit(book: "Workbook") -> AdoptionFit | None:
    from smf_helpers.models import fit_adoption
    from smf_helpers.models.diffusion_families import LAWS
    from smf_helpers.models.diffusion_selection import choose_ceiling

    found = series(book)
    if found is None:
        return None
    observed = observed_series(book, found)
    squares = observed.cells.squares
    known: dict[str, Any] = {
        "times": found.ends,
        "eligible": found.ceiling,
        "origin": found.origin,
        "seed": book.params.seed,
        "method": "squares" if squares else "likelihood",
    }
    if choose_ceiling(LAWS["bass"], observed).cells.eligible is None:
        # some never adopt, so the headcount is no ceiling
        return fit_adoption(found.new, **{**known, "eligible": None})
    plain = fit_adoption(found.new, **known)
    shocks = _shocks(book, found)
    if not shocks or plain.aicc is None:
        return plain
    bent = fit_adoption(found.new, shocks=shocks, **known)
    clear = bent.status in SHOWN and bent.aicc is not None and plain.aicc - bent.aicc > SUPPORTED
    bounded = bent.estimates["status"][bent.estimates["name"].str.startswith("factor:")].isin(SHOWN).all()
    return bent if clear and bounded else plain


def _shocks(book: "Workbook", found: Series) -> list[Shock]:
    """Give the organisation-wide interventions inside the series, those too close to be told apart left out."""
    deeds = book.rows("interventions")
    deeds = deeds[deeds["scope"].fillna("") == ""].sort_values("starts_on")
    shocks: list[Shock] = []
    last = found.origin
    for name, starts_on in zip(deeds["name"], deeds["starts_on"], strict=True):
        at = np.datetime64(starts_on, "D")
        apart = np.timedelta64(7 * PERIOD * 2, "D")
        if at - last >= apart and found.ends[-1] - at >= apart:
            shocks.append(Shock(name=str(name), at=at))
            last = at
    return shocks
