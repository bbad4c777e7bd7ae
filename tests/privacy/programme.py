"""What a client gets over the years: a wave, its re-issue with late answers, the next wave; and who attacks it.

Every delivery goes through `make_release` with the client's ledger and leaves as a workbook of sheets; the
attacker reads the figures from these files, all of them together, and knows who sits where and who came late.
"""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from smf_helpers.errors import PrivacyError
from smf_helpers.privacy import attack
from smf_helpers.privacy.publish import Row
from smf_helpers.privacy.readings import read_table
from smf_helpers.release import make_release
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import GroupRef, Kind, Mark, Population, Proposal, Table
from smf_helpers.results.released import Brand
from tests.privacy.organisations import answers_of, breakdowns, factor_scores, inside


class Client:
    """A client with the survey waves it has so far, each a population with its answers."""

    def __init__(self, waves):
        self.waves = [
            (replace(people, answers=tuple(map(str, answers))), answers) for people, answers in waves
        ]
        self.params = SimpleNamespace(client="generated", name="Generated", language="en")

    def populations(self):
        return {population.key: population for population, _ in self.waves}

    def proposals(self):
        tables = [factor_scores(people, breakdowns(people), answers) for people, answers in self.waves]
        return [*tables, *([_changes(*self.waves[-2:])] if len(self.waves) > 1 else [])]

    def conclude(self, tables):
        return [], [], []

    def what_if(self, tables):
        return None

    def labels(self):
        return {}

    def method(self):
        return {"as_of": "2026-03-31"}

    def brand(self):
        return Brand()


def _changes(before, after):
    """Propose the change of each group that both waves have, of whoever answered."""
    rows, groups, counts = [], [], []
    known = {ref.dims for ref in breakdowns(before[0])}
    for ref in breakdowns(after[0]):
        if ref.dims not in known:
            continue
        refs = (replace(ref, population=before[0].key), ref)
        sides = [
            answers[inside(people, each)]
            for (people, answers), each in zip((before, after), refs, strict=True)
        ]
        n = min(len(side) for side in sides)
        change = float(sides[1].mean() - sides[0].mean())
        label = " / ".join(value for _, value in ref.dims) or "all"
        rows.append((label, "listening", "w1", "w2", change, None, None, "equivalent", "paired", "", n))
        groups.append(refs)
        counts.append(n)
    return Proposal(
        table=Table(spec=CATALOGUE["factor_change"], rows=tuple(rows)),
        groups=tuple(groups),
        counts=tuple(counts),
        measure="factors",
    )


def changed(population, answers, seed, *, wave, joiners, leavers=0, movers=0, team=False):
    """The same organisation later: some people joined (all in one team, or anywhere), left, changed their unit."""
    rng = np.random.default_rng([seed, len(wave), joiners])
    n = len(population.people)
    stay = np.sort(rng.permutation(n)[leavers:])
    came = np.full(joiners, rng.integers(0, n)) if team else rng.integers(0, n, joiners)
    dimensions = {
        name: np.concatenate([values[stay], values[came]]) for name, values in population.dimensions.items()
    }
    move = rng.permutation(len(stay))[:movers]
    dimensions["unit"][move] = rng.choice(population.dimensions["unit"], len(move))
    people = np.concatenate([population.people[stay], [f"n{wave}x{i:03d}" for i in range(joiners)]])
    later = Population(
        key=f"survey:{wave}",
        people=people,
        dimensions=dimensions,
        headcounts={},
        snapshot=f"{wave}+{joiners}",
    )
    return later, np.concatenate([answers[stay], answers_of(population, seed + 1)[came]])


def deliver(client, folder, issue, *, reissue=False):
    """Make a release on the client's ledger and write its sheets; None when the gate refuses it."""
    from smf_helpers.report import write_sheets

    ledger = folder / "ledger.jsonl"
    try:
        release = make_release(client, ledger=ledger, reissue=reissue)
    except PrivacyError:
        return None
    write_sheets(release, folder / f"{issue}.xlsx")
    return release


def read_sheet(path, name):
    """Give a table as it stands in a delivered workbook: numbers, bands, marks."""
    from python_calamine import CalamineWorkbook

    spec = CATALOGUE[name]
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python(skip_empty_area=False)
    marks = {mark.value: mark for mark in Mark}
    whole = [column.kind is Kind.COUNT for column in spec.columns]
    rows = [
        tuple(
            int(cell) if count and isinstance(cell, float) else marks.get(cell, cell)
            for cell, count in zip(row, whole, strict=False)
        )
        for row in sheet[4:]
    ]
    return Table(spec=spec, rows=tuple(rows))


