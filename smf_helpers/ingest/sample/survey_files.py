"""A wave of answers in the look of three survey tools: LimeSurvey, Microsoft Forms, Google Forms."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from smf_helpers.framework import BARRIERS
from smf_helpers.ingest.questionnaire import Question
from smf_helpers.ingest.sample.answers import WaveAnswers
from smf_helpers.ingest.sample.containers import delimited, workbook, zipped
from smf_helpers.ingest.sample.items import SAMPLE_ITEMS
from smf_helpers.ingest.sample.organisation import Person

COMMENTS: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "More time in the calendar for it.",
        "Show us examples from other teams.",
        "Fewer tools, please.",
        "Say clearly what is allowed.",
        "It would help if the management wrote something now and then.",
        "Nothing, it works.",
        "Train the night shift too.",
        "Celebrate what went well.",
    ),
    "fi": (
        "Lisää aikaa kalenteriin.",
        "Näyttäkää esimerkkejä muista myymälöistä.",
        "Vähemmän työkaluja, kiitos.",
        "Sanokaa selvästi, mikä on sallittua.",
        "Johto voisi kirjoittaa joskus itse.",
        "En mitään, tämä toimii.",
        "Kouluttakaa myös iltavuoro.",
        "Juhlitaan onnistumisia.",
    ),
}
SKIPPED: Final = 0.015

Say = Callable[[Question, int], Any]


def limesurvey(
    rng: np.random.Generator, people: list[Person], wave: WaveAnswers, *, texts: bool = False
) -> bytes:
    """Write the wave as a LimeSurvey CSV: codes under question codes, or texts under question texts."""
    head = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp"]
    if texts:
        head = ["Response ID", "Date submitted", "Last page", "Start language", "Seed", "Access code"]
        head += ["Date started", "Date last action"]
    for item in SAMPLE_ITEMS:
        if item.kind == "many_of":
            options = item.options["en"]
            pairs = zip(BARRIERS, options, strict=True)
            head += [
                f"{item.wording['en']} [{text}]" if texts else f"{item.code}[{key.replace('_', '')}]"
                for key, text in pairs
            ]
        else:
            head.append(item.wording["en"] if texts else item.code)

    def say(item: Question, value: int) -> str:
        if item.kind == "text":
            return COMMENTS["en"][value] if value >= 0 else ""
        if texts:
            return item.options["en"][value - item.low]
        return str(value) if item.kind == "rating" else f"A{value - item.low + 1}"

    rows: list[list[Any]] = [head]
    for number, who in enumerate(np.flatnonzero(wave.responded), start=1):
        person, at = people[who], _moment(rng, wave)
        sent = "" if rng.random() < 0.01 else f"{at:%Y-%m-%d %H:%M:%S}"
        start = f"{at - timedelta(minutes=int(rng.integers(5, 25))):%Y-%m-%d %H:%M:%S}"
        row: list[Any] = [number, sent, 4, "en", int(rng.integers(10**8, 10**9)), person.token, start, sent]
        hidden = {"EXE1"} if person.executive else set()
        yes = ("Yes", "No") if texts else ("Y", "")
        rows.append(row + _cells(rng, wave, int(who), say, hidden=hidden, yes=yes, not_shown="N/A"))
    return "﻿".encode() + delimited(rows, quote_all=True)


def microsoft_forms(rng: np.random.Generator, people: list[Person], wave: WaveAnswers) -> bytes:
    """Write the wave as a Finnish Microsoft Forms workbook; people are known by e-mail."""
    head = ["Tunnus", "Aloitusaika", "Valmistumisaika", "Sähköposti", "Nimi", "Viimeksi muokattu"]
    for item in SAMPLE_ITEMS:
        head.append(item.wording["fi"].replace(" ", "\u00a0", 1))

    def say(item: Question, value: int) -> Any:
        if item.kind == "text":
            return COMMENTS["fi"][value] if value >= 0 else ""
        return value if item.kind == "rating" else item.options["fi"][value - item.low]

    rows: list[list[Any]] = [head]
    for number, who in enumerate(np.flatnonzero(wave.responded), start=1):
        person, at = people[who], _moment(rng, wave)
        start = at - timedelta(minutes=int(rng.integers(5, 25)))
        cells = _cells(rng, wave, int(who), say, many="joined", language="fi")
        rows.append([number, start, at, person.email, person.name, "", *cells])
    return workbook({"Sheet1": rows})


def google_forms(
    rng: np.random.Generator,
    people: list[Person],
    wave: WaveAnswers,
    *,
    through_sheets: bool,
    without: Collection[str] = (),
    rewritten: Mapping[str, tuple[str, Callable[[int], int]]] | None = None,
) -> bytes:
    """Write an anonymous wave as a Google Forms export.

    Direct: a zip with one UTF-8 CSV, zone in the time, options joined by ``;``. Through Sheets and a
    European Excel: cp1252, semicolons, day first, options joined by ``, `` although one holds a comma.
    `rewritten` gives items another wording and another answer (a changed scale).
    """
    changed = rewritten or {}
    asked = [item for item in SAMPLE_ITEMS if item.code not in without]
    head = ["Timestamp", "Which unit do you work in?"]
    head += [changed[item.code][0] if item.code in changed else item.wording["en"] + " " for item in asked]

    def say(item: Question, value: int) -> Any:
        if item.kind == "text":
            return COMMENTS["en"][value] if value >= 0 else ""
        if item.code in changed:
            return changed[item.code][1](value)
        return item.options["en"][value - item.low] if item.kind == "one_of" else value

    rows: list[list[Any]] = [head]
    order = sorted(np.flatnonzero(wave.responded), key=lambda _: rng.random())
    for who in order:
        at = _moment(rng, wave)
        sent = f"{at:%d/%m/%Y %H:%M:%S}" if through_sheets else f"{at:%Y/%m/%d %I:%M:%S %p} GMT+2"
        cells = _cells(
            rng,
            wave,
            int(who),
            say,
            asked=asked,
            many="joined",
            joint=", " if through_sheets else ";",
            skipped=0.08,
        )
        unit = people[who].unit if rng.random() > 0.05 else ""
        rows.append([sent, unit, *cells])
    if through_sheets:
        return delimited(rows, sep=";", encoding="cp1252")
    return zipped({"Some at work (responses).csv": delimited(rows, quote_all=True, end="\n")})


def _cells(
    rng: np.random.Generator,
    wave: WaveAnswers,
    who: int,
    say: Say,
    *,
    asked: Collection[Question] = SAMPLE_ITEMS,
    hidden: Collection[str] = (),
    yes: tuple[str, str] = ("Y", ""),
    many: str = "columns",
    joint: str = ";",
    language: str = "en",
    not_shown: str = "",
    skipped: float = SKIPPED,
) -> list[Any]:
    cells: list[Any] = []
    for item in asked:
        if item.kind == "many_of":
            ticked = [bool(wave.answers[f"{item.code}_{barrier}"][who]) for barrier in BARRIERS]
            if many == "columns":
                cells += [yes[0] if tick else yes[1] for tick in ticked]
                continue
            options = item.options[language]
            chosen = [text for text, tick in zip(options, ticked, strict=True) if tick]
            tail = ";" if language == "fi" and chosen else ""
            cells.append(joint.join(chosen) + tail)
        elif item.code in hidden:
            cells.append(not_shown)
        elif item.kind != "text" and rng.random() < skipped:
            cells.append("")
        else:
            cells.append(say(item, int(wave.answers[item.code][who])))
    return cells


def _moment(rng: np.random.Generator, wave: WaveAnswers) -> datetime:
    days = (wave.plan.closed_on - wave.plan.opened_on).days
    start = datetime(wave.plan.opened_on.year, wave.plan.opened_on.month, wave.plan.opened_on.day, 7)
    return start + timedelta(days=int(rng.integers(0, days)), seconds=int(rng.integers(0, 10 * 3600)))
