"""Adoption of one client as proposed tables: the curve, its figures, earlier forecasts, and the units."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.results.adoption import AdoptionFit, AdoptionUnits
from smf_helpers.results.core import SHOWN, Estimate, Status, refused
from smf_helpers.results.publication import Mark, Proposal
from smf_helpers.workbook.adoption_fit import PERIOD, Series, adoption_fit, observed_series, saturates, series
from smf_helpers.workbook.participation import absent, adopted_in, calendar
from smf_helpers.workbook.people import eligible
from smf_helpers.workbook.proposing import ALL, Row, estimated, propose, proposes, quantity

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

AHEAD: Final = 26
"""Weeks of forecast, and of the earlier forecast held against what came."""

WEEKS_A_YEAR: Final = 52


@proposes("adoption", "adoption_curve", "adoption_summary", "adoption_backtest")
def propose_adoption(book: "Workbook") -> Iterator[Proposal]:
    """Propose the adoption curve, its figures and the earlier forecasts."""
    found, fit = series(book), adoption_fit(book)
    if found is None or fit is None:
        why = absent(book)
        for name in ("adoption_curve", "adoption_summary", "adoption_backtest"):
            yield propose(name, (), reason=why, measure="adoption")
        return
    rule = "adopters are counted by the client's own rule; who has not adopted counts as still waiting"
    untold = "" if fit.status in SHOWN else f" {fit.reason}"
    yield propose(
        "adoption_curve", _curve_rows(found, fit), note=f"{fit.method}; {rule}.{untold}", measure="adoption"
    )
    yield propose("adoption_summary", _summary_rows(book, found, fit), note=fit.reason, measure="adoption")
    rows = _backtest_rows(book, found)
    yield propose(
        "adoption_backtest",
        rows,
        note="Each forecast saw only what was known on the day it was made.",
        reason="The series is too short to have made an earlier forecast.",
        measure="adoption",
    )


def _curve_rows(found: Series, fit: AdoptionFit) -> Iterator[Row]:
    told = fit.status in SHOWN
    for at, observed, fitted, low, high in fit.curve.itertuples(index=False):
        cells = {
            "at": _day(at),
            "unit": ALL,
            "observed": observed / found.ceiling,
            "fitted": fitted / found.ceiling if told else Mark.UNSURE,
            "low": max(low / found.ceiling, 0.0) if told else None,
            "high": min(high / found.ceiling, 1.0) if told else None,
            "phase": "observed",
            "n": found.people,
        }
        yield Row(cells=cells, groups=found.group, count=found.people)
    ahead = fit.forecast(AHEAD) if told else None
    for row in () if ahead is None else ahead.itertuples(index=False):
        if row.value != row.value:
            continue
        cells = {
            "at": _day(row.at),
            "unit": ALL,
            "observed": None,
            "fitted": row.value / found.ceiling,
            "low": max(row.low / found.ceiling, 0.0),
            "high": min(row.high / found.ceiling, 1.0),
            "phase": "forecast",
            "n": found.people,
        }
        yield Row(cells=cells, groups=found.group, count=found.people)


def _day(at: Any) -> str:
    return str(np.datetime64(at, "D"))


def _summary_rows(book: "Workbook", found: Series, fit: AdoptionFit) -> Iterator[Row]:
    from smf_helpers.measures.practice import share_of_people

    now = float(np.nansum(found.new)) / found.ceiling
    share = share_of_people(round(now * found.people), found.people)
    yield quantity("share_now", share, found.group)
    staggered = _staggered(book)
    if staggered:
        yield from _typical_rows(book, found)
    for row in fit.estimates.itertuples(index=False):
        if row.name == "scatter" or (row.name == "m" and not saturates(fit)):
            continue
        if staggered and row.name in ("p", "q"):
            continue
        # the ceiling is told as a share of the headcount, rates by the year: readable in two decimals
        per = found.ceiling if row.name == "m" else 1 / WEEKS_A_YEAR if row.name in ("p", "q") else 1.0
        value, low, high = (None if x != x else float(x) / per for x in (row.value, row.low, row.high))
        if row.name == "m" and value is not None:
            # as many have adopted already, and no more people are there
            low, high = max(low or 0.0, min(now, value)), min(high or 1.0, max(1.0, value))
        estimate = Estimate(
            value=value,
            low=low,
            high=high,
            status=Status(row.status),
            reason=row.reason,
            n=found.people,
            unit="share" if row.name == "m" else _unit(row.name, row.unit),
            method=fit.method,
        )
        yield quantity("ceiling" if row.name == "m" else row.name, estimate, found.group)
    if not len(fit.estimates) and not staggered:
        for name in ("p", "q"):
            yield quantity(
                name, Estimate(value=None, status=fit.status, reason=fit.reason, n=found.people), found.group
            )


def _staggered(book: "Workbook") -> bool:
    """Say whether units joined the roll-out on different dates: then the whole curve tells the roll-out, not p and q."""
    if book.params.adoption.source == "survey":
        return False
    return book.rows("units")["joined_rollout_on"].nunique() > 1


def _typical_rows(book: "Workbook", found: Series) -> Iterator[Row]:
    """Give push and imitation of the typical unit, counted from the day on which it joined."""
    units = units_fit(book)
    for name in ("p", "q"):
        rate = refused(Status.NOT_IDENTIFIED, _ONE_BY_ONE) if units is None else units.typical[name]
        scaled = {
            side: None if (value := getattr(rate, side)) is None else value * WEEKS_A_YEAR
            for side in ("value", "low", "high")
        }
        told = replace(rate, **scaled, unit="per year", n=found.people)  # type: ignore[arg-type]
        yield quantity(f"unit_{name}", told, found.group)


_ONE_BY_ONE: Final = "Units that join the roll-out one after another make a curve that looks like imitation."


def _unit(name: str, unit: str) -> str:
    if name.endswith("_at"):
        return "weeks since the start"
    if name in ("p", "q"):
        return "per year"
    return "times the pace before" if name.startswith("factor:") else unit or "share"


def _backtest_rows(book: "Workbook", found: Series) -> list[Row]:
    from smf_helpers.models.diffusion_families import LAWS
    from smf_helpers.models.forecast import back_test

    observed = observed_series(book, found)
    steps = 1 if observed.cells.squares else max(round(AHEAD / PERIOD), 1)
    told = back_test(LAWS["bass"], observed, steps=steps, seed=book.params.seed)
    rows = []
    for row in told.itertuples(index=False):
        seen = row.verdict != "no skill"
        cells = {
            "made_on": _day(row.made_at),
            "for_date": _day(row.for_at),
            "predicted": row.predicted / found.ceiling if seen else Mark.UNSURE,
            "predicted_low": max(row.low / found.ceiling, 0.0) if seen else None,
            "predicted_high": min(row.high / found.ceiling, 1.0) if seen else None,
            "observed": row.observed / found.ceiling,
            "verdict": row.verdict,
            "skill": row.skill,
            "n": found.people,
        }
        rows.append(Row(cells=cells, groups=found.group, count=found.people))
    return rows


@proposes("adoption_units", "adoption_units")
def propose_units(book: "Workbook") -> Iterator[Proposal]:
    """Propose adoption by unit, rates pooled over the units."""
    fit = units_fit(book)
    if fit is None:
        why = "Adoption by unit needs activity, a people list with units, and headcounts."
        yield propose("adoption_units", (), reason=why)
        return
    yield propose(
        "adoption_units",
        _unit_rows(book, fit),
        note="Weeks count from the day on which the unit joined the roll-out; p and q are pooled over the units.",
    )


def unit_counts(book: "Workbook") -> "pd.DataFrame | None":
    """Give new adopters of each unit in intervals of four weeks since it joined the roll-out."""
    import pandas as pd

    people, laid = eligible(book), calendar(book)
    if "unit" not in people or not len(laid.weeks):
        return None
    unit = people.set_index("person")["unit"]
    when = adopted_in(book).dropna()
    joined = book.rows("units").set_index("unit")["joined_rollout_on"]
    waiting = book.rows("units")["joined_rollout_on"].notna().any()
    last = laid.weeks[-1] + 7
    rows = []
    for name in [name for name in book.units if name in book.headcounts]:
        start = joined.get(name)
        if pd.isna(start):
            if waiting:
                continue
            start = laid.weeks[0]
        begin = np.datetime64(start, "D")
        periods = int((last - begin).astype(int) // (7 * PERIOD))
        mine = when[when.index.map(unit).to_numpy() == name].to_numpy().astype("datetime64[D]")
        # who took part before the unit joined counts in its first interval
        inside = np.maximum((mine - begin).astype(int) // (7 * PERIOD), 0)
        new = np.bincount(inside[inside < periods], minlength=max(periods, 0))
        rows += [(name, PERIOD * j, PERIOD * (j + 1), int(n)) for j, n in enumerate(new)]
    return pd.DataFrame(rows, columns=["unit", "after", "by", "new"])


def units_fit(book: "Workbook") -> "AdoptionUnits | None":
    """Fit the units once, their rates pooled; None where there is nothing to count in them."""
    import pandas as pd

    from smf_helpers.models import fit_adoption_units

    def make() -> "AdoptionUnits | None":
        counts = unit_counts(book)
        if counts is None or not len(counts):
            return None
        people = pd.Series({unit: n for unit, n in book.headcounts.items() if unit != ALL})
        adopters = counts.groupby("unit")["new"].sum()
        return fit_adoption_units(counts, people.clip(lower=adopters.reindex(people.index).fillna(0)))

    return book.once("adoption units", make)


def _unit_rows(book: "Workbook", fit: "AdoptionUnits") -> Iterator[Row]:
    from smf_helpers.measures.practice import share_of_people

    found = fit.units.set_index("unit")
    for name in book.units:
        if name not in found.index:
            continue
        row = found.loc[name]
        told = Status(row["status"]) in SHOWN
        share = share_of_people(int(row["adopters"]), int(row["n"]))
        yield Row(
            cells={
                "unit": name,
                **estimated(share, "share"),
                **{
                    rate: row[rate] * WEEKS_A_YEAR if told and row[rate] > 0 else Mark.UNSURE
                    for rate in ("p", "q")
                },
                "status": row["status"],
                "reason": row["reason"],
                "n": int(row["n"]),
            },
            groups=book.group("people", name),
            count=int(row["n"]),
        )
