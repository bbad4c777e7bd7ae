"""One command makes every client's report: whole, offline, and alone when somebody else's fails."""

import json
import re
from pathlib import Path

import pytest

from tests.main_job.conftest import CLIENTS, Run, make_project, smf

pytestmark = pytest.mark.xdist_group("main_job")

ADDRESS = re.compile(r"""(?:src|href|action|data|url)\s*[=(]\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)


def test_every_client_gets_a_report(main_job: Run) -> None:
    assert main_job.code == 0, main_job.said
    for client in CLIENTS:
        page = main_job.reports / client / "report.html"
        assert 100_000 < page.stat().st_size < 6_000_000, page
    assert (main_job.reports / "index.html").exists()


def test_the_closing_table_names_client_state_seconds_and_page(main_job: Run) -> None:
    for client in CLIENTS:
        line = next(line for line in main_job.said.splitlines() if client in line and "report.html" in line)
        assert re.search(r"\bok\b", line), line
        assert re.search(r"\d", line), line


@pytest.mark.parametrize("client", CLIENTS)
def test_a_page_refers_to_no_other_host(main_job: Run, client: str) -> None:
    page = (main_job.reports / client / "report.html").read_text(encoding="utf-8")
    assert not ADDRESS.search(page)
    assert not re.search(r"https?://(?!www\.w3\.org/)", page), "an address of another host"


def test_the_index_lists_every_client(main_job: Run) -> None:
    index = (main_job.reports / "index.html").read_text(encoding="utf-8")
    for client in CLIENTS:
        assert f"{client}/report.html" in index


def test_a_page_answers_the_three_questions_first(main_job: Run) -> None:
    page = (main_job.reports / "northgrid" / "report.html").read_text(encoding="utf-8")
    places = [
        page.find(question)
        for question in ("Are we learning", "Is our social media culture", "How can we improve")
    ]
    assert -1 not in places
    assert places == sorted(places)


def test_nothing_private_is_delivered(main_job: Run) -> None:
    delivered = {
        path.name
        for path in main_job.reports.rglob("*")
        if path.is_file() and not path.relative_to(main_job.reports).parts[0].startswith(".")
    }
    assert not {name for name in delivered if name.endswith((".ipynb", ".csv", ".log", ".jsonl"))}


def test_a_second_run_does_nothing_again(main_job: Run) -> None:
    again = smf(main_job.project, "report")
    assert again.code == 0
    assert again.said.count("unchanged") >= len(CLIENTS)


def test_a_report_can_be_verified(main_job: Run) -> None:
    again = smf(main_job.project, "verify", "reports/pienpaja")
    assert again.code == 0, again.said
    assert "same" in again.said
    page = main_job.reports / "pienpaja" / "report.html"
    assert page.exists()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_missing_input_stops_its_client_and_nobody_else(tmp_path: Path, client: str) -> None:
    project = make_project(tmp_path, (client,))
    inputs = sorted(path for path in (project / "data" / "sample" / client).rglob("*") if path.is_file())
    for path in inputs:
        kept = path.read_bytes()
        path.unlink()
        said = smf(project, "check", client)
        path.write_bytes(kept)
        named = [word for word in (path.name, path.parent.name) if word in said.said]
        assert said.code == 1 and named, f"{path.name}: {said.said}"
        if len(inputs) > 4:
            break


def test_one_broken_client_does_not_stop_the_others(tmp_path: Path) -> None:
    project = make_project(tmp_path, ("kauppa", "pienpaja"))
    lost = next(path for path in (project / "data" / "sample" / "kauppa").rglob("*.zip"))
    lost.unlink()
    run = smf(project, "report")
    assert run.code == 3, run.said
    assert lost.name in run.said
    assert (run.reports / "pienpaja" / "report.html").exists()
    assert not (run.reports / "kauppa" / "report.html").exists()


def test_three_mistakes_are_named_with_line_and_remedy(tmp_path: Path) -> None:
    project = make_project(tmp_path, ("pienpaja",))
    file = project / "params" / "pienpaja.yml"
    text = file.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    file.write_text(text + "privcy: {}\nlanguages: fi\nskills: {scale: five}\n", encoding="utf-8")
    run = smf(project, "check", "pienpaja")
    assert run.code == 1
    for line in (1, 2, 3):
        assert f"pienpaja.yml:{lines + line}" in run.said, run.said
    assert "Did you mean 'privacy'" in run.said
    assert "Did you mean 'language'" in run.said


def test_the_real_client_gets_its_report(composed_job: Run) -> None:
    run = composed_job
    assert run.code == 0, run.said
    page = run.reports / "composed" / "report.html"
    assert page.stat().st_size < 6_000_000
    manifest = json.loads((page.parent / "manifest.json").read_text())
    assert manifest["client"] == "composed"
