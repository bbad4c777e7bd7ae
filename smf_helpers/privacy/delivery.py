"""The audit of what is delivered: every number traces to the release, and nothing else is in the files.

A delivery that is refused stays where it is, and the batch ends with exit code 4.

A number of a file traces when it is a figure of the release, or the same figure as a reader writes it: as a
percentage, with fewer decimals, without its sign; a span between two figures of one row (an error bar); or part
of the page's own furniture: positions along an axis, dates of the release, the words of the template.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from smf_helpers.errors import Fault, PrivacyError
from smf_helpers.privacy.attacker import attack
from smf_helpers.privacy.canaries import Finder, Marks
from smf_helpers.privacy.extract import Extracted, extract
from smf_helpers.privacy.readings import read_released
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.privacy import Attack, DeliveryAudit
from smf_helpers.results.publication import Mark
from smf_helpers.results.released import Release

MIN_CANARY: Final = 4
"""Shorter tokens are words of any language and prove nothing."""

_BEGINNING: Final = 8
MAX_DECIMALS: Final = 4
POSITIONS: Final = 400
FURNITURE: Final = frozenset({*range(13), 20, 30, 50, 80, 90, 95, 99, 100})
"""Whole numbers of the template's own sentences: ranks, scales, levels of intervals."""

_NUMBER = re.compile(
    r"(?<![\w.,])[-+−±]?(?:[1-9]\d{0,2}(?:[,\u00a0\u202f .’']\d{3})+|\d+)(?:[.,]\d+)?(?![\w]|[.,]\d)"
)
_PIECE = re.compile(r"\d+(?:[.,]\d+)?")
_UNTRACED: Final = "untraced"
_PEOPLE_AFTER = re.compile(
    r"^\s*(?:people|persons?|respondents?|learners?|employees?|henkilö\w*|vastaaja\w*)\b", re.I
)


def audit_delivery(
    paths: Iterable[str | Path],
    release: Release,
    *,
    canaries: Iterable[str] = (),
    marks: Sequence[Marks] = (),
    furniture: Iterable[float] = (),
    headcounts: Mapping[str, Any] | None = None,
) -> DeliveryAudit:
    """Audit files as they would be delivered.

    Parameters
    ----------
    paths : every file of the delivery.
    release : what they may tell.
    canaries : tokens that must not appear: ids, names and comments of respondents, names of other clients.
    marks : the same as digests (`canaries.read_marks`), for a process that must not know the words.
    furniture : further numbers of the template's own words.
    headcounts : population → who sits where, for the attacker that knows; without it he does not.

    Returns
    -------
    the audit; `DeliveryAudit.passed` says whether the files may go out.
    """
    known = _Known(release, furniture)
    tokens, finder = _tokens(canaries), Finder(*marks)
    surplus: list[str] = []
    leaks: list[str] = []
    dangers: list[str] = []
    files, traced = [], 0
    for path in sorted(map(Path, paths)):
        found = extract(path)
        files.append(found.file)
        missing, numbers = _untraced(found, known)
        traced += numbers
        surplus += missing
        dangers += found.dangers
        surplus += misplaced(found, release)
        leaks += [place for place, text in found.texts if _holds(text, tokens) or finder.holds(text)]
        if _holds(path.name, tokens) or finder.holds(path.name):
            leaks.append(f"{path.name}: the file's name")
    cells = read_released(release)
    found_all = [attack(cells, minimum=release.minimum)]
    for wave, counts in (headcounts or {}).items():
        mine = [cell for cell in cells if cell.wave == wave]
        found_all.append(attack(mine, headcounts=counts, minimum=release.minimum))
    return DeliveryAudit(
        files=tuple(files),
        numbers=traced,
        surplus=tuple(surplus),
        leaks=tuple(leaks),
        dangers=tuple(dangers),
        attack=Attack(
            findings=tuple(breach for each in found_all for breach in each.findings),
            tried={name: sum(each.tried.get(name, 0) for each in found_all) for name in found_all[0].tried},
        ),
    )


