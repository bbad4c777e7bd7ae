"""Clients whose every id, name and comment is a canary go through one batch: none turns up where it must not."""

import csv
import os
import random
import shutil
from pathlib import Path

import pytest

from smf_helpers.release.audit import DELIVERED, scan_batch
from tests.main_job.conftest import ROOT, smf

pytestmark = pytest.mark.xdist_group("main_job")
CLIENTS = 500 if os.environ.get("SMF_FULL") == "1" else 3
ITEMS = ("OBJ1", "OBJ2", "TCH1", "ACT1", "LIS1", "LIS2", "ENG1", "ENG2", "MEA1", "MEA2", "LCU1", "LCU2")
UNITS = ("Sales", "Care", "Plant")


def make_client(project: Path, number: int) -> dict[str, list[str]]:
    """Write a client's files; give its canaries: the words of its own (a report may hold them) and its people's (none may)."""
    draw = random.Random(number)
    mark = f"q{number:03d}zx"
    client, name = f"canary{number}", f"Canary {mark} Oy"
    own, people = [name], []
    rows = [["id", "unit", *ITEMS, "COM"]]
    for unit in UNITS:
        own.append(f"{unit} {mark}")
        for place in range(draw.randint(8, 16)):
            person = f"anna.{mark}{unit.lower()}{place}@{mark}.example"
            comment = (
                f"Our {unit} chief {mark}w{place} never answers what we {mark}v{place} ask about training"
            )
            people += [person, comment]
            rows.append([person, f"{unit} {mark}", *(str(draw.randint(1, 5)) for _ in ITEMS), comment])
    folder = project / "data" / "raw" / client
    folder.mkdir(parents=True)
    with (folder / "survey.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    columns = ", ".join(f"{item}: {item}" for item in (*ITEMS, "COM"))
    (project / "params" / f"{client}.yml").write_text(
        f"""client: {client}
name: {name}
folder: data/raw/{client}
seed: {number}
sources:
  - path: survey.csv
    wave: "1"
    mapping: {{table: survey, columns: {{id: respondent, unit: unit, {columns}}}}}
waves:
  - {{wave: "1", opened_on: 2026-03-02}}
items:
  COM: {{module: comment}}
publish: {{outputs: [html, xlsx, pptx]}}
""",
        encoding="utf-8",
    )
    return {"own": own, "people": people}


def test_no_file_of_a_batch_holds_a_canary_of_another_client_or_of_anybody(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "params").mkdir()
    canaries = {f"canary{number}": make_client(tmp_path, number) for number in range(CLIENTS)}
    smf(tmp_path, "keys")
    run = smf(tmp_path, "report", hours=6 if CLIENTS > 10 else 0)
    assert run.code == 0, run.said
    delivered = {
        client: [
            path for path in (run.reports / client).rglob("*") if path.suffix.lower() in (*DELIVERED, ".js")
        ]
        for client in canaries
    }
    assert all({".html", ".xlsx", ".pptx"} <= {path.suffix for path in files} for files in delivered.values())
    everybody = [word for known in canaries.values() for word in known["people"]]
    people = {"": everybody, **{client: known["own"] for client, known in canaries.items()}}
    assert scan_batch(delivered, people) == {}
    # The search does find a client's own words in its own files.
    own = {client: [] for client in canaries} | {"": [canaries["canary0"]["own"][0]]}
    assert set(scan_batch(delivered, own)) == {"canary0"}
