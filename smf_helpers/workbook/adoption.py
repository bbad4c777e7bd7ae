"""Adoption and participation of one client, as proposed tables.

What counts as adopting is the rule of the params, applied here and nowhere else: on the internal platform, so many
weeks with so many actions; in the survey, an answer of at least so much. The denominator is the headcount.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.results.adoption import AdoptionFit, Shock
from smf_helpers.results.core import SHOWN, Estimate, Status
from smf_helpers.results.publication import GroupRef, Mark, Proposal
from smf_helpers.workbook.people import eligible
from smf_helpers.workbook.proposing import ALL, Row, estimated, propose, proposes, quantity

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.measures.practice import Calendar
    from smf_helpers.workbook.book import Workbook

PERIOD: Final = 4
"""Weeks in one interval of the adoption curve."""

AHEAD: Final = 26
"""Weeks of forecast, and of the earlier forecast held against what came."""

SUPPORTED: Final = 4.0
"""Difference in AICc from which dated shocks are kept in the curve."""

_NO_ACTIVITY: Final = "There is no activity on an internal platform; bring its export."

WEEKS_A_YEAR: Final = 52


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


def calendar(book: "Workbook") -> "Calendar":
    """Give the actions of the eligible on gapless calendar weeks, up to the day to which data count."""
    from smf_helpers.measures.practice import lay_out

    def make() -> "Calendar":
        rule = book.params.adoption
        people = eligible(book)["person"]
        rows = book.rows("activity")
        rows = rows[rows["actor"].isin(people)]
        until = book.params.as_of
        if until is not None:
            rows = rows[rows["week"] <= np.datetime64(until)]
        return lay_out(rows, actions=rule.actions, platform=rule.platform, until=until if len(rows) else None)

    return book.once("calendar", make)


def adopted_in(book: "Workbook") -> "pd.Series[Any]":
    """Give for every actor the Monday of the week in which the rule of adoption was met; missing if not yet."""
    import pandas as pd

    laid, rule = calendar(book), book.params.adoption
    met = np.cumsum(laid.active(rule.at_least), axis=1) >= max(rule.weeks, 1)
    first = met.argmax(axis=1) if met.size else np.zeros(len(met), int)
    nobody = np.array([], dtype="datetime64[D]")
    weeks = np.where(met.any(axis=1), laid.weeks[first], np.datetime64("NaT")) if met.size else nobody
    return pd.Series(weeks, index=laid.actors, dtype="datetime64[us]")


def headcount(book: "Workbook") -> int:
    """Give how many people could take part: the headcount or the people list; 0 where neither is known.

    Those who were seen are never the denominator: adoption divided by the adopters is always complete.
    """
    listed = len(eligible(book)) if len(book.rows("people")) else 0
    return max(book.headcounts.get(ALL, 0), listed)


def _absent(book: "Workbook") -> str:
    """Say why there is no adoption to tell."""
    if book.params.adoption.source == "survey":
        return "No wave asked about adopting."
    if len(calendar(book).weeks) and not headcount(book):
        return "How many people could take part is not known; bring a people list, or give the headcount."
    return _NO_ACTIVITY


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


def _fit(book: "Workbook") -> AdoptionFit | None:
    from smf_helpers.models import fit_adoption

    found = series(book)
    if found is None:
        return None
    known: dict[str, Any] = {
        "times": found.ends,
        "eligible": found.ceiling,
        "origin": found.origin,
        "seed": book.params.seed,
        "method": "squares" if book.params.adoption.source == "survey" else "likelihood",
    }
    plain = fit_adoption(found.new, **known)
    free = fit_adoption(found.new, **{**known, "eligible": None})
    m = free.estimates[free.estimates["name"] == "m"]
    if free.status in SHOWN and len(m) and float(m["high"].iloc[0]) < found.ceiling:
        # the counts exclude that everybody will adopt: some never do, so the headcount is no ceiling
        return free
    shocks = _shocks(book, found)
    if not shocks or plain.aicc is None:
        return plain
    bent = fit_adoption(found.new, shocks=shocks, **known)
    spread = max(_value(plain, "dispersion") or 1.0, 1.0)
    clear = bent.status in SHOWN and bent.aicc is not None and plain.aicc - bent.aicc > SUPPORTED * spread
    bounded = bent.estimates["status"][bent.estimates["name"].str.startswith("factor:")].isin(SHOWN).all()
    return bent if clear and bounded else plain


def _value(fit: AdoptionFit, name: str) -> float | None:
    row = fit.estimates[fit.estimates["name"] == name]
    return float(row["value"].iloc[0]) if len(row) and row["value"].notna().all() else None


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


@proposes("adoption", "adoption_curve", "adoption_summary", "adoption_backtest")
def propose_adoption(book: "Workbook") -> Iterator[Proposal]:
    """Propose the adoption curve, its figures and the earlier forecasts."""
    found, fit = series(book), adoption_fit(book)
    if found is None or fit is None:
        why = _absent(book)
        for name in ("adoption_curve", "adoption_summary", "adoption_backtest"):
            yield propose(name, (), reason=why, measure="adoption")
        return
    rule = "adopters are counted by the client's own rule; who has not adopted counts as still waiting"
    yield propose(
        "adoption_curve", _curve_rows(found, fit), note=f"{fit.method}; {rule}.", measure="adoption"
    )
    yield propose("adoption_summary", _summary_rows(found, fit), note=fit.reason, measure="adoption")
    rows = _backtest_rows(book, found, fit)
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


def _summary_rows(found: Series, fit: AdoptionFit) -> Iterator[Row]:
    from smf_helpers.measures.practice import share_of_people

    now = float(np.nansum(found.new)) / found.ceiling
    share = share_of_people(round(now * found.people), found.people)
    yield quantity("share_now", share, found.group)
    for row in fit.estimates.itertuples(index=False):
        if row.name == "dispersion" or (row.name == "m" and not saturates(fit)):
            continue
        # the ceiling is told as a share of the headcount, rates by the year: readable in two decimals
        per = found.ceiling if row.name == "m" else 1 / WEEKS_A_YEAR if row.name in ("p", "q") else 1.0
        value, low, high = (None if x != x else float(x) / per for x in (row.value, row.low, row.high))
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
    if not len(fit.estimates):
        for name in ("p", "q"):
            yield quantity(
                name, Estimate(value=None, status=fit.status, reason=fit.reason, n=found.people), found.group
            )


def _unit(name: str, unit: str) -> str:
    if name.endswith("_at"):
        return "weeks since the start"
    if name in ("p", "q"):
        return "per year"
    return "times the pace before" if name.startswith("factor:") else unit or "share"


def _backtest_rows(book: "Workbook", found: Series, fit: AdoptionFit) -> list[Row]:
    from smf_helpers.models.diffusion_families import LAWS
    from smf_helpers.models.diffusion_intervals import observe
    from smf_helpers.models.forecast import back_test

    squares = book.params.adoption.source == "survey"
    observed = observe(
        found.new,
        times=found.ends,
        eligible=None if saturates(fit) else found.ceiling,
        origin=found.origin,
        squares=squares,
    )
    steps = 1 if squares else max(round(AHEAD / PERIOD), 1)
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
    counts = unit_counts(book)
    if counts is None or not len(counts):
        why = "Adoption by unit needs activity, a people list with units, and headcounts."
        yield propose("adoption_units", (), reason=why)
        return
    yield propose(
        "adoption_units",
        _unit_rows(book, counts),
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


def _unit_rows(book: "Workbook", counts: "pd.DataFrame") -> Iterator[Row]:
    import pandas as pd

    from smf_helpers.measures.practice import share_of_people
    from smf_helpers.models import fit_adoption_units

    people = pd.Series({unit: n for unit, n in book.headcounts.items() if unit != ALL})
    adopters = counts.groupby("unit")["new"].sum()
    people = people.clip(lower=adopters.reindex(people.index).fillna(0))
    found = fit_adoption_units(counts, people).units.set_index("unit")
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
                "p": row["p"] * WEEKS_A_YEAR if told else Mark.UNSURE,
                "q": row["q"] * WEEKS_A_YEAR if told else Mark.UNSURE,
                "status": row["status"],
                "reason": row["reason"],
                "n": int(row["n"]),
            },
            groups=book.group("people", name),
            count=int(row["n"]),
        )


@proposes("participation", "participation", "sustain")
def propose_participation(book: "Workbook") -> Iterator[Proposal]:
    """Propose participation week by week, and whether it would go on by itself."""
    laid, people = calendar(book), headcount(book)
    if not len(laid.weeks) or not people:
        yield propose("participation", (), reason=_absent(book))
        yield propose("sustain", (), reason=_absent(book))
        return
    window = book.params.adoption.lapse_weeks
    grown = growth(book)
    group = book.group("people")
    rows = [
        Row(
            cells={
                "week": _day(row.week),
                "unit": ALL,
                **{name: getattr(row, name) / people for name in ("active", "new", "resurrected", "lapsed")},
                "depth": row.depth,
                "n": people,
            },
            groups=group,
            count=people,
        )
        for row in grown.itertuples(index=False)
    ]
    note = f"Active: at least one action in the last {window} weeks; lapsed: silent for longer."
    yield propose("participation", rows, note=note)
    from smf_helpers.models import estimate_sustain

    told = estimate_sustain(
        grown.rename(columns={"resurrected": "back"}),
        eligible=max(people, int(grown["ever"].max())),
        seed=book.params.seed,
    )
    yield propose(
        "sustain",
        [quantity(name, replace(estimate, n=people), group) for name, estimate in told.items()],
        note="From a model of joining, lapsing and coming back; consistent with imitation, not proof of it.",
    )


def growth(book: "Workbook") -> "pd.DataFrame":
    """Give the growth accounts of the whole organisation by the client's rule of lapsing."""
    from smf_helpers.measures.practice import account_growth

    rule = book.params.adoption
    return book.once(
        "growth", lambda: account_growth(calendar(book), window=rule.lapse_weeks, at_least=rule.at_least)
    )
