"""The ledger of a client: what has been made public, so that two deliveries do not give away more than one.

One line a release, in a private file: thresholds, key id, the snapshot of every wave, who was in each
released group, and what was published about it. Lines are chained by their digests and only ever appended. A wave
is frozen at its first release; thresholds can be raised, never lowered; a ledger that is missing or broken stops
the release.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from smf_helpers.errors import Fault, PrivacyError
from smf_helpers.privacy.keys import check_same_key
from smf_helpers.privacy.ledger_lines import Entry, body_of, digest_of, entry_of, text_of
from smf_helpers.privacy.rules import MINIMUM, Profile
from smf_helpers.results.privacy import ReleasedGroup
from smf_helpers.results.publication import Population

START: Final = "0" * 64
WAVE_PREFIX: Final = "survey:"
"""Populations that are frozen at their first release; a platform grows and is another measurement later."""

ISSUE_LENGTH: Final = 8
_FROZEN: Final = (
    "Run `smf report {client} --keep-frozen`: it tells the wave as it was released, and what came late is left out. "
    "Or put the released file back."
)
_LOST: Final = (
    "Put the released file back. Where the file is the same, this version of the suite reads it in another way: report "
    "the wave with the version that released it, or take its source out of params/{client}.yml and tell the later waves."
)


class Ledger:
    """The ledger file of one client.

    Parameters
    ----------
    path : the file; it need not exist yet.
    delivered : whether an earlier delivery is known; then a missing ledger is refused.

    Raises
    ------
    PrivacyError
        When the ledger is missing though there was a delivery (L001), or its chain is broken (L002).
    """

    def __init__(self, path: str | Path, *, delivered: bool = False) -> None:
        self.path = Path(path)
        self.head = START
        self.entries: list[Entry] = []
        if not self.path.exists():
            if delivered:
                raise _fault("L001", self.path, "The ledger is missing, but there is an earlier delivery.")
            return
        for number, line in enumerate(self._lines(), start=1):
            self.entries.append(self._read(line, number))

    def _lines(self) -> list[str]:
        try:
            return self.path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise _fault("L002", self.path, "The ledger cannot be read.") from error

    def _read(self, line: str, number: int) -> Entry:
        try:
            record = json.loads(line)
            body, digest = record["entry"], record["digest"]
            if record["previous"] != self.head or digest_of(self.head, body) != digest:
                raise ValueError("chain")
            entry = entry_of(body)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _fault(
                "L002", self.path, f"Line {number} of the ledger was changed or is damaged."
            ) from error
        self.head = digest
        return entry

    def check(self, profile: Profile, kid: str = "") -> None:
        """Refuse lowered thresholds (L003) and another key (K010)."""
        for entry in self.entries:
            strict = list(MINIMUM)
            lower = profile.minimum < entry.minimum
            if lower or strict.index(profile.name) < strict.index(entry.profile):
                raise _fault(
                    "L003",
                    self.path,
                    f"Earlier releases hid groups below {entry.minimum} (profile '{entry.profile}').",
                    "Thresholds can be raised, not lowered, once a programme runs.",
                )
            check_same_key(kid, entry.kid, self.path.name)

    def check_delivered(self, head: str) -> None:
        """Refuse a ledger that has lost the line of a delivery (L002)."""
        if head and not any(digest.startswith(head) for digest in (START, *self._digests())):
            raise _fault("L002", self.path, "The ledger ends before the last delivery.")

    def _digests(self) -> list[str]:
        return [json.loads(line)["digest"] for line in self._lines()] if self.path.exists() else []

    def public(
        self, populations: Mapping[str, Population], minimum: int, *, late: str = ""
    ) -> list[ReleasedGroup]:
        """Give the groups that are public already, for the populations at hand.

        Parameters
        ----------
        minimum : smallest group shown.
        late : what was asked for a wave that changed since its release: ``reissue`` allows it where enough people
            make the difference, ``keep`` has tried to tell it as it was, anything else refuses it.

        Raises
        ------
        PrivacyError
            When a released wave now has other data (L004), or a re-issue would expose the few people
            that changed (L005).
        """
        known: list[ReleasedGroup] = []
        # A wave that was issued again may be reported again, from either of its files.
        told = [
            (entry, key, _same(entry, populations[key]))
            for entry in self.entries
            for key in entry.snapshots
            if key in populations
        ]
        issued = {key for _, key, same in told if same}
        for entry, key, same in told:
            if same or key.startswith(WAVE_PREFIX):
                groups = [group for group in entry.groups if group.population == key]
                if key not in issued:
                    self._check_changed(entry, populations[key], groups, minimum, late=late)
                issue = "" if same else entry.snapshots[key][:ISSUE_LENGTH]
                known += [replace(group, issue=issue) for group in groups]
        return known

    def _check_changed(
        self,
        entry: Entry,
        now: Population,
        groups: Sequence[ReleasedGroup],
        minimum: int,
        *,
        late: str,
    ) -> None:
        wave = now.key.removeprefix(WAVE_PREFIX)
        before, after = set(entry.people[now.key]), {str(person) for person in now.people}
        corrected = _corrected(entry, now)
        change = f"+{len(after - before)} and -{len(before - after)} people, "
        change += "changed answers not known" if corrected is None else f"{corrected} with other answers"
        if late != "reissue":
            what = f"Wave {wave} was released from other data ({change})."
            if late == "keep":
                what += " Its rows were not kept at its release, so it cannot be told as it was."
            raise _fault("L004", self.path, what, _LOST if late == "keep" else _FROZEN)
        moved = [len(set(group.members) ^ _members(now, group)) for group in groups]
        what = ""
        if any(group.figures is None for group in groups) or corrected is None:
            what = "its figures were not kept, so nobody can say what both issues tell together"
        elif corrected:
            # Whose answer changed in a group of the same people is not to be told, however many they are.
            what = "some of those who were in it have other answers now"
        elif any(0 < people < minimum for people in moved):
            what = f"fewer than {minimum} people make the difference in a group that was shown"
        if what:
            raise _fault(
                "L005", self.path, f"Wave {wave} cannot be issued again ({change}): {what}.", _FROZEN
            )

    def append(self, entry: Entry) -> str:
        """Write down a release and give the digest of its line; the same release twice is one line."""
        import fcntl

        if entry in self.entries:
            return self.head
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(number, "a+", encoding="utf-8", newline="\n") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            lines = file.read().splitlines()
            current = json.loads(lines[-1])["digest"] if lines else START
            if current != self.head:
                raise _fault("L006", self.path, "Another run wrote to the ledger meanwhile.", "Run again.")
            body = body_of(entry)
            digest = digest_of(self.head, body)
            file.write(text_of({"previous": self.head, "digest": digest, "entry": body}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.head = digest
        self.entries.append(entry)
        return digest

    def rekey(self, names: Mapping[str, str], old: str, new: str) -> int:
        """Rewrite the ledger with other pseudonyms; give the number of people who have no new one.

        Who is in no file any more gets a name that nobody has: he counts as somebody who left.

        Parameters
        ----------
        names : old pseudonym → new pseudonym.
        old, new : ids of the two keys.

        Raises
        ------
        SecretError
            When a line was written with another key than `old` (K010).
        """
        left: dict[str, str] = {}

        def name(person: str) -> str:
            return names.get(person) or left.setdefault(person, nobody(person))

        entries = []
        for entry in self.entries:
            check_same_key(old, entry.kid, self.path.name)
            groups = tuple(
                replace(group, members=tuple(sorted(map(name, group.members)))) for group in entry.groups
            )
            people, answers = {}, {}
            for key, persons in entry.people.items():
                said = sorted(
                    zip(map(name, persons), entry.answers.get(key) or [""] * len(persons), strict=True)
                )
                people[key] = tuple(person for person, _ in said)
                if key in entry.answers:
                    answers[key] = tuple(digest for _, digest in said)
            entries.append(replace(entry, kid=new, people=people, answers=answers, groups=groups))
        if not entries:
            return 0
        lines, head = [], START
        for body in map(body_of, entries):
            digest = digest_of(head, body)
            lines.append(text_of({"previous": head, "digest": digest, "entry": body}) + "\n")
            head = digest
        fresh = self.path.with_suffix(".new")
        with os.fdopen(
            os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
        self.entries, self.head = entries, head
        return len(left)


def nobody(person: str) -> str:
    """Give the pseudonym, after a change of the secret, of somebody who is in no file any more."""
    return hashlib.sha256(person.encode()).hexdigest()[:26]


def ledger_entry(
    profile: Profile,
    kid: str,
    populations: Mapping[str, Population],
    groups: Sequence[ReleasedGroup],
) -> Entry:
    """Make the entry of a release."""
    used = sorted({group.population for group in groups})
    return Entry(
        profile=profile.name,
        minimum=profile.minimum,
        kid=kid,
        snapshots={key: populations[key].snapshot for key in used},
        people={key: tuple(person for person, _ in _said(populations[key])) for key in used},
        answers={
            key: tuple(digest for _, digest in _said(populations[key]))
            for key in used
            if populations[key].answers
        },
        groups=tuple(groups),
    )


def _said(population: Population) -> list[tuple[str, str]]:
    """Give each person with the digest of his answers, sorted."""
    people = [str(person) for person in population.people]
    return sorted(zip(people, population.answers or [""] * len(people), strict=True))


def _corrected(entry: Entry, now: Population) -> int | None:
    """Count who is in a released wave and in the same wave now, with other answers; None where nobody knows."""
    if now.key not in entry.answers or not now.answers:
        return None
    before = dict(zip(entry.people[now.key], entry.answers[now.key], strict=True))
    return sum(before.get(person, digest) != digest for person, digest in _said(now))


def _same(entry: Entry, now: Population) -> bool:
    """Is a wave what it was at that release? The digest of each person says so where the digest of all was made otherwise."""
    if entry.snapshots[now.key] == now.snapshot:
        return True
    return set(entry.people.get(now.key, ())) == set(map(str, now.people)) and _corrected(entry, now) == 0


def _members(population: Population, group: ReleasedGroup) -> set[str]:
    inside = np.ones(len(population.people), dtype=bool)
    for name, value in group.dims:
        if name in population.dimensions:
            inside &= population.dimensions[name] == value
        else:
            inside &= np.isin(population.people, np.array(group.members, dtype=np.str_))
    return {str(person) for person in population.people[inside]}


def _fault(code: str, path: Path, what: str, remedy: str = "Restore it from a backup.") -> PrivacyError:
    remedy = remedy.format(client=path.parent.name)
    return PrivacyError(Fault(code=code, where=path.name, what=what, remedy=remedy))
