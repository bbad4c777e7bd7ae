"""Clients side by side: from their releases to benchmarks that tell about no single one of them.

Only numbers that passed each client's own gate go in. Over all clients, and over the others of each client, a
measure is pooled (see `pooling`) and told where the rules of `privacy.portfolio` allow it; a client's own page
shows its own published number beside the others, and what quarter of them it stands in.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from smf_helpers.figures import Reader
from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.privacy.portfolio import members_may_change, portfolio_refusal
from smf_helpers.privacy.rounding import n_bounds
from smf_helpers.privacy.rules import (
    PORTFOLIO_CLIENTS,
    PORTFOLIO_LARGEST,
    PORTFOLIO_MEMBERS_CHANGE,
    PORTFOLIO_RESPONDENTS,
    PORTFOLIO_TWO_LARGEST,
)
from smf_helpers.release.file import open_release, save_release
from smf_helpers.release.pooling import QUARTER, Pooled, pool
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.claims import Evidence, Finding
from smf_helpers.results.publication import Cell, Mark, Table
from smf_helpers.results.released import Brand, Release

ALL: Final = "all"
OVER_ALL: Final = "portfolio"
"""Name of the view over all clients; no client may have it."""
MEMBERS: Final = "members.json"
SURE: Final = 0.8
"""Chance from which a place among the others is told."""

RULES: Final = {
    "organisations_least": str(PORTFOLIO_CLIENTS),
    "respondents_least": str(PORTFOLIO_RESPONDENTS),
    "largest_at_most": f"{PORTFOLIO_LARGEST:.0%}",
    "two_largest_at_most": f"{PORTFOLIO_TWO_LARGEST:.0%}",
    "members_least_change": str(PORTFOLIO_MEMBERS_CHANGE),
}
"""What held for a comparison, told with it."""

_Z: Final = 1.959964
KEPT: Final = "Kept from the earlier comparison: fewer than three organisations came or went."


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something that organisations can be compared by: one published number of each.

    Attributes
    ----------
    table, where, column : the row and column of the client's release; ``latest`` names a wave or date column.
    unit : unit of the value in the comparison; shares are told in percent.
    scale : a difference that would be large between organisations.
    better : 1 where more is better, -1 where less is.
    """

    key: str
    table: str
    where: Mapping[str, str]
    column: str
    unit: str
    scale: float
    latest: str = ""
    factor: float = 1.0
    better: int = 1
    decimals: int = 1


MEASURES: Final = (
    *(
        Measure(
            key=key, table="factors", where={"unit": ALL, "factor": key}, latest="wave", column="mean",
            unit="scale points", scale=0.5,
        )
        for key in FACTOR_KEYS
    ),
    Measure(
        key="recommendation", table="recommendation", where={"unit": ALL}, latest="wave", column="value",
        unit="points", scale=20, decimals=0,
    ),
    Measure(
        key="customer", table="path_occupancy", where={"unit": ALL, "stage": "customer"}, latest="at",
        column="share", unit="percent", scale=15, factor=100, decimals=0,
    ),
    Measure(
        key="share_now", table="adoption_summary", where={"quantity": "share_now"}, column="value",
        unit="percent", scale=20, factor=100, decimals=0,
    ),
    Measure(
        key="half_life", table="learning_summary", where={"quantity": "half_life"}, column="value",
        unit="weeks", scale=3, better=-1,
    ),
)  # fmt: skip
"""What organisations are compared by, in reading order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One organisation's published number: value, interval, standard error, and how many people it may rest on."""

    value: float
    low: float
    high: float
    error: float
    people: tuple[int, int]


Numbers = Mapping[str, Mapping[str, Own]]
"""measure → client → number."""

Members = dict[str, dict[str, dict[str, Any]]]
"""view → measure → the clients in it and the row that was released."""


def write_portfolio(releases: str | Path, out: str | Path, clients: Iterable[str]) -> list[Path]:
    """Compare all clients whose releases lie in a folder, and save what may be told.

    Parameters
    ----------
    releases : folder of release files, one a client.
    out : private folder, with a folder for each page in it; it remembers who was compared last time.
    clients : whom to compare, of those who have a release.

    Returns
    -------
    The files, that over all clients first; a client that cannot be compared has none.
    """
    target = Path(out)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    remembered = target / MEMBERS
    before = json.loads(remembered.read_text(encoding="utf-8")) if remembered.is_file() else {}
    paths = (Path(releases) / f"{client}.json" for client in sorted(clients))
    compared, members = compare_releases([open_release(path) for path in paths if path.is_file()], before)
    made = {view: release for view, release in compared.items() if view == OVER_ALL or _placed(release)}
    for stale in {path for path in target.iterdir() if path.is_dir()} - {target / view for view in made}:
        shutil.rmtree(stale)
    saved = [save_release(release, target / view / "release.json") for view, release in made.items()]
    remembered.write_text(json.dumps(members, indent=1, sort_keys=True), encoding="utf-8")
    return saved


