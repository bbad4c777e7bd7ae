"""The clients of a project: their params become the tasks of a batch, and the batch becomes reports."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from smf_helpers.errors import BatchError, Fault, ParamsError
from smf_helpers.params import ClientParams, client_folder, load_params, project_root
from smf_helpers.results.batch import (
    EXIT_FAILED,
    EXIT_OK,
    BatchOptions,
    BatchOutcome,
    ClientRow,
    ClientTask,
    Output,
)

OUTPUTS: Final = {
    "html": Output(file="report.html", by="nbconvert:smf_helpers.report.exporter.SmfExporter"),
    "pptx": Output(file="report.pptx", by="smf_helpers.report:write_slides"),
    "xlsx": Output(file="report.xlsx", by="smf_helpers.report:write_sheets"),
    "pdf": Output(file="report.pdf", by="smf_helpers.report:write_print"),
}
"""What can be delivered, and who makes it in the public process."""

SHARED_PAGE: Final = Output(file="report.html", by="nbconvert:smf_helpers.report.exporter.SharedExporter")
"""The page that takes its script from one file beside all clients' folders."""

COMPARED: Final = "portfolio"
"""Folder under the reports for the pages that compare clients."""


def client_tasks(
    paths: Sequence[Path], outputs: Sequence[str] | None = None
) -> tuple[list[ClientTask], dict[str, ParamsError]]:
    """Turn params files into tasks; a file that cannot be used is told apart and stops nobody else.

    Parameters
    ----------
    paths : params files.
    outputs : kinds of files to make; by default what each client's params say.
    """
    tasks, broken = [], {}
    for path in paths:
        try:
            params = load_params(path)
            if path.parent.name == "params" and params.client != path.stem:
                raise ParamsError(
                    Fault(
                        code="Y003",
                        where=path.name,
                        what=f"The file is named '{path.stem}' and the client in it '{params.client}'.",
                        remedy="Give both the same name.",
                    )
                )
        except ParamsError as problem:
            broken[path.stem] = problem
        else:
            tasks.append(_task(path, params, outputs))
    return tasks, broken


def _task(path: Path, params: ClientParams, outputs: Sequence[str] | None) -> ClientTask:
    folder = client_folder(params, project_root(path.parent))
    kinds = outputs or params.publish.outputs
    return ClientTask(
        client=params.client,
        params_path=path,
        input_paths=(folder,),
        outputs=tuple(OUTPUTS[kind].file for kind in kinds),
    )


def report_clients(
    paths: Sequence[Path],
    *,
    out: str,
    outputs: Sequence[str] | None = None,
    dry_run: bool = False,
    shared: bool = False,
    **how: Any,
) -> int:
    """Make the reports of these clients, show how it goes, and give the exit code.

    Parameters
    ----------
    paths : params files.
    out : folder of the reports, or an fsspec address.
    outputs : kinds of files to make; by default what each client's params say.
    dry_run : only say what would run and why.
    shared : pages take their script from one file beside all of them, and are small.
    how : further fields of `BatchOptions`.
    """
    from smf_helpers.batch.display import print_outcome, print_plan, show_progress
    from smf_helpers.batch.plan import plan_batch
    from smf_helpers.batch.run import run_batch

    began = time.monotonic()
    tasks, broken = client_tasks(paths, outputs)
    plan = plan_batch(tasks, report_options(project_root(), out, shared=shared, **how))
    if dry_run:
        print_plan(plan)
        return EXIT_FAILED if broken else EXIT_OK
    if shared:
        _share(out)
    with show_progress(plan) as tell:
        outcome = run_batch(plan, tell)
    unread = tuple(_unread(client, problem) for client, problem in broken.items())
    whole = BatchOutcome(
        rows=(*outcome.rows, *unread),
        exit_code=outcome.exit_code or (EXIT_FAILED if unread else EXIT_OK),
        seconds=time.monotonic() - began,
        note=outcome.note,
    )
    print_outcome(whole)
    return whole.exit_code


def _unread(client: str, problem: ParamsError) -> ClientRow:
    first = problem.faults[0]
    return ClientRow(
        client=client,
        state="failed",
        code=first.code,
        reason=f"{first.where}: {first.what}",
        remedy=f"Type: smf check {client}" if len(problem.faults) > 1 else first.remedy,
    )


def compare_clients(releases: Sequence[Path], *, out: str, **how: Any) -> BatchOutcome:
    """Make the pages that compare clients: one over all, and one for each client beside the others.

    Parameters
    ----------
    releases : what may be told, one file a page; see `release.write_portfolio`.
    out : folder of the reports.
    how : further fields of `BatchOptions`.
    """
    from smf_helpers.batch.plan import plan_batch
    from smf_helpers.batch.run import run_batch

    folder = f"{out}/{COMPARED}"
    options = BatchOptions(
        out=folder,
        report=project_root() / "notebooks" / "portfolio.ipynb",
        outputs=(SHARED_PAGE,),
        audit=AUDIT,
        warm=("smf_helpers.report:warm",),
        **how,
    )
    tasks = [
        ClientTask(
            client=path.parent.name,
            parameters={"release": str(path.absolute())},
            input_paths=(path.absolute(),),
        )
        for path in releases
    ]
    plan = plan_batch(tasks, options)
    _share(folder)
    return run_batch(plan)


def _share(out: str) -> None:
    """Put the script that pages share beside them."""
    from smf_helpers.batch.outputs import resolve
    from smf_helpers.batch.targets import is_address

    if is_address(out):
        what = "Pages with a shared script need a folder."
        raise BatchError(Fault(code="B103", where=out, what=what, remedy="Leave --shared out."))
    resolve("smf_helpers.report:share_scripts")(Path(out))


AUDIT: Final = "smf_helpers.release:audit_files"


def report_options(root: Path, out: str, *, shared: bool = False, **how: Any) -> BatchOptions:
    """Give the options of the main job: the pair of notebooks under `root`, and every kind of file."""
    made = OUTPUTS | ({"html": SHARED_PAGE} if shared else {})
    return BatchOptions(
        out=out,
        analysis=root / "notebooks" / "client_analysis.ipynb",
        report=root / "notebooks" / "client_report.ipynb",
        outputs=tuple(made.values()),
        audit=AUDIT,
        warm=("smf_helpers.report:warm",),
        **how,
    )
