"""A released wave stays as it was released: its rows are kept, and told again where the consultant asks for it.

Late answers, removed ones, and answers that a newer version of the suite reads in another way are left out alike.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

SURVEY: Final = ("respondents", "responses")
"""The tables that a wave consists of."""


def ledger_of(root: Path, client: str) -> Path:
    """Give the place of a client's private ledger."""
    return root / "private" / client / "ledger.jsonl"


def freeze_waves(tables: "Mapping[str, pd.DataFrame]", folder: Path, populations: Iterable[str]) -> None:
    """Keep the rows of released waves beside the ledger, in place of those of an earlier issue."""
    import pandas as pd

    from smf_helpers.privacy.ledger import WAVE_PREFIX

    waves = [key.removeprefix(WAVE_PREFIX) for key in populations if key.startswith(WAVE_PREFIX)]
    if not waves:
        return
    for name in SURVEY:
        rows = tables[name]
        kept = _frozen(name, folder)
        kept = kept[~kept["wave"].isin(waves)]
        fresh = rows[rows["wave"].isin(waves)]
        _keep(pd.concat([kept, fresh]) if len(kept) else fresh, _place(name, folder))


def as_released(tables: "Mapping[str, pd.DataFrame]", ledger: Path) -> "dict[str, pd.DataFrame]":
    """Give the tables with every released wave as it was last released.

    A wave whose rows were not kept only loses the people who were not in it.

    Raises
    ------
    PrivacyError
        When the ledger is broken (L002).
    """
    import numpy as np
    import pandas as pd

    from smf_helpers.privacy.ledger import WAVE_PREFIX, Ledger

    people = {key: set(persons) for entry in Ledger(ledger).entries for key, persons in entry.people.items()}
    told = dict(tables)
    for name in SURVEY:
        if name not in told:
            continue
        rows, kept = told[name], _frozen(name, ledger.parent)
        kept = kept[kept["wave"].isin([key.removeprefix(WAVE_PREFIX) for key in people])]
        waves = set(kept["wave"])
        stays = [
            wave not in waves and person in people.get(f"{WAVE_PREFIX}{wave}", (person,))
            for wave, person in zip(rows["wave"], rows["respondent"], strict=True)
        ]
        rows = rows[np.array(stays, dtype=bool)]
        told[name] = (pd.concat([kept, rows]) if len(kept) else rows).reset_index(drop=True)
    return told


def rename_frozen(folder: Path, name_of: Callable[[str], str]) -> None:
    """Give the people of the kept rows their new pseudonyms."""
    for name in SURVEY:
        rows = _frozen(name, folder)
        if len(rows):
            _keep(rows.assign(respondent=rows["respondent"].map(name_of)), _place(name, folder))


def _place(name: str, folder: Path) -> Path:
    return folder / f"released-{name}.csv"


def _frozen(name: str, folder: Path) -> "pd.DataFrame":
    import pandas as pd

    from smf_helpers.tables import SCHEMAS, conform, empty

    place = _place(name, folder)
    if not place.exists():
        return empty(name)
    rows = pd.read_csv(place, dtype=str, keep_default_na=False, na_values=["\\N"])
    numbers = [field.name for field in SCHEMAS[name].fields if field.dtype == "number"]
    # Python's own reading of a number gives the last bit back, and with it the digest of the answers.
    return conform(
        name, rows.assign(**{column: rows[column].astype(object).map(float) for column in numbers})
    )


def _keep(rows: "pd.DataFrame", place: Path) -> None:
    fresh = place.with_suffix(".new")
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=""
    ) as file:
        rows.to_csv(file, index=False, na_rep="\\N")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(place)
