"""Finished sentences are translated by their patterns; a language without a catalogue reads as English."""

import datetime as dt
import re

import pytest

from smf_helpers.language import LOCALE, Language, languages

ENTRY = re.compile(r'^msgid "(.+)"\nmsgstr "(.*)"', re.MULTILINE)


def test_a_finished_sentence_keeps_its_values_and_its_numbers_are_localised() -> None:
    finnish = Language("fi")
    told = finnish.finished("No tipping point found: the pace shows no change beyond chance (p = 0.25).")
    assert told == "Käännekohtaa ei löytynyt: tahdin muutos ei ylitä sattumaa (p = 0,25)."
    assert not finnish.untranslated


def test_sentences_one_after_another_are_translated_one_by_one() -> None:
    told = Language("fi").finished("Nobody answered. There is no survey.")
    assert told == "Kukaan ei vastannut. Kyselyä ei ole."


def test_what_fills_a_pattern_is_translated_too() -> None:
    told = Language("fi").finished("consistent with a change of slope at the date")
    assert told == "sopii yhteen tämän kanssa: kulmakertoimen muutos kyseisenä päivänä"


def test_a_sentence_without_a_pattern_stays_and_is_remembered() -> None:
    finnish = Language("fi")
    assert finnish.finished("Nothing like it stands anywhere.") == "Nothing like it stands anywhere."
    assert finnish.untranslated == {"Nothing like it stands anywhere."}


def test_a_language_without_a_catalogue_reads_as_english() -> None:
    for code in ("sv", "xx"):
        words = Language(code)
        assert words.text("{n} people", n=12) == "12 people"
        assert words.plural("{n} unit", "{n} units", 2) == "2 units"
        assert words.finished("Nobody answered.") == "Nobody answered."
        assert words.number(1234.5) == "1,234.5" and words.percent(0.347) == "35%"
        assert words.date(dt.date(2026, 11, 22)) == Language("en").date("2026-11-22")


@pytest.mark.parametrize("code", languages()[1:])
def test_a_message_has_one_translation_whichever_catalogue_holds_it(code: str) -> None:
    told: dict[str, set[str]] = {}
    for catalogue in (LOCALE / code).glob("*.po"):
        for message, words in ENTRY.findall(catalogue.read_text(encoding="utf-8")):
            told.setdefault(message, set()).add(words)
    assert len(told) > 700
    assert {message: words for message, words in told.items() if len(words) > 1} == {}
