"""Results from elsewhere, for rooms whose Wi-Fi isolates guests: pasted or as CSV.

Two shapes are read: a row a participant with a column an item (Forms, Slido), and a row an item with a column
an answer holding counts (Mentimeter). An item is known by its key or its label, in English or in Finnish.
"""

import csv
import re
from collections.abc import Sequence
from typing import Final

from smf_helpers.errors import Fault, InputError
from smf_helpers.figures.vocabulary import LABELS, SHORT
from smf_helpers.figures.workshop.ballots import BALLOTS, EXCUSE, REASON
from smf_helpers.figures.workshop.words import PAGE
from smf_helpers.language import language, languages

MOST_ROWS: Final = 2000


def read_results(step: str, text: str) -> dict[str, dict[int, int]]:
    """Read results as counts: item → answer → how many.

    Parameters
    ----------
    step : the step that they are votes on.
    text : what was pasted; separated by tabs, semicolons or commas, the first line names the columns.

    Raises
    ------
    InputError : no item of the step is found in it; says what the lines should look like.

    Examples
    --------
    >>> read_results("factors", "Listening;Engaging\\n4;2\\n4;9\\n")
    {'listening': {4: 2}, 'engaging': {2: 1}}
    """
    rows = _rows(text)
    counts = _wide(step, rows) or _counted(step, rows)
    if not counts:
        raise InputError(
            Fault(
                code="E020",
                where="pasted results",
                what="No factor or barrier of this step is named in it.",
                remedy="Name the columns (or the first cell of each line) as on the wall, such as Listening.",
            )
        )
    return counts


def _rows(text: str) -> list[list[str]]:
    lines = text.lstrip("\ufeff").splitlines()[: MOST_ROWS + 1]
    head = lines[0] if lines else ""
    mark = max("\t;,", key=head.count)
    return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=mark) if any(row)]


def _names(step: str) -> dict[str, str]:
    """Give every name that an item of a step goes by."""
    known: dict[str, str] = {}
    for item in BALLOTS[step].items if step in BALLOTS else ():
        for words in (item, LABELS.get(item, item), SHORT.get(item, item)):
            known[words.casefold()] = item
            known |= {language(code).text(words).casefold(): item for code in languages()}
    return known


def _item(cell: str, known: dict[str, str]) -> str:
    row = re.search(
        r"\[([^\[\]]+)\]\s*$", cell
    )  # Google Forms names the rows of a grid so: Rate each [Listening]
    plain = re.sub(r"^\W*\d+[.)]\s*", "", row[1] if row else cell).casefold().strip(" ?:")
    return known.get(plain, "")


def _choice(step: str, cell: str) -> int:
    """Give the answer that a cell holds, 0 where it is none."""
    if step == "barriers":
        for key, choice in (("reason", REASON), ("excuse", EXCUSE)):
            if any(cell.casefold() == language(code).text(PAGE[key]).casefold() for code in languages()):
                return choice
    found = re.match(r"\d+", cell)
    number = int(found[0]) if found and len(found[0]) < 3 else 0
    return number if number in BALLOTS[step].choices else 0


def _wide(step: str, rows: Sequence[Sequence[str]]) -> dict[str, dict[int, int]]:
    known = _names(step)
    places = {place: _item(cell, known) for place, cell in enumerate(rows[0])} if rows else {}
    counts: dict[str, dict[int, int]] = {}
    for row in rows[1:]:
        for place, item in places.items():
            choice = _choice(step, row[place]) if item and place < len(row) else 0
            if choice:
                held = counts.setdefault(item, {})
                held[choice] = held.get(choice, 0) + 1
    return counts


def _counted(step: str, rows: Sequence[Sequence[str]]) -> dict[str, dict[int, int]]:
    if len(rows) < 2 or step not in BALLOTS:
        return {}
    known = _names(step)
    choices = {place: _choice(step, cell) for place, cell in enumerate(rows[0])}
    counts: dict[str, dict[int, int]] = {}
    for row in rows[1:]:
        item = _item(row[0], known)
        for place, choice in choices.items():
            cell = row[place] if place < len(row) else ""
            if item and place and choice and cell.isdecimal() and int(cell) <= MOST_ROWS:
                counts.setdefault(item, {})[choice] = int(cell)
    return counts
