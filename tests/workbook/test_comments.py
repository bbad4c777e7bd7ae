"""Comments on the private side: redacted as they are read, told as themes, word for word only when asked for."""

from types import SimpleNamespace

import pandas as pd
import pytest

from smf_helpers.workbook.comments import comment_texts, propose_comments, redacted

TEXTS = [
    "We need more training and time",
    "Ask Maria Virtanen for a guide",
    "Call 040 123 4567 about the tools",
]


def tables(people):
    who = [f"p{n}" for n in range(people)]
    said = pd.DataFrame(
        {"respondent": who, "wave": "w1", "item": "COM", "text": [TEXTS[n % 3] for n in range(people)]}
    )
    scores = pd.DataFrame({"respondent": who, "wave": "w1", "item": "Q1", "text": "Maria Virtanen"})
    return {
        "items": pd.DataFrame({"item": ["COM", "Q1"], "module": ["comment", "listening"]}),
        "responses": pd.concat([said, scores], ignore_index=True),
        "respondents": pd.DataFrame({"respondent": who, "wave": "w1"}),
    }


def proposed(people, comments):
    held = redacted(tables(people), ["maria.virtanen@acme.fi"])
    book = SimpleNamespace(
        params=SimpleNamespace(
            privacy=SimpleNamespace(profile="standard", min_respondents=5, comments=comments)
        ),
        rows=held.__getitem__,
        waves=["w1"],
        order=lambda text: text[::-1],
        group=lambda population, unit="all": (population, unit),
    )
    return [proposal.table for proposal in propose_comments(book)]


def test_comments_are_redacted_as_they_are_read_and_other_answers_are_left_alone():
    held = redacted(tables(6), ["maria.virtanen@acme.fi"])
    assert comment_texts(held) == [
        "Ask [removed] [removed] for a guide",
        "Call [removed] about the tools",
        "We need more training and time",
    ]
    assert set(held["responses"].loc[held["responses"]["item"] == "Q1", "text"]) == {"Maria Virtanen"}


def test_themes_are_told_by_default_and_words_only_when_asked_for():
    themes, words = proposed(30, "themes")
    shares = {row["theme"]: row["share"] for row in themes.records()}
    assert shares["training"] == pytest.approx(20 / 30) and shares["tools"] == pytest.approx(10 / 30)
    assert words.rows == ()
    _, words = proposed(30, "verbatims")
    told = words.column("comment")
    assert len(told) == 30 and told == sorted(told, key=lambda text: text[::-1])
    assert all(table.rows == () for table in proposed(30, "off"))


def test_too_few_people_are_neither_counted_nor_quoted():
    assert all(table.rows == () for table in proposed(9, "verbatims"))
    themes, words = proposed(12, "verbatims")
    assert [row["theme"] for row in themes.records()] == ["training"] and len(words.rows) == 12
