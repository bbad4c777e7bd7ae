"""What is shown: tables with typed columns, and what is proposed to the gate.

One shape serves both wings. On the private side a `Table` holds everything; `make_release` sends
`Proposal`s through the gate and gets back the same tables, rounded, with refused cells marked.
Findings, figures, pages, slides and sheets read `Table`s and nothing else, so they all agree, and a
sentence cannot contain a number that the gate has not passed.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import numpy as np
import numpy.typing as npt


class Kind(StrEnum):
    """What a column holds; the gate's rounding and minimum n depend on it."""

    KEY = "key"  # dimension: unit, wave, factor, stage, week, date, status, verdict
    TEXT = "text"  # words written by us or by the consultant, never by a respondent
    MEAN = "mean"  # mean on the answer scale, 1 decimal, n >= k
    SHARE = "share"  # share of people in [0, 1], whole percents, n >= 10
    COUNT = "count"  # n of people: bands below 20; of other things: exact
    INTERVAL = "interval"  # limit of an interval in the unit of its estimate, n >= 10, outwards
    STATISTIC = "statistic"  # correlation, regression weight, fitted parameter, forecast: n >= 30
    AMOUNT = "amount"  # of things that are not people: posts, euros, hours; never personal


class Mark(StrEnum):
    """Why a cell holds no number. The two marks say everything that may be said."""

    CONFIDENTIAL = "not shown (confidentiality)"
    UNSURE = "not enough to say"


Cell = float | int | str | bool | dt.date | None | Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a published table.

    Attributes
    ----------
    name : field name, the same in every output.
    kind : see `Kind`.
    unit : ``share``, ``scale points``, ``weeks``, ``people``, … or empty.
    decimals : decimals kept when released (shares are rounded as percents).
    about : one sentence a manager understands.
    personal : False where the number is not about people's answers or acts (posts, dates).
    of : for an INTERVAL column, the name of the column whose estimate it bounds.
    """

    name: str
    kind: Kind
    unit: str = ""
    decimals: int = 1
    about: str = ""
    personal: bool = True
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """The declaration of a published table: what one row is and what the columns mean.

    ``same_as`` names the table that holds the same figures broken down otherwise: the gate attacks both as one.
    """

    name: str
    title: str
    row: str
    columns: tuple[Column, ...]
    section: str = ""
    question: Literal[0, 1, 2, 3] = 0
    same_as: str = ""

    def column(self, name: str) -> Column:
        """Give the declared column of that name."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as findings, figures and pages see it.

    Attributes
    ----------
    spec : its declaration in the catalogue.
    rows : one tuple a row, in the order of ``spec.columns``.
    note : what must be said beside it (source, n, caveat), a sentence or two.
    reason : when there are no rows: why not, in words.
    """

    spec: TableSpec
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    reason: str = ""

    def records(self, **where: Cell) -> list[dict[str, Any]]:
        """Give the rows as dicts, those whose named columns equal the given values."""
        names = [column.name for column in self.spec.columns]
        rows = (dict(zip(names, row, strict=True)) for row in self.rows)
        return [row for row in rows if all(row[key] == value for key, value in where.items())]

    def column(self, name: str, **where: Cell) -> list[Cell]:
        """Give one column as a list, for the rows that match."""
        return [row[name] for row in self.records(**where)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The people behind a measurement: one survey wave, one platform, one skills test.

    Attributes
    ----------
    key : name such as ``survey:2026-1`` or ``activity:viva``; a wave is a population of its own.
    people : pseudonymous keys, each once.
    dimensions : dimension name → value for each person, aligned with `people`.
    headcounts : (dimension, value) pairs → known headcount, where the client knows it.
    snapshot : digest of (person, answers), by which a frozen wave is recognised.
    answers : digest of each person's answers, aligned with `people`; empty where there are none.
    """

    key: str
    people: npt.NDArray[np.str_]
    dimensions: dict[str, npt.NDArray[np.str_]]
    headcounts: dict[tuple[tuple[str, str], ...], int]
    snapshot: str = ""
    answers: tuple[str, ...] = ()


Dims = tuple[tuple[str, str], ...]
"""A group inside a population: sorted (dimension, value) pairs; empty for everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRef:
    """Which people a row is about: all that share `dims` in `population`.

    A row about several waves (a change, a curve) names one reference for each population.
    ``subset`` names a further group by its people, such as those who answered in both waves.
    """

    population: str
    dims: Dims = ()
    subset: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A table proposed for publication, with the people behind each row.

    Attributes
    ----------
    table : everything, unrounded.
    groups : for each row the groups it tells about; an empty tuple for rows not about people.
    counts : for each row the number of people with an answer to the measure (0 if not personal).
    measure : rows of one measure set share one hide pattern; the gate attacks measure by measure.
    """

    table: Table
    groups: tuple[tuple[GroupRef, ...], ...]
    counts: tuple[int, ...]
    measure: str = ""
