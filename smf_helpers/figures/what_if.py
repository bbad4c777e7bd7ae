"""The what-if module as text, and its words in another language, for whoever shows it live."""

import functools
import re
from pathlib import Path
from typing import Final

from smf_helpers.language import Language

MODULE: Final = Path(__file__).parents[1] / "assets" / "what_if.js"
_PAIR = re.compile(r'(\w+): "((?:[^"\\]|\\.)*)"')


@functools.cache
def module_source() -> str:
    """Give the JavaScript of the what-if."""
    return MODULE.read_text(encoding="utf-8")


@functools.cache
def module_words() -> dict[str, str]:
    """Give the module's own words in English, which the catalogues of other languages have.

    Examples
    --------
    >>> module_words()["title"]
    'What if?'
    """
    _, _, rest = module_source().partition("const WORDS = {")
    return dict(_PAIR.findall(rest.split("\n  };")[0]))


def words_in(language: Language) -> dict[str, str]:
    """Give the module's words in a language."""
    return {key: language.text(words) for key, words in module_words().items()}
