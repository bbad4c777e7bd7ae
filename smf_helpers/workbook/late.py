"""Answers that came after their wave was released: left out, where the consultant asks for it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def ledger_of(root: Path, client: str) -> Path:
    """Give the place of a client's private ledger."""
    return root / "private" / client / "ledger.jsonl"


def without_late(tables: "Mapping[str, pd.DataFrame]", ledger: Path) -> "dict[str, pd.DataFrame]":
    """Give the tables without the people who were not in their wave when it was last released.

    Raises
    ------
    PrivacyError
        When the ledger is broken (L002).
    """
    from smf_helpers.privacy.ledger import WAVE_PREFIX, Ledger

    released = {key: set(people) for entry in Ledger(ledger).entries for key, people in entry.people.items()}
    kept = dict(tables)
    for name in ("respondents", "responses"):
        if name not in kept:
            continue
        rows = kept[name]
        late = [
            f"{WAVE_PREFIX}{wave}" in released and person not in released[f"{WAVE_PREFIX}{wave}"]
            for wave, person in zip(rows["wave"], rows["respondent"], strict=True)
        ]
        kept[name] = rows[[not each for each in late]].reset_index(drop=True)
    return kept
