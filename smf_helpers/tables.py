"""The canonical tables: one declared schema each, and one check that reports every fault at once.

Tidy, one grain each. Readers produce them, measures consume them, nobody passes raw frames between
rooms. Keys are text; a person is a pseudonym; times are UTC, dates are local dates of the client.
`empty` gives a table without rows, `check` refuses what breaks the schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from smf_helpers.errors import Fault, TableError

if TYPE_CHECKING:
    import pandas as pd

Dtype = Literal["text", "number", "count", "flag", "date", "time"]

DTYPES: Final[dict[Dtype, str]] = {
    "text": "str",
    "number": "float64",
    "count": "Int64",
    "flag": "boolean",
    "date": "datetime64[us]",
    "time": "datetime64[us, UTC]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of a canonical table: its type, whether it may be empty, and its bounds."""

    name: str
    dtype: Dtype
    about: str
    optional: bool = False
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A canonical table: what one row is, its fields, and the fields that make a row unique."""

    name: str
    row: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Names of the fields, in order."""
        return [field.name for field in self.fields]


def _need(name: str, dtype: Dtype, about: str, **more: Any) -> Field:
    return Field(name=name, dtype=dtype, about=about, **more)


def _may(name: str, dtype: Dtype, about: str, **more: Any) -> Field:
    return Field(name=name, dtype=dtype, about=about, optional=True, **more)


MISSING: Final = ("", "skipped", "not_asked", "not_applicable", "dont_know", "user_missing")
"""Kinds of a missing answer; empty when there is a value."""

_DAY: Final = 86_400_000_000
"""Microseconds of a day."""
_COUNTS = ("impressions", "reach", "reactions", "comments", "shares", "clicks", "saves", "followers")

SCHEMAS: Final[dict[str, Schema]] = {
    schema.name: schema
    for schema in (
        Schema(
            name="respondents",
            row="a person in a survey wave (pseudonymous key; wave-scoped when the wave is anonymous)",
            key=("wave", "respondent"),
            fields=(
                _need("respondent", "text", "pseudonym"),
                _need("wave", "text", "wave answered in"),
                _may(
                    "unit",
                    "text",
                    "part of the organisation, frozen with the wave; empty where it was not said",
                ),
                _may("role", "text", "role or level"),
                _may("tenure", "number", "years in the organisation", low=0, high=80),
                _may("weight", "number", "survey weight; 1 when not weighted", low=0),
                _may("submitted_at", "time", "when the answers were sent"),
            ),
        ),
        Schema(
            name="responses",
            row="an answer of a respondent to an item in a wave",
            key=("wave", "respondent", "item"),
            fields=(
                _need("respondent", "text", "pseudonym"),
                _need("wave", "text", "wave"),
                _need("item", "text", "question; multi-select options are items `question:option`"),
                _may("value", "number", "answer on the item's own scale; 0/1 for options"),
                _may("text", "text", "answer as text (stages, comments); private"),
                _may("missing", "text", "kind of missing answer", allowed=MISSING),
            ),
        ),
        Schema(
            name="waves",
            row="a round of asking",
            key=("wave",),
            fields=(
                _need("wave", "text", "name; sorts by opened_on"),
                _need("opened_on", "date", "first day"),
                _may("closed_on", "date", "last day"),
                _may("invited", "count", "people asked", low=0),
                _may(
                    "key_kind",
                    "text",
                    "how people are known",
                    allowed=("", "panel", "self_made", "hashed", "none"),
                ),
            ),
        ),
        Schema(
            name="items",
            row="a question",
            key=("item",),
            fields=(
                _need("item", "text", "name of the question"),
                _may("wording", "text", "question as asked"),
                _need("module", "text", "factor, or a module of the framework (`barrier:time`)"),
                _may("scale_min", "number", "lowest answer"),
                _may("scale_max", "number", "highest answer"),
                _may("reverse", "flag", "agreeing means less of the factor"),
            ),
        ),
        Schema(
            name="units",
            row="a part of the organisation",
            key=("unit",),
            fields=(
                _need("unit", "text", "name"),
                _may("parent", "text", "unit above it"),
                _may("headcount", "count", "people in it", low=0),
                _may("joined_rollout_on", "date", "when the framework came to it"),
            ),
        ),
        Schema(
            name="people",
            row="a person who could take part: the denominator of every adoption rate",
            key=("person",),
            fields=(
                _need("person", "text", "pseudonym, the same as respondent and actor where ids agree"),
                _may("unit", "text", "unit"),
                _may("role", "text", "role or level"),
                _may("joined_on", "date", "first day in the organisation or with access"),
                _may("left_on", "date", "last day"),
                _may("executive", "flag", "member of the management"),
                _may(
                    "state", "text", "state", allowed=("", "active", "guest", "bot", "deleted", "deactivated")
                ),
            ),
        ),
        Schema(
            name="posts",
            row="a post on an external channel, lifetime figures",
            key=("channel", "post"),
            fields=(
                _need("post", "text", "id or permalink"),
                _need("channel", "text", "facebook, instagram, linkedin, x, youtube, tiktok, …"),
                _may("published_at", "time", "when it was published"),
                _may("kind", "text", "photo, video, link, text, …"),
                _may("text", "text", "the post's own words; private"),
                *(_may(name, "number", name, low=0) for name in _COUNTS),
                _may("paid", "flag", "promoted"),
                _may("definition_version", "text", "which definition of the metrics it follows"),
            ),
        ),
        Schema(
            name="channel_days",
            row="a metric of a channel on a day",
            key=("channel", "date", "metric"),
            fields=(
                _need("channel", "text", "channel"),
                _need("date", "date", "day in the platform's own zone"),
                _need("metric", "text", "impressions, reach, followers, followers_gained, …"),
                _may("value", "number", "value"),
                _may("grain", "text", "stock, flow or window", allowed=("", "stock", "flow", "window")),
                _may("definition_version", "text", "which definition of the metric"),
            ),
        ),
        Schema(
            name="activity",
            row="what one actor did in a week on an internal platform",
            key=("platform", "actor", "week"),
            fields=(
                _need("actor", "text", "pseudonym"),
                _need("week", "date", "Monday of the week"),
                _need("platform", "text", "viva_engage, slack, teams, …"),
                *(
                    _may(name, "number", name, low=0)
                    for name in ("posts", "replies", "reactions", "reads", "active_days")
                ),
                _may("window_days", "count", "days the figures cover, 7 unless a rolling window", low=1),
            ),
        ),
        Schema(
            name="interactions",
            row="one actor answered another",
            key=(),
            fields=(
                _need("source", "text", "pseudonym of who acted"),
                _need("target", "text", "pseudonym of whom it was to"),
                _may("at", "time", "when; reactions may have no time"),
                _need("kind", "text", "kind", allowed=("reply", "mention", "reaction", "message")),
                _may("place", "text", "group or channel"),
                _may("open", "flag", "the place is open to all"),
            ),
        ),
        Schema(
            name="messages",
            row="an inbound message or mention that wants an answer",
            key=("channel", "message"),
            fields=(
                _need("message", "text", "id"),
                _need("channel", "text", "channel"),
                _need("at", "time", "when it came"),
                _may("answered_at", "time", "first answer; empty when still waiting"),
                _may("crisis", "flag", "part of a crisis"),
            ),
        ),
        Schema(
            name="skills",
            row="a rating or test of a learner's skill",
            key=(),
            fields=(
                _need("learner", "text", "pseudonym"),
                _need("skill", "text", "which skill"),
                _need("at", "date", "when"),
                _need("score", "number", "score on the scale of the params"),
                _may("source", "text", "self, test, trainer, survey"),
                _may("unit", "text", "unit of the learner at the time"),
                _may("practice", "number", "amount of practice so far, where known", low=0),
            ),
        ),
        Schema(
            name="interventions",
            row="something the organisation did",
            key=("name",),
            fields=(
                _need("kind", "text", "kind of the framework"),
                _need("name", "text", "name"),
                _need("starts_on", "date", "first day"),
                _may("ends_on", "date", "last day, empty when it lasts"),
                _may("scope", "text", "unit, or empty for the whole organisation"),
                _may("owner", "text", "who answers for it: a function, never a person"),
            ),
        ),
    )
}


