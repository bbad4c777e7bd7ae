"""Words that must not turn up in a delivery, as digests: nobody can read them back, everybody can look for them.

The private process writes the marks of its client's ids, names and comments beside the release, the batch those of
every client's own names. The audit of the finished files looks for runs of words with the same marks.
"""

import json
from pathlib import Path

from smf_helpers.texts import mark_of, words_of

Marks = dict[str, set[str]]
"""Mark of the first word → marks of the whole runs, each with its number of words in front."""


def read_marks(path: str | Path, *, without: str = "") -> Marks:
    """Read a file of marks: a list, or one list a client, of which `without` is left out with all it shares."""
    file = Path(path)
    if not file.exists():
        return {}
    content = json.loads(file.read_text(encoding="utf-8"))
    if isinstance(content, dict):
        own = set(content.get(without, ()))
        content = [entry for name, entries in content.items() if name != without for entry in entries]
        content = [entry for entry in content if entry not in own]
    found: Marks = {}
    for entry in content:
        first, _, whole = entry.partition(":")
        found.setdefault(first, set()).add(whole)
    return found


class Finder:
    """Looks for runs of words by their marks."""

    def __init__(self, *marks: Marks) -> None:
        self._known: Marks = {}
        for each in marks:
            for first, wholes in each.items():
                self._known.setdefault(first, set()).update(wholes)
        self._first: dict[str, set[str]] = {}

    def holds(self, text: str) -> bool:
        """Say whether a text holds one of the runs."""
        if not self._known:
            return False
        words = words_of(text)
        for at, word in enumerate(words):
            if word not in self._first:
                self._first[word] = self._known.get(mark_of([word]), set())
            for whole in self._first[word]:
                length, _, mark = whole.partition(":")
                if mark_of(words[at : at + int(length)]) == mark:
                    return True
        return False
