"""The clients of a project: their params become the tasks of a batch, and the batch becomes reports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from smf_helpers.errors import Fault, ParamsError
from smf_helpers.params import ClientParams, client_folder, load_params, project_root
from smf_helpers.results.batch import BatchOptions, ClientTask, Output

OUTPUTS: Final = {
    "html": Output(file="report.html", by="nbconvert:smf"),
    "pptx": Output(file="report.pptx", by="smf_helpers.report:write_slides"),
    "xlsx": Output(file="report.xlsx", by="smf_helpers.report:write_sheets"),
    "pdf": Output(file="report.pdf", by="smf_helpers.report:write_print"),
}
"""What can be delivered, and who makes it in the public process."""


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


def report_options(root: Path, out: str, kinds: Sequence[str], **more: object) -> BatchOptions:
    """Give the options of the main job: the pair of notebooks under `root`, and the files of these kinds."""
    return BatchOptions(
        out=out,
        analysis=root / "notebooks" / "client_analysis.ipynb",
        report=root / "notebooks" / "client_report.ipynb",
        outputs=tuple(OUTPUTS[kind] for kind in OUTPUTS if kind in kinds),
        audit="smf_helpers.release:audit_files",
        warm=("smf_helpers.report:warm",),
        **more,  # type: ignore[arg-type]
    )