def _placed(release: Release) -> bool:
    """Say whether a client stands anywhere among the others."""
    return any(release.tables["standing"].column("quarter"))


def compare_releases(
    releases: Iterable[Release], before: Mapping[str, Any] | None = None
) -> tuple[dict[str, Release], Members]:
    """Compare clients by their releases: one release over all, one for each client beside the others.

    Parameters
    ----------
    releases : one a client.
    before : what the last comparison remembered; a benchmark whose members changed by one or two is kept.

    Returns
    -------
    view → release (that over all first, then client by client), and what to remember.
    """
    readers = {release.client: Reader(release) for release in releases}
    numbers: Numbers = {
        measure.key: {
            client: own
            for client, reader in readers.items()
            if (own := own_number(reader, measure)) is not None
        }
        for measure in MEASURES
    }
    earlier = before or {}
    made: dict[str, Release] = {}
    # What was told once is remembered for good: a comparison that pauses must not forget whom it was about.
    members: Members = {view: dict(told) for view, told in earlier.items()}
    for view in (OVER_ALL, *readers):
        table, now, pooled = _benchmark(numbers, view, earlier.get(view, {}))
        members[view] = {**members.get(view, {}), **now}
        made[view] = (
            _over_all(readers, table) if view == OVER_ALL else _beside(readers[view], numbers, table, pooled)
        )
    return made, members


def own_number(reader: Reader, measure: Measure) -> Own | None:
    """Give the number of one client's release, where it is published with its interval for enough people."""
    rows = reader.rows(measure.table, **measure.where)
    if measure.latest and rows:
        last = reader.latest(measure.table, measure.latest)
        rows = [row for row in rows if row[measure.latest] == last]
    for row in rows:
        value = reader.number(row, measure.column)
        low, high = reader.interval(row, measure.column)
        people = n_bounds(row.get("n"))
        if value is None or low is None or high is None or not PORTFOLIO_RESPONDENTS <= people[0] < 10**8:
            return None
        rounding = 10.0 ** -reader.column(measure.table, measure.column).decimals
        error = max((high - low) / (2 * _Z), rounding / 12**0.5)
        known = (value, low, high, error)
        value, low, high, error = (part * measure.factor for part in known)
        return Own(value=value, low=low, high=high, error=error, people=people)
    return None


def _benchmark(
    numbers: Numbers, view: str, before: Mapping[str, Any]
) -> tuple[Table, dict[str, dict[str, Any]], dict[str, Pooled]]:
    """Make the benchmark of one view: every client, or the others of one."""
    rows: list[tuple[Cell, ...]] = []
    members: dict[str, dict[str, Any]] = {}
    pooled: dict[str, Pooled] = {}
    for measure in MEASURES:
        others = {client: own for client, own in numbers[measure.key].items() if client != view}
        refused = portfolio_refusal({client: own.people for client, own in others.items()})
        if refused:
            rows.append(
                (measure.key, len(others), *[Mark.UNSURE] * 6, measure.unit, "insufficient_data", refused)
            )
            continue
        known = before.get(measure.key)
        if known and not members_may_change(known["members"], list(others)):
            members[measure.key] = dict(known)
            row = tuple(known["row"])
            pooled[measure.key] = _as_told(row)
            rows.append((*row[:-1], KEPT))
            continue
        found = pool(
            [own.value for own in others.values()],
            [own.error for own in others.values()],
            scale=measure.scale,
        )
        pooled[measure.key] = found
        row = _row(measure, others, found)
        members[measure.key] = {"members": sorted(others), "row": list(row)}
        rows.append(row)
    return Table(spec=CATALOGUE["benchmark"], rows=tuple(rows)), members, pooled


def _row(measure: Measure, others: Mapping[str, Own], found: Pooled) -> tuple[Cell, ...]:
    def told(value: float) -> float:
        return round(value, measure.decimals) + 0.0

    people = sum(own.people[0] for own in others.values()) // 10 * 10
    places = (found.border(), *found.interval(), found.border(-QUARTER), found.border(QUARTER))
    return (measure.key, len(others), people, *map(told, places), measure.unit, "ok", "")