def empty(name: str) -> "pd.DataFrame":
    """Give the canonical table of that name without rows, every column with its type.

    Examples
    --------
    >>> list(empty("waves").columns)
    ['wave', 'opened_on', 'closed_on', 'invited', 'key_kind']
    """
    import pandas as pd

    return pd.DataFrame({field.name: pd.Series(dtype=DTYPES[field.dtype]) for field in SCHEMAS[name].fields})


def conform(name: str, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Give `rows` the declared columns, order and types; missing optional columns become empty.

    Raises
    ------
    TableError
        When a needed column is absent or a column cannot take its type; says which.
    """
    import pandas as pd

    schema = SCHEMAS[name]
    faults: list[Fault] = []
    columns: dict[str, Any] = {}
    for field in schema.fields:
        if field.name not in rows:
            if not field.optional:
                faults.append(
                    Fault(
                        code="T101",
                        where=name,
                        what=f"The column '{field.name}' is missing.",
                        remedy=f"It holds: {field.about}.",
                    )
                )
            columns[field.name] = _blank(field.dtype, len(rows))
            continue
        try:
            columns[field.name] = _as_type(rows[field.name], field.dtype)
        except (TypeError, ValueError):
            faults.append(
                Fault(
                    code="T102",
                    where=f"{name}.{field.name}",
                    what=f"Not every value is a {field.dtype}.",
                    remedy="Check the mapping of this column.",
                )
            )
    if faults:
        raise TableError(*faults)
    return pd.DataFrame(columns, index=rows.index, copy=False)


def _blank(dtype: Dtype, n: int) -> Any:
    """Give a column of that type in which nothing stands."""
    import pandas as pd

    if dtype in ("date", "time"):
        nothing = pd.array(np.full(n, np.datetime64("NaT", "us")))
        return nothing if dtype == "date" else nothing.tz_localize("UTC")
    if dtype == "number":
        return np.full(n, np.nan)
    return pd.array([None], dtype=DTYPES[dtype]).take(np.zeros(n, dtype=np.intp))


def _as_type(values: "pd.Series[Any]", dtype: Dtype) -> Any:
    import pandas as pd

    if values.dtype == _dtype(dtype):
        return values if dtype != "date" or _whole_days(values.to_numpy()) else values.dt.normalize()
    if dtype == "time":
        return pd.to_datetime(values, utc=True).astype(DTYPES["time"])
    if dtype == "date":
        return pd.to_datetime(values).astype(DTYPES["date"]).dt.normalize()
    if dtype == "number":
        return pd.to_numeric(values).astype("float64")
    return values.astype(DTYPES[dtype])


def _whole_days(times: np.ndarray) -> bool:
    """Say whether every time is the start of a day; it is dearer to make it so than to look."""
    ticks = times.astype("datetime64[us]", copy=False).view(np.int64)
    return not (ticks[~np.isnat(times)] % _DAY).any()


@cache
def _dtype(dtype: Dtype) -> Any:
    import pandas as pd

    return pd.api.types.pandas_dtype(DTYPES[dtype])


def check(tables: "Mapping[str, pd.DataFrame]") -> None:
    """Hold every table against its schema and against the others; report all faults at once.

    Raises
    ------
    TableError
        One fault for each broken column, key or reference, with the number of rows and the first
        row positions; values are never quoted.
    """
    faults = [fault for name, frame in tables.items() for fault in _broken(name, frame)]
    faults += _dangling(tables)
    if faults:
        raise TableError(*faults)


def _broken(name: str, frame: "pd.DataFrame") -> list[Fault]:
    import pandera.errors

    schema = SCHEMAS.get(name)
    if schema is None:
        return [
            Fault(
                code="T100",
                where=name,
                what="There is no canonical table of this name.",
                remedy=f"Known: {', '.join(SCHEMAS)}.",
            )
        ]
    if _holds(schema, frame):
        return []
    try:
        _pandera(schema).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as broken:
        cases = broken.failure_cases
        return [
            _fault(name, str(column), str(test), group["index"])
            for (column, test), group in cases.fillna({"column": "rows"}).groupby(
                ["column", "check"], sort=True
            )
        ]
    return []


def _holds(schema: Schema, frame: "pd.DataFrame") -> bool:
    """Say whether a table is as declared; where it may not be, the schema's own check says what is wrong."""
    import pandas as pd

    if list(frame.columns) != schema.names or any(
        frame[field.name].dtype != _dtype(field.dtype) for field in schema.fields
    ):
        return False
    for field in schema.fields:
        values = frame[field.name]
        if not field.optional and values.isna().any():
            return False
        low, high = (
            (-np.inf if field.low is None else field.low),
            (np.inf if field.high is None else field.high),
        )
        if (field.low, field.high) != (None, None) and not values.dropna().between(low, high).all():
            return False
        if field.allowed and not set(values.dropna().unique()) <= set(field.allowed):
            return False
    place = np.zeros(len(frame), dtype=np.int64)
    for name in schema.key:
        codes, found = pd.factorize(frame[name], use_na_sentinel=False)
        place = pd.factorize(place * max(len(found), 1) + codes)[0]
    return not schema.key or len(frame) == 0 or int(place.max()) + 1 == len(frame)


def _fault(name: str, column: str, test: str, index: "pd.Series[Any]") -> Fault:
    rows = sorted({int(row) for row in index.dropna()})
    first = ", ".join(str(row) for row in rows[:5])
    where = f"{name}.{column}" if column != "rows" else name
    remedy = f"Rows {first}{' …' if len(rows) > 5 else ''}." if rows else ""
    return Fault(code="T103", where=where, what=f"{len(rows) or 1} rows fail '{test}'.", remedy=remedy)


def _pandera(schema: Schema) -> Any:
    import pandera.pandas as pa

    columns = {}
    for field in schema.fields:
        checks = []
        if field.low is not None:
            checks.append(pa.Check.ge(field.low))
        if field.high is not None:
            checks.append(pa.Check.le(field.high))
        if field.allowed:
            checks.append(pa.Check.isin(field.allowed))
        columns[field.name] = pa.Column(DTYPES[field.dtype], checks, nullable=field.optional)
    return pa.DataFrameSchema(columns, unique=list(schema.key) or None, strict=True)


def _dangling(tables: "Mapping[str, pd.DataFrame]") -> list[Fault]:
    found = []
    for child, column, parent in (
        ("responses", "item", "items"),
        ("responses", "wave", "waves"),
        ("respondents", "wave", "waves"),
        ("respondents", "unit", "units"),
    ):
        if child not in tables or parent not in tables:
            continue
        values = tables[child][column]
        lost = ~values.isin(tables[parent][SCHEMAS[parent].key[0]]) & values.notna()
        if lost.any():
            found.append(
                Fault(
                    code="T104",
                    where=f"{child}.{column}",
                    what=f"{int(lost.sum())} rows name a {column} that the table '{parent}' does not have.",
                    remedy=f"Add it to the client's {parent}, or map it.",
                )
            )
    return found
