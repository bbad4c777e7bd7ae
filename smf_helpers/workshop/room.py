"""The room's memory: one SQLite file that survives a kill, without a name or an address in it.

A vote is written before it is answered for. What is shown moves only when at least `MINIMUM` devices have
voted or changed their vote since the last picture, so that no change on the wall tells how one person voted.
"""

import hmac
import json
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from smf_helpers.figures.workshop.ballots import BALLOTS, STEPS, Tally

MINIMUM: Final = 5
"""Fewest votes that are shown, and fewest that move a picture."""

MOST_DEVICES: Final = 1000
_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS votes (
  step TEXT NOT NULL, device TEXT NOT NULL, answers TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (step, device)) STRICT;
CREATE TABLE IF NOT EXISTS hands (
  step TEXT NOT NULL, item TEXT NOT NULL, choice INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (step, item, choice)) STRICT;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One device's ballot for one step."""

    step: str
    device: str
    answers: Mapping[str, int]


class Room:
    """One room: its code, its votes, and what is shown of them.

    Parameters
    ----------
    file : where the room is kept; it is made if it is not there.
    """

    def __init__(self, file: Path | str) -> None:
        if isinstance(file, Path):
            file.parent.mkdir(parents=True, exist_ok=True)
        self._base = sqlite3.connect(str(file), check_same_thread=False, isolation_level=None)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=FULL")
        self._base.executescript(_SCHEMA)
        if not self._fact("seal"):
            self._keep(
                seal=secrets.token_hex(32),
                code="".join(secrets.choice(_LETTERS) for _ in range(5)),
                key=secrets.token_urlsafe(16),
                step=STEPS[0],
                seq="0",
            )
        self.code, self.key = self._fact("code"), self._fact("key")
        self._seal = bytes.fromhex(self._fact("seal"))
        voted = "SELECT count(DISTINCT device) FROM votes"
        self._admitted = int(self._base.execute(voted).fetchone()[0])

    # --- facts ---------------------------------------------------------------------------------
    def _fact(self, name: str) -> str:
        row = self._base.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def _keep(self, **facts: str) -> None:
        rows = list(facts.items())
        self._base.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)

    @property
    def step(self) -> str:
        """The step that the wall shows and the phones vote on."""
        return self._fact("step")

    def go(self, step: str) -> None:
        """Turn to a step."""
        if step in STEPS:
            self._keep(step=step)

    def revealed(self, step: str) -> bool:
        """Whether the wall shows the result of a step."""
        return self._fact(f"revealed {step}") == "yes"

    def closed(self, step: str) -> bool:
        """Whether a step takes no more votes."""
        return self._fact(f"closed {step}") == "yes"

    def mark(self, step: str, *, revealed: bool | None = None, closed: bool | None = None) -> None:
        """Reveal or hide, close or open a step."""
        for name, value in (("revealed", revealed), ("closed", closed)):
            if value is not None:
                self._keep(**{f"{name} {step}": "yes" if value else "no"})

    # --- votes ---------------------------------------------------------------------------------
    def admit(self) -> str:
        """Give a new device its token, or nothing when the room is full; the room need not remember it to know it again."""
        if self._admitted >= MOST_DEVICES:
            return ""
        self._admitted += 1
        name = secrets.token_hex(8)
        return name + self._mark_of(name)

    def knows(self, device: str) -> bool:
        """Whether this room gave a token."""
        return secrets.compare_digest(self._mark_of(device[:16]).encode(), device[16:].encode())

    def _mark_of(self, name: str) -> str:
        return hmac.new(self._seal, name.encode(), "sha256").hexdigest()[:32]

    def record(self, votes: Iterable[Vote]) -> int:
        """Write votes in one transaction, on disk before this returns; give the number of the last one.

        A device that votes again on a step replaces its vote.
        """
        self._base.execute("BEGIN IMMEDIATE")
        try:
            seq = int(self._fact("seq"))
            for vote in votes:
                seq += 1
                answers = json.dumps(dict(vote.answers), separators=(",", ":"))
                self._base.execute(
                    "INSERT INTO votes VALUES (?, ?, ?, ?) ON CONFLICT (step, device) DO UPDATE SET "
                    "answers = excluded.answers, seq = excluded.seq WHERE answers <> excluded.answers",
                    (vote.step, vote.device, answers, seq),
                )
            self._keep(seq=str(seq))
            self._base.execute("COMMIT")
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        return seq

    def voted(self, step: str) -> int:
        """Count the devices that have voted on a step."""
        return int(self._base.execute("SELECT count(*) FROM votes WHERE step = ?", (step,)).fetchone()[0])

    def raise_hand(self, step: str, item: str, choice: int, change: int) -> None:
        """Count a raised hand for an answer, or take one back."""
        ballot = BALLOTS.get(step)
        if (
            ballot is None
            or item not in ballot.items
            or choice not in ballot.choices
            or change not in (-1, 1)
        ):
            return
        self._base.execute(
            "INSERT INTO hands VALUES (?, ?, ?, max(?, 0)) ON CONFLICT (step, item, choice) "
            "DO UPDATE SET n = max(n + ?, 0)",
            (step, item, choice, change, change),
        )

    def add_hands(self, step: str, counts: Mapping[str, Mapping[int, int]]) -> None:
        """Add counts that were taken elsewhere, item by item."""
        for item, choices in counts.items():
            for choice, n in choices.items():
                self._base.execute(
                    "INSERT INTO hands VALUES (?, ?, ?, ?) ON CONFLICT (step, item, choice) "
                    "DO UPDATE SET n = n + excluded.n",
                    (step, item, choice, n),
                )

    def reset(self, step: str) -> None:
        """Forget every vote and hand of a step, and hide and open it."""
        self._base.execute("BEGIN IMMEDIATE")
        self._base.execute("DELETE FROM votes WHERE step = ?", (step,))
        self._base.execute("DELETE FROM hands WHERE step = ?", (step,))
        self._base.execute("DELETE FROM facts WHERE name = ?", (f"shown {step}",))
        self._base.execute("COMMIT")
        self.mark(step, revealed=False, closed=False)

    # --- what may be shown ---------------------------------------------------------------------
    def tally(self, step: str) -> Tally:
        """Count the answers that may be shown: item → answer → how many; items below the minimum are empty."""
        if step not in BALLOTS:
            return {}
        ballot = BALLOTS[step]
        shown = self._shown(step)
        hands: Counter[tuple[str, int]] = Counter()
        found = self._base.execute("SELECT item, choice, n FROM hands WHERE step = ?", (step,))
        for item, choice, n in found:
            hands[item, choice] = n
        tally: Tally = {}
        for item in ballot.items:
            counts = {
                choice: shown.get(item, {}).get(str(choice), 0) + hands[item, choice]
                for choice in ballot.choices
            }
            tally[item] = counts if sum(counts.values()) >= MINIMUM else {}
        return tally

    def counted(self, step: str) -> int:
        """Count the votes behind the picture."""
        shown = self._shown(step)
        return sum(next(iter(shown.values()), {}).values())

    def _shown(self, step: str) -> dict[str, dict[str, int]]:
        """Give the last picture of the votes, renewed where enough devices have voted since."""
        kept: dict[str, Any] = json.loads(self._fact(f"shown {step}") or '{"seq": 0, "counts": {}}')
        newer = "SELECT count(*) FROM votes WHERE step = ? AND seq > ?"
        if int(self._base.execute(newer, (step, kept["seq"])).fetchone()[0]) < MINIMUM:
            return dict(kept["counts"])
        counts: dict[str, Counter[str]] = {item: Counter() for item in BALLOTS[step].items}
        last = 0
        for answers, seq in self._base.execute("SELECT answers, seq FROM votes WHERE step = ?", (step,)):
            last = max(last, seq)
            for item, choice in json.loads(answers).items():
                counts[item][str(choice)] += 1
        self._keep(**{f"shown {step}": json.dumps({"seq": last, "counts": counts})})
        return {item: dict(counter) for item, counter in counts.items()}

    def close(self) -> None:
        """Close the file."""
        self._base.close()
