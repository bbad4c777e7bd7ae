"""The same answers in every shape a tool writes them, and waves that are matched through the item map."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

import smf_helpers as smf
from smf_helpers.errors import InputError
from smf_helpers.ingest.catalogue import ItemCatalogue, own_items
from smf_helpers.ingest.questionnaire import ITEMS
from smf_helpers.ingest.reading import read_source
from smf_helpers.ingest.sources import ReadOptions, source_of
from smf_helpers.params.schema import Item

BARRIERS = next(question for question in ITEMS if question.code == "BAR")
TEXTS = BARRIERS.options["en"]
CHOSEN = ([3, 6], [6], [0, 3, 5])
"""Options of three people; option 3 holds a comma."""
WORDING = BARRIERS.wording["en"]


def table(header: list[str], rows: list[list[str]]) -> bytes:
    quoted = [",".join(f'"{cell}"' for cell in row) for row in (header, *rows)]
    return "\n".join(quoted).encode() + b"\n"


def joined(mark: str) -> bytes:
    rows = [[str(i), "4", mark.join(TEXTS[k] for k in options)] for i, options in enumerate(CHOSEN)]
    return table(["Respondent ID", "OBJ1", WORDING], rows)


def columns(say: Mapping[bool, str] | None) -> bytes:
    header = ["Respondent ID", "OBJ1", *(f"{WORDING} [{text}]" for text in TEXTS)]
    rows = [
        [
            str(i),
            "4",
            *((say[k in options] if say else text * (k in options)) for k, text in enumerate(TEXTS)),
        ]
        for i, options in enumerate(CHOSEN)
    ]
    return table(header, rows)


SHAPES = {
    "one cell, semicolons": joined(";"),
    "one cell, commas within options": joined(", "),
    "a column an option, its text": columns(None),
    "a column an option, 0 and 1": columns({True: "1", False: "0"}),
    "a column an option, yes and no": columns({True: "Yes", False: "No"}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_multi_select_is_the_same_in_every_shape(shape: str) -> None:
    export, faults = read_source(source_of(SHAPES[shape], "w1.csv", ReadOptions()))
    assert not [fault for fault in faults if fault.severity == "error"]
    answers = export.tables["responses"].query("item.str.startswith('BAR_')")
    found = answers.pivot(index="respondent", columns="item", values="value")
    assert list(found.sum()[[f"BAR_{key}" for key in BARRIERS.keys]]) == [1, 0, 0, 2, 0, 1, 2]
    assert set(answers["missing"]) == {""}


def wave(
    name: str, header: str, rows: str, items: Mapping[str, Item], **more: object
) -> dict[str, pd.DataFrame]:
    options = ReadOptions(catalogue=own_items(items, ItemCatalogue.ready_made()), wave=name, **more)  # type: ignore[arg-type]
    export, faults = read_source(source_of(f"{header}\n{rows}".encode(), f"{name}.csv", options))
    assert not [fault for fault in faults if fault.severity == "error"], faults
    return dict(export.tables)


def test_waves_meet_through_the_item_map_and_part_where_they_cannot_be_compared() -> None:
    items = {
        "TRUST": Item(
            module="learning_culture", columns=("I trust my team", "Minä luotan tiimiini"), scale=(1, 5)
        )
    }
    first = wave("w1", "Respondent ID,I trust my team,OBJ1", "1,4,5\n2,2,3\n", items)
    second = wave("w2", "Respondent ID,Minä luotan tiimiini,OBJ1", "1,5,5\n2,3,3\n", items)
    third = wave(
        "w3", "Respondent ID,I trust my team,OBJ1", "1,7,5\n2,6,3\n", items, not_comparable=("TRUST",)
    )
    assert set(first["items"]["item"]) == set(second["items"]["item"]) == {"TRUST", "OBJ1"}
    assert set(third["items"]["item"]) == {"TRUST@w3", "OBJ1"}
    scales = third["items"].set_index("item")
    assert (scales.loc["TRUST@w3", "scale_min"], scales.loc["TRUST@w3", "scale_max"]) == (1, 7)
    assert scales.loc["TRUST@w3", "module"] == "learning_culture"


def test_a_scale_that_changed_without_a_word_is_refused() -> None:
    with pytest.raises(AssertionError, match="S202"):
        wave("w3", "Respondent ID,OBJ1,OBJ2", "".join(f"{i},{1 + i % 7},3\n" for i in range(14)), {})


def test_a_long_table_is_the_wide_one_turned(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(
        "who,question,answer,team\n1,OBJ1,4,Sales\n1,OBJ2,5,Sales\n2,OBJ1,N/A,Works\n2,OBJ2,1,Works\n"
    )
    mapping = {
        "table": "survey",
        "columns": {"who": "respondent", "question": "item", "answer": "value", "team": "unit"},
    }
    tables = smf.read_export(path, mapping=mapping).tables
    assert tables["responses"].groupby("item")["value"].sum().to_dict() == {"OBJ1": 4, "OBJ2": 6}
    assert list(tables["responses"]["missing"]) == ["", "not_applicable", "", ""]
    assert list(tables["respondents"]["unit"]) == ["Sales", "Works"]
    path.write_text("who,question,answer\n1,OBJ1,4\n1,OBJ1,5\n")
    with pytest.raises(InputError, match="S301"):
        smf.read_export(path, mapping={"who": "respondent", "question": "item", "answer": "value"})


def test_ways_of_not_answering_are_kept_apart() -> None:
    rows = "1,4,\n2,I don't know,3\n3,Not applicable,3\n4,Question not shown,3\n5,99,3\n"
    export, _ = read_source(
        source_of(f"Respondent ID,OBJ1,OBJ2\n{rows}".encode(), "w.csv", ReadOptions(missing_codes=(99.0,)))
    )
    answers = export.tables["responses"].query("item == 'OBJ1'").sort_values("respondent")
    assert list(answers["missing"]) == ["", "dont_know", "not_applicable", "not_asked", "user_missing"]
    assert export.tables["responses"].query("item == 'OBJ2'")["missing"].tolist().count("skipped") == 1