def misplaced(found: Extracted, release: Release) -> list[str]:
    """Give the cells of a workbook's tables whose number is not the one that the release has in that place.

    A number that traces may still be a hidden one that happens to be somewhere else in the release.
    """
    places = []
    for title, sheet in found.sheets.items():
        table = release.tables.get(title)
        if table is None or not table.rows:
            continue
        first = sheet.last - len(table.rows) + 1
        for (row, column), number in sheet.numbers.items():
            at = row - first
            cells = table.rows[at] if 0 <= at < len(table.rows) else ()
            told = cells[column] if column < len(cells) else None
            if isinstance(told, Mark | str | bool) or not isinstance(told, int | float) or told != number:
                places.append(f"{found.file}|{title} row {row} column {column + 1}: not the released figure")
    return places


def find_tokens(paths: Iterable[str | Path], tokens: Iterable[str]) -> list[str]:
    """Give the places of files that hold one of the tokens; the tokens themselves are not told."""
    wanted = _tokens(tokens)
    found = []
    for path in sorted(map(Path, paths)):
        texts = [*extract(path).texts, (f"{path.name}: the file's name", path.name)]
        begun = {token for token in wanted if len(token) < _BEGINNING}
        begun.update(_begun_in((text for _, text in texts), wanted))
        found += [place for place, text in texts if _holds(text, sorted(begun))]
    return found


def _begun_in(texts: Iterable[str], tokens: Sequence[str]) -> Iterator[str]:
    """Give the tokens whose beginning stands somewhere in the texts: few of very many, found without trying each."""
    pieces = {
        folded[at : at + _BEGINNING] for folded in map(str.casefold, texts) for at in range(len(folded))
    }
    return (token for token in tokens if token[:_BEGINNING] in pieces)


def refuse(audit: DeliveryAudit, client: str) -> None:
    """Raise when an audit has not passed.

    Raises
    ------
    PrivacyError
        With the number and the first places of what was found: surplus numbers (D101), tokens (D102),
        things a file must not hold (D103), recoveries (D104).
    """
    faults = [
        Fault(code=code, where=client, what=f"{len(places)} {what}: {'; '.join(places[:3])}.", remedy=remedy)
        for code, places, what, remedy in (
            (
                "D101",
                audit.surplus,
                "numbers do not come from the release",
                "Draw and write released tables only.",
            ),
            ("D102", audit.leaks, "places hold a token of a respondent or of another client", "Take it out."),
            ("D103", audit.dangers, "things that a delivery must not hold", "Use the writers of the report."),
            (
                "D104",
                tuple(breach.target for breach in audit.attack.findings),
                "groups can be found out",
                "Make the release again.",
            ),
        )
        if places
    ]
    if faults:
        raise PrivacyError(*faults)


def _tokens(canaries: Iterable[str]) -> list[str]:
    return sorted({token.casefold().strip() for token in canaries if len(token.strip()) >= MIN_CANARY})


def _holds(text: str, tokens: list[str]) -> bool:
    folded = text.casefold()
    return any(token in folded for token in tokens)


class _Known:
    """Every number that a release allows to be told."""

    def __init__(self, release: Release, furniture: Iterable[float]) -> None:
        self.minimum = release.minimum
        figures = set(_figures(release))
        figures |= {abs(figure) for figure in figures} | {float(number) for number in furniture}
        self.words = {round(value, 6) for text in _words(release) for value, _, _ in numbers_of(text)}
        self.figures = {round(figure, 6) for figure in figures}
        self.told = {
            decimals: {
                # Halves go either way: writers round to even, to the nearest, or in binary.
                round(figure * scale + nudge, decimals)
                for figure in figures
                for scale in (1.0, 100.0)
                for nudge in (-1e-9, 1e-9)
            }
            for decimals in range(MAX_DECIMALS + 1)
        }
        self.spans = {round(span, 6) for span in _spans(release)}

    def number(self, value: float) -> bool:
        """Say whether a number among data is a figure of the release."""
        magnitude = round(abs(value), 6)
        if magnitude in self.figures or magnitude in self.spans or magnitude in self.words:
            return True
        return round(magnitude / 100, 6) in self.figures

    def word(self, value: float, decimals: int) -> bool:
        """Say whether a number among words is told by the release."""
        magnitude = abs(value)
        if magnitude in self.told.get(decimals, ()) or round(magnitude, 6) in self.words:
            return True
        return decimals == 0 and magnitude in FURNITURE


