"""The strict reader refuses what plain YAML swallows, and says where."""

from pathlib import Path

import pytest

from smf_helpers.errors import ParamsError
from smf_helpers.params import load_params

GOOD = 'client: acme\nname: "Acme"\nsources:\n  - {path: wave.csv}\n'


def load(tmp_path: Path, text: str | bytes) -> ParamsError | None:
    (tmp_path / "params").mkdir(exist_ok=True)
    file = tmp_path / "params" / "acme.yml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        load_params(file)
    except ParamsError as problem:
        return problem
    return None


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD) is None


@pytest.mark.parametrize(
    ("text", "code", "line", "said"),
    [
        (GOOD + "name: again\n", "Y002", 5, "line 2"),
        (GOOD + "privacy: {min_respondants: 7}\n", "Y002", 5, "Did you mean 'min_respondents'"),
        (GOOD + "privacy:\n  min_respondents: 1\n", "P001", 6, "at least 5"),
        (GOOD + "privacy:\n  min_respondents: true\n", "P001", 6, "at least 5"),
        (GOOD + "privacy:\n  min_respondents: five\n", "P001", 6, "at least 5"),
        (GOOD + "privacy:\n  min_respondents: .nan\n", "P001", 6, "at least 5"),
        (GOOD + "seed: 1.5\n", "Y002", 5, "seed"),
        (GOOD + "objectives: [yes]\n", "Y002", 5, "flag or a text"),
        (GOOD.replace("acme", "0123"), "Y002", 1, "quotes"),
        (GOOD.replace("acme", "2025-01-01"), "Y003", 1, "date"),
        (GOOD.replace("client: acme", "client: CON"), "Y003", 1, "client"),
        (GOOD.replace("client: acme", "client: аcme"), "Y003", 1, "client"),
        (GOOD.replace("client: acme", "client: acme."), "Y003", 1, "client"),
        (GOOD.replace("client: acme", "client: ../x"), "Y003", 1, "client"),
        (GOOD.replace("wave.csv", "../other/wave.csv"), "Y004", 4, "out of the client's folder"),
        (GOOD + "a: &x [1]\nb: *x\n", "Y001", 5, "aliases"),
        (GOOD + "a: !!python/object:os.system {}\n", "Y001", 5, "aliases|Tags|well-formed"),
        (GOOD + "---\n" + GOOD, "Y002", 1, "several documents"),
        ("- a\n- b\n", "Y002", 1, "key: value"),
        ("", "Y002", 1, "key: value"),
        ("client: [\n", "Y001", 2, "well-formed"),
        (b"client: \xff\xfe\n", "Y001", 0, "UTF-8"),
        ("a: " + "[" * 5000 + "]" * 5000, "Y001", 0, "nested"),
        (GOOD + 'brand: {primary: "#ffcc00"}\n', "Y002", 5, "contrast of 1.5"),
        (GOOD + "timezone: Europe/Atlantis\n", "Y002", 5, "no time zone"),
        (GOOD.replace("wave.csv", "wave.csv, timezone: Mars"), "Y002", 4, "no time zone"),
        (GOOD + "folder: data/raw/other\n", "Y004", 5, "another client's"),
    ],
)
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, text: str | bytes, code: str, line: int, said: str
) -> None:
    problem = load(tmp_path, text)
    assert problem is not None
    first = problem.faults[0]
    assert first.code == code, first
    assert not line or first.where == f"acme.yml:{line}", first
    assert any(part in str(problem) for part in said.split("|")), problem


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = (
        GOOD
        + "privacy:\n  min_respondents: 2\nbrand: {primary: red}\ninterventions:\n  - {kind: party, name: A, starts_on: 2025-02-30}\n"
    )
    problem = load(tmp_path, text)
    assert problem is not None
    places = {fault.where for fault in problem.faults}
    assert {"acme.yml:6", "acme.yml:7", "acme.yml:9"} <= places
    assert len(problem.faults) == 4