def _as_told(row: tuple[Cell, ...]) -> Pooled:
    """Take a benchmark that was told before as what is known of the others."""
    middle, low, high, quarter_low, quarter_high = (float(cell) for cell in row[3:8])  # type: ignore[arg-type]
    return Pooled(
        spreads=np.array([max((quarter_high - quarter_low) / (2 * QUARTER), 1e-6)]),
        weights=np.array([1.0]),
        centres=np.array([middle]),
        variances=np.array([((high - low) / (2 * _Z)) ** 2]),
    )


def _over_all(readers: Mapping[str, Reader], table: Table) -> Release:
    dates = sorted(reader.release.as_of for reader in readers.values())
    return Release(
        client="portfolio",
        name="Portfolio",
        language="en",
        as_of=dates[-1] if dates else "",
        brand=Brand(),
        tables={"benchmark": table},
        method={"organisations": str(len(readers))},
        audit=RULES,
    )


def _beside(reader: Reader, numbers: Numbers, benchmark: Table, pooled: Mapping[str, Pooled]) -> Release:
    """Put one client's own published numbers beside those of the others."""
    release = reader.release
    others = {row["measure"]: row for row in benchmark.records()}
    rows = [
        _standing(measure, numbers[measure.key].get(release.client), others[measure.key], pooled)
        for measure in MEASURES
    ]
    standing = Table(spec=CATALOGUE["standing"], rows=tuple(rows))
    return Release(
        client=release.client,
        name=release.name,
        language=release.language,
        as_of=release.as_of,
        brand=replace(release.brand, title=reader.text("Compared with others"), greeting="", template=""),
        tables={"standing": standing},
        findings=tuple(_claims(reader, standing)),
        profile=release.profile,
        minimum=release.minimum,
        audit=RULES,
    )


def _standing(
    measure: Measure, own: Own | None, others: Mapping[str, Any], pooled: Mapping[str, Pooled]
) -> tuple[Cell, ...]:
    beside = [others[name] for name in ("value", "low", "high", "quarter_low", "quarter_high", "clients")]
    if own is None:
        reason = "This organisation has no such number from ten respondents or more."
        status = ("insufficient_data", reason)
        return (measure.key, *[Mark.UNSURE] * 3, *beside, "", None, measure.unit, *status)
    told = [round(part, measure.decimals) + 0.0 for part in (own.value, own.low, own.high)]
    quarter, chance = "", None
    if measure.key in pooled:
        quarter, sure = place_among(pooled[measure.key], own, measure.better)
        chance = round(sure, 2)
    return (measure.key, *told, *beside, quarter, chance, measure.unit, "ok", others["reason"])


def place_among(others: Pooled, own: Own, better: int = 1) -> tuple[str, float]:
    """Say where an organisation stands among the others, as narrowly as is sure, and how sure."""
    above = {at: others.chance_above(own.value, own.error, at) for at in (-QUARTER, 0.0, QUARTER)}
    words = ("best quarter", "better half", "weaker half", "last quarter")
    good, well, badly, worst = (
        (above[QUARTER], above[0.0], 1 - above[0.0], 1 - above[-QUARTER])
        if better > 0
        else (1 - above[-QUARTER], 1 - above[0.0], above[0.0], above[QUARTER])
    )
    chances = dict(zip(words, (good, well, badly, worst), strict=True))
    for word in ("best quarter", "last quarter", "better half", "weaker half"):
        if chances[word] >= SURE:
            return word, chances[word]
    return "not told apart", 1 - max(well, badly)


def _claims(reader: Reader, standing: Table) -> Iterable[Finding]:
    said = {
        "best quarter": reader.text("like the best quarter of comparable organisations"),
        "last quarter": reader.text("like the last quarter of comparable organisations"),
    }
    for row in standing.records():
        if row["quarter"] not in said:
            continue
        best = row["quarter"] == "best quarter"
        yield Finding(
            key=f"standing:{row['measure']}",
            kind="standing",
            question=1,
            claim=f"{reader.label(row['measure'])}: {said[str(row['quarter'])]}.",
            evidence=(
                Evidence(
                    table="standing",
                    where=(("measure", str(row["measure"])),),
                    text=reader.text("{chance} sure", chance=reader.language.percent(float(row["chance"]))),
                ),
            ),
            grade="measured",
            overturn=reader.text("A next wave, or other organisations in the comparison."),
            caveat=reader.text(
                "Organisations differ in more than their culture: compare what is comparable."
            ),
            tone="good" if best else "bad",
            weight=float(row["chance"]) + (row["measure"] == "learning_culture"),
        )
