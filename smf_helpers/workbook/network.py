"""The network and the sources of adoption of one client, as proposed tables; no row is about one person."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from smf_helpers.results.core import SHOWN, Status
from smf_helpers.results.network import HazardFit
from smf_helpers.results.publication import Cell, Mark, Proposal
from smf_helpers.workbook.participation import adopted_in, headcount
from smf_helpers.workbook.people import eligible
from smf_helpers.workbook.proposing import Row, propose, proposes, quantity
from smf_helpers.workbook.survey import limits, number, rows_of

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

NO_NETWORK = "It is not known who answered whom; bring an export with replies and mentions."
NO_UNITS = "It is not known which unit people belong to; bring a people list with units."
NO_ACTIVITY = "There is no activity on an internal platform; bring its export."


def acts(book: "Workbook") -> "pd.DataFrame":
    """Give the interactions between people who could take part, up to the day to which data count."""
    rows, people = book.rows("interactions"), eligible(book)["person"]
    rows = rows[rows["source"].isin(people) & rows["target"].isin(people)]
    until = book.params.as_of
    if until is None:
        return rows
    return rows[rows["at"].isna() | (rows["at"].dt.date <= until)]


def adoption_dates(book: "Workbook") -> "pd.DataFrame":
    """Give every eligible person with the dates of joining, leaving and adopting."""
    people = eligible(book)
    when = adopted_in(book)
    wanted = [name for name in ("person", "unit", "joined_on", "left_on") if name in people]
    return people[wanted].assign(adopted_on=when.reindex(people["person"]).to_numpy())


def hazard_fit(book: "Workbook") -> HazardFit:
    """Fit once where adoption comes from."""
    from smf_helpers.models import fit_hazard

    return book.once("hazard fit", lambda: fit_hazard(**at_risk(book), seed=book.params.seed))


def at_risk(book: "Workbook") -> dict[str, Any]:
    """Give who could adopt and what came before them, as the models of adoption take it."""
    people, ties = adoption_dates(book), acts(book)
    first = people["adopted_on"].min()
    if "joined_on" in people and people["adopted_on"].notna().any():
        # whoever was there before the platform was could adopt from its first week on
        people = people.assign(joined_on=people["joined_on"].where(people["joined_on"] > first, first))
    return {
        "people": people,
        "exposure": ties if len(ties) else None,
        "campaigns": _executives(book),
        "until": book.rows("activity")["week"].max() if len(book.rows("activity")) else None,
    }


def _executives(book: "Workbook") -> "pd.DataFrame | None":
    """Give when executives joined in, from the interventions."""
    done = book.rows("interventions")
    joined = done[done["kind"] == "executive_joined"].sort_values("starts_on")
    if not len(joined):
        return None
    return joined[["starts_on"]].rename(columns={"starts_on": "at"}).assign(executives=1.0)


@proposes(
    "network",
    "network_summary",
    "mixing",
    "personas",
    "adopter_classes",
    "champions",
    "adoption_sources",
    "adoption_tests",
)
def propose_network(book: "Workbook") -> Iterator[Proposal]:
    """Propose the shape of the network, the personas, the classes of adopters and the sources of adoption."""
    from smf_helpers.measures.network_structure import (
        count_personas,
        measure_mixing,
        remove_champions,
        summarise_network,
    )

    people, ties = eligible(book), acts(book)
    listed = people["person"].tolist()
    whole = book.group("people")
    n = len(listed)
    figures = summarise_network(ties, listed) if len(ties) else {}
    rows = [quantity(name, estimate, whole) for name, estimate in figures.items()]
    note = "Of everybody who could take part; a tie that was not seen is not proof that there is none."
    yield propose("network_summary", rows, note=note, reason=NO_NETWORK)
    units = people.set_index("person")["unit"] if "unit" in people else None
    mixing = rows_of(measure_mixing(ties, units)) if units is not None and len(ties) else []
    yield propose(
        "mixing",
        [
            Row(
                cells={key: row[key] for key in ("source_unit", "target_unit", "share", "n")},
                groups=book.group("people", row["source_unit"]) + book.group("people", row["target_unit"]),
                count=int(row["n"]),
            )
            for row in mixing
        ],
        reason=NO_UNITS if len(ties) else NO_NETWORK,
    )
    personas = rows_of(count_personas(ties, listed)) if len(ties) else []
    yield propose(
        "personas",
        [
            Row(
                cells={
                    **{k: row[k] for k in ("persona", "share", "share_strict", "share_lenient", "n")},
                    **limits(row),
                },
                groups=whole,
                count=n,
            )
            for row in personas
        ],
        note="Sorted by stated cut-offs; the other shares double and halve the acts that make somebody active.",
        reason=NO_NETWORK,
    )
    yield _classes(book, n)
    left = remove_champions(ties, listed).to_dict("records") if len(ties) else []
    yield propose(
        "champions",
        [Row(cells=row, groups=whole, count=n) for row in left],
        note="What would remain of what was seen, if the most active people had not been there.",
        reason=NO_NETWORK,
    )
    yield from _sources(book, n)


def _classes(book: "Workbook", n: int) -> Proposal:
    from smf_helpers.measures.network import CLASSES, NOT_YET, adopter_classes
    from smf_helpers.measures.network_structure import share_interval

    when = adoption_dates(book)["adopted_on"]
    rows = []
    # who is on the headcount but never seen has not adopted yet
    n = max(n, headcount(book))
    if when.notna().any() and n:
        seen = (when - when.min()).dt.days.to_numpy(dtype=float, na_value=float("nan"))
        weeks = np.append(seen, np.full(n - len(seen), np.nan))
        found = adopter_classes(weeks).tolist()
        for name in (*CLASSES, NOT_YET):
            k = found.count(name)
            low, high = share_interval(k, n)
            cells: dict[str, Cell] = {"adopter_class": name, "share": k / n, "low": low, "high": high, "n": n}
            rows.append(Row(cells=cells, groups=book.group("people"), count=n))
    note = "By the share of the eligible that had adopted; the cuts are a convention, not a finding."
    return propose("adopter_classes", rows, note=note, reason=NO_ACTIVITY)


def _sources(book: "Workbook", n: int) -> Iterator[Proposal]:
    fit = hazard_fit(book) if len(book.rows("activity")) else None
    whole = book.group("people")
    shares = [] if fit is None else fit.shares.to_dict("records")
    tests = [] if fit is None else fit.tests.to_dict("records")
    failed = next((row["reason"] for row in tests if row["verdict"] == "fails"), "")
    yield propose(
        "adoption_sources",
        [Row(cells=_source(row, n, failed), groups=whole, count=n) for row in shares],
        note="Shares that the adoptions are consistent with; they are not proof of what brought them about.",
        reason=NO_ACTIVITY if fit is None else fit.reason,
    )
    yield propose(
        "adoption_tests",
        [
            Row(
                cells={
                    **{key: row[key] for key in ("test", "verdict", "reason", "n")},
                    "value": number(row["value"]),
                    "low": row["low"],
                    "high": row["high"],
                },
                groups=whole,
                count=n,
            )
            for row in tests
        ],
        reason=NO_NETWORK if fit is not None else NO_ACTIVITY,
    )


def _source(row: dict[str, Any], n: int, failed: str) -> dict[str, Cell]:
    """Give the cells of a source; the own network is not told where a test has knocked it down."""
    if row["source"] == "network" and failed:
        row = {**row, "status": Status.NOT_IDENTIFIED, "reason": failed}
    told = row["status"] in SHOWN
    return {
        "source": row["source"],
        "share": float(row["share"]) if told else Mark.UNSURE,
        **limits(row, told),
        "status": str(row["status"]),
        "reason": row["reason"],
        "n": n,
    }