def _figures(release: Release) -> Iterator[float]:
    for table in release.tables.values():
        for row in table.rows:
            for cell in row:
                if isinstance(cell, int | float) and not isinstance(cell, bool):
                    yield float(cell)
    model = release.what_if
    if model is not None:
        yield from (*model.start, *model.centre, float(model.weeks), float(model.eligible or 0))
        yield from (value for draw in model.draws for value in draw)
        yield from (value for pair in model.observed for value in pair)
        for lever in model.levers:
            yield from (lever.now, lever.low, lever.high, lever.step, lever.effect)
    yield float(release.minimum)
    yield from (float(sum(1 for _ in table.rows)) for table in release.tables.values())


def _words(release: Release) -> Iterator[str]:
    """Give every text of the release, of the catalogue and of the framework."""
    from smf_helpers import framework

    for table in release.tables.values():
        yield from (table.note, table.reason, table.spec.title)
        for row in table.rows:
            yield from (str(cell) for cell in row if cell is not None and not isinstance(cell, Mark | float))
    for spec in CATALOGUE.values():
        yield from (spec.title, spec.row, *(column.about for column in spec.columns))
    yield from (question for question in framework.QUESTIONS)
    claims: list[Any] = [*release.findings, *release.answers, *release.actions]
    for claim in claims:
        yield from (str(getattr(claim, each.name)) for each in fields(claim) if each.name != "evidence")
    for finding in release.findings:
        yield from (evidence.text for evidence in finding.evidence)
    for pairs in (release.labels, release.method, release.audit):
        yield from (text for pair in pairs.items() for text in pair)
    yield from (release.name, release.client, release.as_of, release.brand.greeting, release.brand.title)
    yield json.dumps([release.what_if.starts_on if release.what_if else ""])


def _spans(release: Release) -> Iterator[float]:
    """Give the differences between figures of one row: what error bars and bands are drawn with."""
    for table in release.tables.values():
        for row in table.rows:
            numbers = [
                float(cell) for cell in row if isinstance(cell, int | float) and not isinstance(cell, bool)
            ]
            yield from (abs(left - right) for left in numbers for right in numbers)


def numbers_of(text: str) -> Iterator[tuple[float, int, str]]:
    """Give the numbers in a text: value, decimals, and what follows; dates give year, month and day.

    Examples
    --------
    >>> [(value, decimals) for value, decimals, _ in numbers_of("1,234 people, 3.4 of 5 (−0,5), 2026-03-01")]
    [(1234.0, 0), (3.4, 1), (5.0, 0), (-0.5, 1), (2026.0, 0), (3.0, 0), (1.0, 0)]
    >>> [(value, decimals) for value, decimals, _ in numbers_of("0,078")]
    [(0.078, 3)]
    >>> [(value, decimals) for value, decimals, _ in numbers_of("a scale of 0–100, 92–103")]
    [(0.0, 0), (100.0, 0), (92.0, 0), (103.0, 0)]
    """
    text = re.sub(r"(\d{4})-(\d\d)-(\d\d)(?:T[\d:.+Z]+)?", r"\1 \2 \3", text)
    for found in _NUMBER.finditer(re.sub(r"(?<=\d)[-–](?=\d)", " | ", text)):
        token = found[0].replace("−", "-").lstrip("+±")
        # a group of three digits after a zero is a fraction, never thousands
        grouped = not token.lstrip("-").startswith("0")
        digits = re.sub(r"[,\u00a0\u202f .’'](?=\d{3}(?:\D|$))", "", token) if grouped else token
        whole, mark, rest = digits.replace(",", ".").partition(".")
        if "." in rest:
            continue
        yield float(f"{whole}.{rest}" if mark else whole), len(rest), text[found.end() :][:20]


