"""The quick look at a table says the same as the schema's own check, whatever is broken."""

import numpy as np
import pandas as pd
import pandera.errors
import pytest

from smf_helpers.tables import SCHEMAS, _holds, _pandera, conform

SAMPLES = {
    "text": "a",
    "number": 1.0,
    "count": 3,
    "flag": True,
    "date": "2026-01-05",
    "time": "2026-01-05T08:00Z",
}


def _sound(name: str) -> pd.DataFrame:
    columns = {}
    for field in SCHEMAS[name].fields:
        value = field.allowed[0] if field.allowed else SAMPLES[field.dtype]
        if field.low is not None and field.dtype in ("number", "count"):
            value = field.low
        many = (
            [f"{value}{i}" for i in range(3)] if field.dtype == "text" and not field.allowed else [value] * 3
        )
        columns[field.name] = many
    return conform(name, pd.DataFrame(columns))


def _broken(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Break, or only change, one thing of a table."""
    made = frame.copy()
    column = str(rng.choice(made.columns))
    way = rng.integers(0, 5)
    if way == 0:
        made.loc[1, column] = pd.NA if made[column].dtype != "float64" else np.nan
    elif way == 1:
        made = pd.concat([made, made.iloc[:1]], ignore_index=True)
    elif way == 2 and made[column].dtype in ("float64", "Int64"):
        made.loc[1, column] = -7
    elif way == 2:
        made.loc[1, column] = made.loc[0, column]
    elif way == 3:
        made = made.drop(columns=column) if rng.random() < 0.5 else made.assign(more=1)
    elif made[column].dtype == "str":
        made.loc[1, column] = "neither"
    return made


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_quick_look_agrees_with_the_check(name: str) -> None:
    rng = np.random.default_rng(len(name))
    schema, sound = SCHEMAS[name], _sound(name)
    assert _holds(schema, sound)
    for _ in range(8):
        made = _broken(sound, rng)
        try:
            _pandera(schema).validate(made, lazy=True)
            passes = True
        except pandera.errors.SchemaErrors:
            passes = False
        assert _holds(schema, made) == passes
