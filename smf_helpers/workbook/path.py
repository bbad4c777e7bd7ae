"""The development path of one client, as proposed tables."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from smf_helpers.framework import STAGES
from smf_helpers.results.core import SHOWN
from smf_helpers.results.path import PathFit
from smf_helpers.results.publication import Mark, Proposal
from smf_helpers.workbook.path_drivers import path_drivers
from smf_helpers.workbook.proposing import ALL, Row, propose, proposes
from smf_helpers.workbook.survey import all_waves, limits, number, rows_of, wave_group
from smf_helpers.workbook.survey_people import module

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

NO_STAGE = "The stage on the path was not asked."


def stages_seen(book: "Workbook") -> "pd.DataFrame":
    """Give who was at which stage in which wave: ``person, wave, unit, at, stage``.

    Without people who answered twice the waves are anonymous and the column ``person`` is left out.
    """
    answers = module(book, "stage")
    rows = answers.people[["wave", "respondent", "unit"]].rename(columns={"respondent": "person"})
    if not len(rows) or not len(answers.facets):
        return rows.assign(at=np.datetime64("NaT"), stage=None).iloc[:0]
    position = answers.position[:, 0]
    told = np.isfinite(position)
    place = np.rint(position[told] * (len(STAGES) - 1)).astype(int)
    opened = book.rows("waves").set_index("wave")["opened_on"]
    rows = rows[told].assign(stage=np.array(STAGES, dtype=object)[place])
    rows = rows.assign(at=rows["wave"].map(opened))
    known = book.rows("waves").set_index("wave")["key_kind"].to_dict()
    named = rows[rows["wave"].map(known) != "none"]
    followed = named["person"].duplicated(keep=False).any()
    return rows if followed else rows.drop(columns="person")


def path_fit(book: "Workbook") -> PathFit:
    """Fit the path once: moves where people can be followed, else shares at waves."""
    from smf_helpers.models import fit_path

    return book.once("path fit", lambda: fit_path(stages_seen(book)))


TABLES = ("path_occupancy", "path_flows", "path_time", "path_outlook", "path_drivers")


@proposes("path", *TABLES)
def propose_path(book: "Workbook") -> Iterator[Proposal]:
    """Propose where people stand on the path, how they move, for how long they stay, and what went with it."""
    seen = stages_seen(book)
    if not len(seen):
        for name in TABLES:
            yield propose(name, [], reason=NO_STAGE)
        return
    fit = path_fit(book)
    yield _occupancy(book, seen)
    moves = [
        Row(
            cells={
                **{key: row[key] for key in ("from_stage", "to_stage", "n", "reason")},
                "rate": number(row["rate"]),
                "rate_low": _side(row["low"]),
                "rate_high": _side(row["high"]),
                "status": str(row["status"]),
            },
            groups=all_waves(book),
            count=fit.n_people,
        )
        for row in rows_of(fit.rates)
    ]
    note = "Moves between two waves are reckoned with; a rate rests on ten observed moves or more."
    yield propose("path_flows", moves, note=note, reason=fit.reason or "Nobody moved.")
    yield _times(book, fit)
    outlook = [
        Row(
            cells={
                "stage": row["stage"],
                "months": row["months"],
                "probability": number(row["value"]),
                "probability_low": _side(row["low"]),
                "probability_high": _side(row["high"]),
                "status": str(row["status"]),
                "reason": row["reason"],
                "n": fit.n_people,
            },
            groups=all_waves(book),
            count=fit.n_people,
        )
        for row in fit.reach.to_dict("records")
    ]
    yield propose("path_outlook", outlook, note="If people go on as they did.", reason=fit.reason)
    yield _drivers(book, seen, fit)


def _times(book: "Workbook", fit: PathFit) -> Proposal:
    rows = [
        Row(
            cells={
                "stage": row["stage"],
                "time": _months(row["value"]) if row["status"] in SHOWN else Mark.UNSURE,
                "time_low": _months(row["low"]),
                "time_high": _months(row["high"]),
                "n": int(row["n"]),
                "status": str(row["status"]),
                "reason": row["reason"],
            },
            groups=all_waves(book),
            count=fit.n_people,
        )
        for row in fit.sojourn.to_dict("records")
    ]
    note = "Mean time from coming to a stage to the next move, onward or back, at the pace between the waves."
    return propose("path_time", rows, note=note, reason=fit.reason or "Nobody moved.")


def _months(years: float) -> float | None:
    return 12.0 * float(years) if years == years else None  # NaN is not equal to itself


def _drivers(book: "Workbook", seen: "pd.DataFrame", fit: PathFit) -> Proposal:
    rows = [
        Row(
            cells={
                **{key: row[key] for key in ("kind", "direction", "n", "reason")},
                "ratio": Mark.UNSURE if row["ratio"] is None else float(row["ratio"]),
                "ratio_low": row["low"],
                "ratio_high": row["high"],
                "status": str(row["status"]),
            },
            groups=all_waves(book),
            count=fit.n_people,
        )
        for row in path_drivers(seen, book.rows("interventions"))
    ]
    note = "Pace of moving with it as a multiple of the pace without it; consistent with it, not proof of it."
    absent = "No policy, owner or executives' joining is dated among the interventions."
    return propose("path_drivers", rows, note=note, reason=absent)


def _side(value: float) -> float | Mark | None:
    return float(value) if value == value else None  # NaN is not equal to itself


def _occupancy(book: "Workbook", seen: "pd.DataFrame") -> Proposal:
    from smf_helpers.models import observe_stages

    parts = {ALL: seen, **dict(iter(seen.groupby("unit")))}
    units = [ALL, *(unit for unit in book.units if unit in parts)]
    days = seen[["at", "wave"]].drop_duplicates()
    wave_of = {str(at)[:10]: wave for at, wave in zip(days["at"], days["wave"], strict=True)}
    rows = []
    for unit in units:
        for row in rows_of(observe_stages(parts[unit])):
            day = str(row["at"])[:10]
            rows.append(
                Row(
                    cells={
                        "at": day,
                        "unit": unit,
                        "stage": row["stage"],
                        "share": number(row["share"]),
                        **limits(row),
                        "n": row["n"],
                    },
                    groups=wave_group(book, wave_of[day], unit),
                    count=int(row["n"]),
                )
            )
    return propose("path_occupancy", rows, note="Of those who answered in the wave.", reason=NO_STAGE)