def _untraced(found: Extracted, known: _Known) -> tuple[list[str], int]:
    """Give the places of numbers that do not trace, and how many numbers were looked at."""
    printed = found.file.lower().endswith(".pdf")
    missing: list[str] = []
    looked = 0
    for place, number in found.numbers:
        looked += 1
        if not known.number(number):
            missing.append(place)
    for place, numbers in found.arrays:
        looked += len(numbers)
        if not _is_positions(numbers) and not all(known.number(number) for number in numbers):
            missing.append(place)
    for place, text in found.texts:
        told = list(_printed_numbers(text, known) if printed else numbers_of(text))
        looked += len(told)
        for value, decimals, after in told:
            few = 0 < value < known.minimum and decimals == 0 and _PEOPLE_AFTER.match(after)
            # "1,234" is 1.234 where the comma is the decimal mark
            traced = known.word(value, decimals) or (decimals == 0 and known.word(value / 1000, 3))
            if few or after is _UNTRACED or not (printed or traced):
                missing.append(f"{place} ('{_veiled(text)}')")
    return missing, looked


def _printed_numbers(text: str, known: _Known) -> Iterator[tuple[float, int, str]]:
    """Give the numbers of a printed page that do not trace, and those that are said of people.

    A PDF gives words back without their places: figures of neighbouring cells run into one another, and
    the ticks of an axis stand among them. So a run of digits traces when it can be cut into numbers that
    do; a number of at most two digits that tell anything may be a tick.
    """
    text = re.sub("(?<=\\d)[\u00a0\u202f](?=\\d{3}(?!\\d))", "", text)
    for found in re.finditer(r"(?<![\w.,])\d[\d.,]*(?!\w)", text):
        run = found[0].rstrip(".,")
        after = text[found.end() :][:20]
        if _PEOPLE_AFTER.match(after) and run.isdigit():
            yield float(run), 0, after
        elif not _traces(run, known):
            yield 0.5, MAX_DECIMALS, _UNTRACED


def _traces(run: str, known: _Known) -> bool:
    """Say whether a run of digits can be cut into numbers that trace."""
    day = run.split(".")
    if len(day) == 3 and all(part.isdigit() and known.word(float(part), 0) for part in day):
        return True
    reach = [True] + [False] * len(run)
    for end in range(1, len(run) + 1):
        for start in range(max(0, end - 12), end):
            piece = run[start:end]
            cut = piece != run
            if reach[start] and _PIECE.fullmatch(piece) and not (cut and piece.isdigit()):
                value = float(piece.replace(",", "."))
                decimals = len(re.split("[.,]", piece)[1]) if not piece.isdigit() else 0
                tick = piece == run and float(f"{value:.2g}") == value
                thousands = float(re.sub("[.,]", "", piece)) if decimals == 3 else value
                if tick or known.word(value, decimals) or known.word(thousands, 0):
                    reach[end] = True
                    break
    return reach[-1]


def _is_positions(numbers: tuple[float, ...]) -> bool:
    """Say whether numbers are places along an axis: whole steps from a common start, few and small."""
    if not numbers:
        return True
    first = numbers[0] - int(numbers[0] // 1)
    return (
        all(
            abs(number - first - round(number - first)) < 1e-6 and -1 <= number <= POSITIONS
            for number in numbers
        )
        and len(set(numbers)) <= POSITIONS
    )


def _veiled(text: str) -> str:
    """Show where a number stood without its neighbours' words."""
    return re.sub(r"\w", "x", text[:40])
