"""The report as it would be without the gate, each part made when it is first looked at."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from smf_helpers.results.catalogue import section_of
from smf_helpers.results.claims import Action, Answer, Finding
from smf_helpers.results.publication import Table
from smf_helpers.results.released import Release
from smf_helpers.results.what_if import WhatIf
from smf_helpers.workbook.proposing import PROPOSER_OF

if TYPE_CHECKING:
    from smf_helpers.workbook.book import Workbook


class _Tables(Mapping[str, Table]):
    """Tables of a workbook by name, of one section or of all; each is computed when it is asked for."""

    def __init__(self, book: "Workbook", section: str = "") -> None:
        self._book = book
        self._names = [name for name in PROPOSER_OF if section in ("", section_of(name))]

    def __getitem__(self, name: str) -> Table:
        if name not in self._names:
            raise KeyError(name)
        return self._book.table(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Preview(Release):
    """A release that was never released; what its parts hold is computed when they are first asked for.

    Parameters
    ----------
    book : the private workbook.
    """

    __slots__ = ("_book",)
    _book: "Workbook"

    def __init__(self, book: "Workbook") -> None:
        params = book.params
        known: dict[str, Any] = {
            "client": params.client,
            "name": params.name,
            "language": params.language,
            "as_of": book.method()["as_of"],
            "brand": book.brand(),
            "tables": _Tables(book),
            "labels": book.labels(),
            "profile": "standard",
            "minimum": 5,
            "method": book.method(),
            "sections": params.publish.sections,
            "audit": {"gate": "not passed: private preview"},
            "_book": book,
        }
        for name, value in known.items():
            object.__setattr__(self, name, value)

    def about(self, section: str) -> list[Finding]:
        """Give the findings about one section; the other sections are not computed."""
        return list(self._book.conclude(_Tables(self._book, section))[0])

    @property
    def _concluded(self) -> tuple[Sequence[Finding], Sequence[Answer], Sequence[Action]]:
        return self._book.once("conclusions", lambda: self._book.conclude(self.tables))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings: asks for every table."""
        return tuple(self._concluded[0])

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The three answers: asks for every table."""
        return tuple(self._concluded[1])

    @property
    def actions(self) -> tuple[Action, ...]:
        """The next steps: asks for every table."""
        return tuple(self._concluded[2])

    @property
    def what_if(self) -> WhatIf | None:
        """The calibrated what-if, or None."""
        return self._book.once("what-if", lambda: self._book.what_if(self.tables))
