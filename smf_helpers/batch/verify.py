"""Does a report come out the same again? Re-run its client beside it and compare byte by byte."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smf_helpers.batch.clients import OUTPUTS, client_tasks, report_options
from smf_helpers.errors import BatchError, Fault
from smf_helpers.params import project_root

_SAID = {
    "inputs": "the inputs are not the same",
    "parameters": "the params are not the same",
    "template": "the notebooks are not the same",
    "environment": "the installed packages or the code are not the same",
    "outputs": "other kinds of files were asked for",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a re-run gave.

    Attributes
    ----------
    same : file name → whether it came out byte for byte the same.
    why : what differs between then and now; empty when nothing that the report depends on does.
    """

    same: dict[str, bool]
    why: tuple[str, ...]


def verify_report(report: str | Path) -> Verification:
    """Re-run the client of a finished report and compare what comes out.

    Parameters
    ----------
    report : the client's folder under ``reports/``, or a file in it.

    Raises
    ------
    BatchError
        There is no manifest beside the report, or its client cannot be run again.
    """
    from smf_helpers.batch.plan import plan_batch
    from smf_helpers.batch.run import run_batch

    folder = Path(report) if Path(report).is_dir() else Path(report).parent
    manifest = _manifest(folder)
    client, files = str(manifest["client"]), dict(manifest["files"])
    root = project_root(folder)
    kinds = [kind for kind, output in OUTPUTS.items() if output.file in files]
    tasks, broken = client_tasks([root / "params" / f"{client}.yml"], kinds)
    for problem in broken.values():
        raise problem
    with tempfile.TemporaryDirectory() as place:
        shared = "html" in kinds and _shares(folder / OUTPUTS["html"].file)
        plan = plan_batch(tasks, report_options(root, place, shared=shared, verify="content", index=""))
        outcome = run_batch(plan)
        row = outcome.rows[0]
        if row.state != "ok":
            raise BatchError(Fault(code=row.code, where=client, what=row.reason, remedy=row.remedy))
        again = dict(_manifest(Path(place) / client)["files"])
    parts = plan.clients[0].parts
    why = tuple(_SAID.get(part, part) for part, mark in manifest["parts"].items() if parts.get(part) != mark)
    return Verification(same={name: again.get(name) == digest for name, digest in files.items()}, why=why)


def _shares(page: Path) -> bool:
    """Say whether a page takes its script from a file beside the clients' folders."""
    return page.is_file() and b'<script src="../' in page.read_bytes()


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError) as problem:
        what = "There is no whole report here: its manifest is missing or cannot be read."
        raise BatchError(
            Fault(code="B501", where=folder.name, what=what, remedy="Name a client's folder under reports/.")
        ) from problem
