"""The wizard writes a mapping that the reader takes."""

from pathlib import Path

import pytest
import yaml

import smf_helpers as smf
from smf_helpers.errors import InputError
from smf_helpers.ingest import suggest_mapping


def test_the_suggestion_reads_the_file_that_it_was_made_for(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Permalink;Published at;Kattavuus;Tykkäykset;Secret\nhttps://1;2025-03-01;100;3;x\n")
    with pytest.raises(InputError, match="S100"):
        smf.read_export(path)
    written = suggest_mapping(path)
    mapping = yaml.safe_load(written)["sources"][0]["mapping"]
    assert mapping["table"] == "posts"
    posts = smf.read_export(path, mapping=mapping).tables["posts"]
    assert (posts["reach"].iloc[0], posts["reactions"].iloc[0]) == (100, 3)


def test_what_is_left_out_is_told_without_a_value(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Permalink;Published at;Kattavuus;Colour\nhttps://1;2025-03-01;100;crimson\n")
    written = suggest_mapping(path)
    assert "Colour" in written and "crimson" not in written


def test_a_table_that_the_user_names_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Employee number,Department\n1,Sales\n")
    assert yaml.safe_load(suggest_mapping(path, table="survey"))["sources"][0]["mapping"]["table"] == "survey"
    with pytest.raises(InputError, match="S103"):
        suggest_mapping(path, table="colours")


def test_users_extend_the_synonyms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from smf_helpers.ingest.headers import synonyms

    own = tmp_path / "own.yml"
    own.write_text("skills: {learner: [Oppija], at: [Milloin]}\n")
    path = tmp_path / "s.csv"
    path.write_text("Oppija,Skill,Milloin,Score\nP1,writing,2025-03-03,40\n")
    with pytest.raises(InputError):
        smf.read_export(path)
    monkeypatch.setenv("SMF_SYNONYMS", str(own))
    synonyms.cache_clear()
    try:
        assert len(smf.read_export(path).tables["skills"]) == 1
    finally:
        monkeypatch.undo()
        synonyms.cache_clear()


def test_a_notebook_cell_shows_the_mapping_as_it_is_pasted(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    path = tmp_path / "export.csv"
    path.write_text("Permalink;Published at;Kattavuus;Tykkäykset;Secret\nhttps://1;2025-03-01;100;3;x\n")
    cells = ["import smf_helpers as smf", "smf.suggest_mapping('export.csv')"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    where = {"metadata": {"path": str(tmp_path)}}
    done = NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where).execute()
    shown = done.cells[1].outputs[0]["data"]
    assert shown["text/markdown"] == f"```yaml\n{shown['text/plain']}\n```"
    mapping = yaml.safe_load(shown["text/plain"])["sources"][0]["mapping"]
    assert smf.read_export(path, mapping=mapping).tables["posts"]["reach"].iloc[0] == 100


def test_a_short_list_of_posts_is_taken_for_posts_and_its_dates_and_names_by_their_values(
    tmp_path: Path,
) -> None:
    path = tmp_path / "julkaisut.csv"
    rows = [f"P{day};0{day}.10.2025;Uusi;13{day};18{day};{day}" for day in range(1, 10)]
    path.write_text("\n".join(["Tunniste;Pvm;Teksti;Tavoitetut;Näyttökerrat;Tykkäykset", *rows]))
    written = suggest_mapping(path)
    mapping = yaml.safe_load(written)["sources"][0]["mapping"]
    assert mapping["table"] == "posts"
    assert mapping["columns"] == {
        "Näyttökerrat": "impressions", "Tykkäykset": "reactions", "Pvm": "published_at", "Tunniste": "post",
    }  # fmt: skip
    assert "Taken for what its values look like: Pvm, Tunniste." in written
