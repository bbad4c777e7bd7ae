"""The catalogues are complete for the findings, and every placeholder survives translation."""

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from smf_helpers.language import LOCALE, languages

ROOM = Path(__file__).parents[2] / "smf_helpers" / "findings"


def literals(node: ast.expr) -> list[str]:
    """Give the texts that an expression can be: a literal, or either branch of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return []


def messages() -> set[str]:
    """Read every sentence of the room from its code: what is said, and the constant tables of sentences."""
    found: set[str] = set()
    for file in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("say", "plural")
            ):
                for argument in node.args[: 1 if node.func.attr == "say" else 2]:
                    found.update(literals(argument))
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if isinstance(target, ast.Name) and target.id.isupper():
                    found.update(text for value in node.value.values for text in literals(value))
    return found


def translations(code: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in (LOCALE / code).glob("*.po"):
        with file.open("rb") as source:
            for message in read_po(source, locale=code):
                ids = message.id if isinstance(message.id, tuple | list) else [message.id]
                strings = message.string if isinstance(message.string, tuple | list) else [message.string]
                for one in ids:
                    found[one] = list(strings)
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_every_sentence_has_a_translation(code: str) -> None:
    known = translations(code)
    missing = sorted(text for text in messages() if not all(known.get(text, [""])))
    assert len(messages()) > 100
    assert missing == []


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_placeholders_survive_translation(code: str) -> None:
    for text, strings in translations(code).items():
        for one in strings:
            assert not text or fields(one) == fields(text), text


def test_no_sentence_claims_a_cause() -> None:
    causal = re.compile(r"\b(caused|causes|because of|proves|due to|led to)\b", re.IGNORECASE)
    guilty = [text for text in messages() if causal.search(text) and "not caused" not in text]
    assert guilty == []