def read_cells(table, populations, issues):
    """Give the published figures of a delivered table as cells: whose they are stands in the labels.

    `issues` names for each wave the marks of the people who were in it when this was delivered.
    """
    found = []
    for key, population in populations.items():
        named = {
            " / ".join(value for _, value in ref.dims) or "Whole organisation": ref.dims
            for ref in breakdowns(population)
        }
        rows, dims = {}, {}
        for place, record in enumerate(table.records()):
            if f"survey:{record['wave']}" == key:
                dims[place] = tuple(sorted((*named[record["unit"]], *issues.get(key, ()))))
                rows[place] = Row(
                    table="factors",
                    position=place,
                    refs=(GroupRef(population=key, dims=dims[place]),),
                    count=0,
                    group_n=0,
                    measure="factors",
                )
        for place, cell in read_table(table, rows, dims):
            plain = tuple(pair for pair in dims[place] if pair not in issues.get(key, ()))
            measure = "|".join(cell.measure.split("|")[:2])
            found.append((plain, replace(cell, measure=measure)))
    return found


def run_programme(make, seed, folder):
    """Deliver wave 1, its re-issue, and wave 2; attack everything together; say what came of it."""
    first = make(seed)
    answers = answers_of(first, seed)
    first = replace(first, snapshot="w1")
    rng = np.random.default_rng([seed, 99])
    n = len(first.people)
    # In every other client one team of five or more answers late: only then may a wave be issued again.
    team = seed % 2 == 1
    joiners = int(rng.integers(5, 13) if team else rng.integers(1, max(2, n // 6)))
    late = changed(first, answers, seed, wave="w1", joiners=joiners, team=team)
    done = {"first": deliver(Client([(first, answers)]), folder, "first")}
    done["reissue"] = deliver(Client([late]), folder, "reissue", reissue=True)
    now = late if done["reissue"] else (first, answers)
    few = int(rng.integers(0, 7))
    second = changed(*now, seed, wave="w2", joiners=few, leavers=int(rng.integers(0, 7)), movers=n // 20)
    done["second"] = deliver(Client([now, second]), folder, "second")
    populations = {"first": [first], "reissue": [late[0]], "second": [now[0], second[0]]}
    cells, named = [], []
    for issue, release in done.items():
        if release is None:
            continue
        table = read_sheet(folder / f"{issue}.xlsx", "factors")
        here = {population.key: population for population in populations[issue]}
        marks = (
            {"survey:w1": (("in the first issue", "yes"),)} if issue == "first" and done["reissue"] else {}
        )
        read = read_cells(table, here, marks)
        cells += [cell for _, cell in read]
        named += [ref.dims for population in here.values() for ref in breakdowns(population)]
    found = []
    seats = {"survey:w1": _seats(now[0], first if done["reissue"] else None), "survey:w2": _seats(second[0])}
    for wave, counts in seats.items():
        mine = [cell for cell in cells if cell.wave == wave]
        for known in (counts, None):
            found.append(attack(mine, headcounts=known, groups=set(named)))
    waves = [(first, done["first"], "w1"), (second[0], done["second"], "w2")]
    able = kept = 0
    for population, release, wave in waves:
        means = release.tables["factors"].column("mean", wave=wave) if release else []
        able += sum(int(inside(population, ref).sum()) >= 5 for ref in breakdowns(population))
        kept += sum(mean is not Mark.CONFIDENTIAL for mean in means)
    return {
        "seed": seed,
        "people": n,
        "knows": sum(len(each.findings) for each in found[::2]),
        "guesses": sum(len(each.findings) for each in found[1::2]),
        "found": sorted({breach.attack for each in found for breach in each.findings}),
        "reissued": done["reissue"] is not None,
        "second": done["second"] is not None,
        "able": able,
        "kept": kept,
        "cells": len(cells),
        "tried": sum(sum(each.tried.values()) for each in found),
        "files": sum(release is not None for release in done.values()),
    }


def _seats(population, first=None):
    """Count who sits where, and who was there in the first issue."""
    columns = [("role", population.dimensions["role"]), ("unit", population.dimensions["unit"])]
    if first is not None:
        early = np.isin(population.people, first.people)
        columns.append(("in the first issue", np.where(early, "yes", "no")))
    rows = zip(*(values for _, values in columns), strict=True)
    return Counter(
        tuple(sorted((name, str(value)) for (name, _), value in zip(columns, row, strict=True)))
        for row in rows
    )
