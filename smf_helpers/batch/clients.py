"""The clients of a project: their params become the tasks of a batch, and the batch becomes reports."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from smf_helpers.batch import files
from smf_helpers.batch.plan import work_folder
from smf_helpers.errors import BatchError, Fault, ParamsError
from smf_helpers.language import LOCALE
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
from smf_helpers.texts import marks_of, words_of

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

MARKS: Final = "clients.json"
"""In the batch's private folder: the marks of every client's own names, for the audit of the others."""


def client_tasks(
    paths: Sequence[Path], outputs: Sequence[str] | None = None, late: str = ""
) -> tuple[list[ClientTask], dict[str, ParamsError]]:
    """Turn params files into tasks; a file that cannot be used is told apart and stops nobody else.

    Parameters
    ----------
    paths : params files.
    outputs : kinds of files to make; by default what each client's params say.
    late : what to do with answers that came after their wave was released: nothing, ``keep`` or ``reissue``.
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
            tasks.append(_task(path, params, outputs, late))
    return tasks, broken


def _task(path: Path, params: ClientParams, outputs: Sequence[str] | None, late: str) -> ClientTask:
    folder = client_folder(params, project_root(path.parent))
    kinds = outputs or params.publish.outputs
    return ClientTask(
        client=params.client,
        params_path=path,
        input_paths=(folder,),
        parameters={"late": late} if late else {},
        outputs=tuple(OUTPUTS[kind].file for kind in kinds),
        names=(
            params.name,
            *(name for name in _own_words(params) if len(words_of(name)) > 1 or _is_coined(name)),
        ),
    )


def _own_words(params: ClientParams) -> list[str]:
    """Give what a client calls its parts and doings."""
    return [
        *(unit.name for unit in params.organisation.units),
        *(each.name for each in params.interventions if each.name),
        *(channel.name for channel in params.channels.values() if channel.name),
        *params.objectives,
        *params.target_groups,
    ]


def _is_coined(name: str) -> bool:
    return any(letter.isdigit() for letter in name)


def _write_marks(tasks: Sequence[ClientTask], options: BatchOptions) -> None:
    """Write down, as digests, whose words may be in whose files; words of our own texts prove nothing."""
    ours = {word for file in LOCALE.rglob("*.po") for word in words_of(file.read_text(encoding="utf-8"))}
    marks = {
        task.client: marks_of(name for name in task.names if not ours.issuperset(words_of(name)))
        for task in tasks
    }
    folder = files.make_folder(work_folder(options), mode=0o700)
    files.write_new(folder / MARKS, json.dumps(marks, sort_keys=True).encode(), mode=0o600)


def report_clients(
    paths: Sequence[Path],
    *,
    out: str,
    outputs: Sequence[str] | None = None,
    dry_run: bool = False,
    shared: bool = False,
    late: str = "",
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
    late : what to do with answers that came after their wave was released.
    how : further fields of `BatchOptions`.
    """
    from smf_helpers.batch.display import print_outcome, print_plan, show_progress
    from smf_helpers.batch.plan import plan_batch
    from smf_helpers.batch.run import run_batch

    began = time.monotonic()
    tasks, broken = client_tasks(paths, outputs, late)
    plan = plan_batch(tasks, report_options(project_root(), out, shared=shared, **how))
    if dry_run:
        print_plan(plan)
        return EXIT_FAILED if broken else EXIT_OK
    if shared:
        _share(out)
    _write_marks(tasks, plan.options)
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
        raise BatchError(Fault(code="B105", where=out, what=what, remedy="Leave --shared out."))
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
        private=root / "private",
        **how,
    )
