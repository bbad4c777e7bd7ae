"""One notebook of one client, inside the process that was made for it.

The process gets a job as one JSON text, runs the notebook through papermill, makes the outputs, and says
what happened as one JSON text. Its word counts only if it also ends with status 0.
"""

import errno
import json
import os
import re
import sys
import traceback
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smf_helpers import errors
from smf_helpers.batch import files, fingerprint
from smf_helpers.batch.imports import import_papermill
from smf_helpers.batch.job import Job, Report
from smf_helpers.batch.needs import is_foreign, wants_kernel
from smf_helpers.batch.outputs import make_output, resolve
from smf_helpers.results.batch import RunPath

if TYPE_CHECKING:
    from smf_helpers.batch.engines import Progress

_CODE = re.compile(r"[A-Z]\d{3}")
_SLOWER: dict[RunPath, RunPath | None] = {
    "direct": "warm_kernel",
    "warm_kernel": "cold_kernel",
    "cold_kernel": None,
}


def perform(job: Job) -> Report:
    """Run the notebook, make and check the outputs; never raise."""
    known = set(sys.modules)
    try:
        done = _perform(job)
    except errors.SMFError as told:
        done = _told(job, type(told).__name__, str(told), "the outputs")
    except MemoryError:
        done = _memory(job)
    except OSError as broken:
        traceback.print_exc()
        what = f"The disk or a device refused ({_errno(broken)})."
        short = broken.errno == errno.ENOMEM
        done = _memory(job) if short else _failed(job, "B311", what, "Make room, check rights.")
    except Exception as unforeseen:
        traceback.print_exc()
        done = _failed(job, "B310", f"{type(unforeseen).__name__} while the outputs were made.", _SEE_LOG)
    learned = tuple(name for name in sys.modules if name not in known and name != "__main__")
    return Report(**{**asdict(done), "modules": learned if done.ok else ()})


_SEE_LOG = "The client's log has the details; 'smf check' finds faults of the inputs."


def _errno(broken: OSError) -> str:
    return os.strerror(broken.errno) if broken.errno else type(broken).__name__


def _failed(job: Job, code: str, reason: str, remedy: str) -> Report:
    return Report(ok=False, path=job.path, code=code, reason=f"{job.stage}: {reason}", remedy=remedy)


def _memory(job: Job) -> Report:
    what = f"Memory limit of {job.memory / 1024**3:.3g} GB reached."
    return _failed(job, "B304", what, "Give it a higher limit, or less data.")


def _perform(job: Job) -> Report:
    import_papermill()
    if job.path != "cold_kernel" and is_foreign(Path(job.notebook)):
        return Report(ok=False, path=job.path, slower="cold_kernel")
    if job.path == "direct" and wants_kernel(fingerprint.read_cells(Path(job.notebook))):
        return Report(ok=False, path=job.path, slower="warm_kernel")
    from smf_helpers.batch.engines import Progress

    progress = Progress(limit=job.output_limit)
    failure = _run(job, progress)
    if isinstance(failure, Report) and failure.slower:
        return failure
    if job.path == "warm_kernel" and not progress.warm:
        job = replace(job, path="cold_kernel")
    _save(job, progress.notebook)
    if failure is None:
        failure = _unfinished(job, progress)
    if failure is not None:
        return failure
    if job.stage == "analysis":
        return _released(job)
    return _delivered(job, progress.notebook)


def _run(job: Job, progress: "Progress") -> Report | None:
    """Run the notebook by papermill; give a report when it did not go well.

    papermill's parts are used one by one: its own `execute_notebook` would also fill templates into
    paths, which must never happen, and write the notebook slowly, which we do ourselves.
    """
    from papermill.engines import papermill_engines
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook
    from papermill.utils import chdir

    from smf_helpers.batch.direct import register
    from smf_helpers.batch.engines import CellError, DeadKernelError, NeedsKernel, OutputLimit
    from smf_helpers.batch.provisioner import NAME, announce, install_kernelspec

    register()
    if job.path == "warm_kernel":
        announce()
        install_kernelspec(Path(os.environ["JUPYTER_DATA_DIR"]))
    engine = "smf-direct" if job.path == "direct" else "smf-kernel"
    template = load_notebook_node(job.notebook)
    spec = template.metadata.setdefault("kernelspec", template.metadata.__class__())
    template.metadata["kernelspec"] = {
        "name": "python3",
        "language": "python",
        "display_name": "Python 3",
        **spec,
    }
    notebook = parameterize_notebook(template, dict(job.parameters), engine_name=engine)
    kernel = NAME if job.path == "warm_kernel" else papermill_engines.nb_kernel_name(engine, notebook)
    try:
        with chdir(job.cwd):
            papermill_engines.execute_notebook_with_engine(engine, notebook, kernel, progress=progress)
    except NeedsKernel:
        return Report(ok=False, path=job.path, slower=_SLOWER[job.path])
    except OutputLimit:
        what = f"Output limit of {job.output_limit / 1e6:g} MB reached in {_place(progress)}."
        return _failed(job, "B306", what, "Print and display less.")
    except CellError as broken:
        return _cell_failed(job, broken.ename, broken.evalue, _place(progress))
    except DeadKernelError:
        return _failed(job, "B305", f"The process died in {_place(progress)}.", _SEE_LOG)
    return None


def _place(progress: "Progress") -> str:
    """Say which cell was running, as a reader of the template counts them."""
    code = [
        index
        for index, cell in enumerate(progress.notebook.cells)
        if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", ())
    ]
    place = sum(index <= progress.reached for index in code)
    return f"code cell {place} of {len(code)}"


def _cell_failed(job: Job, ename: str, evalue: str, place: str) -> Report:
    if ename.endswith("MemoryError") or evalue.startswith(f"[Errno {errno.ENOMEM}]"):
        return _memory(job)
    if ename == "SystemExit":
        return _failed(
            job, "B302", f"The notebook stopped early in {place}.", "Take the exit out of the cell."
        )
    kind = getattr(errors, ename, None)
    if isinstance(kind, type) and issubclass(kind, errors.SMFError):
        return _told(job, ename, evalue, place)
    return _failed(job, "B301", f"{ename} in {place}.", _SEE_LOG)


def _told(job: Job, ename: str, words: str, place: str) -> Report:
    """Hand on one of our own errors: its words are safe to show, those of others are not."""
    first = (words.splitlines() or [ename])[0]
    code = (first.split() or [""])[0]
    if ename == "PrivacyError":
        return _failed(
            job, "B401", f"Refused by the gate in {place}: {first}", "Read the findings in the log."
        )
    code = code if _CODE.fullmatch(code) else "B301"
    return _failed(job, code, f"{place}: {first}", "'smf check' shows every fault of this client at once.")


def _unfinished(job: Job, progress: "Progress") -> Report | None:
    """Give a report when a code cell has not run, whatever the notebook's metadata claim."""
    code = {index for index, cell in enumerate(progress.notebook.cells) if cell.cell_type == "code"}
    if progress.finished and code <= progress.executed:
        return None
    return _failed(job, "B302", f"The notebook stopped early in {_place(progress)}.", _SEE_LOG)


def _save(job: Job, notebook: Any) -> None:
    """Keep the executed notebook in the private folder; it is never delivered."""
    from jupyter_client.jsonutil import json_default

    text = json.dumps(notebook, ensure_ascii=False, default=json_default)
    files.write_new(Path(job.folder) / f"{job.stage}.ipynb", text.encode("utf-8", "replace"), mode=0o600)


def _released(job: Job) -> Report:
    if not job.release or not Path(job.release).is_file():
        return _failed(
            job, "B309", "The notebook ended without writing the release.", "End it in make_release."
        )
    files.settle(Path(job.release), mode=0o600)
    return Report(ok=True, path=job.path)


def _delivered(job: Job, notebook: Any) -> Report:
    """Make every output in the staging folder, have them audited, bring them down to the disk."""
    staging = Path(job.staging)
    _scrub(notebook)
    for file, by in job.outputs:
        make_output(by, notebook, Path(job.release or job.folder), staging / file)
        if not (staging / file).is_file() or not (staging / file).stat().st_size:
            return _failed(job, "B310", f"'{file}' was not written.", _SEE_LOG)
    if job.audit:
        resolve(job.audit)(Path(job.release), staging)
    return Report(
        ok=True, path=job.path, files={file: files.settle(staging / file) for file, _ in job.outputs}
    )


def _scrub(notebook: Any) -> None:
    """Take out of an executed notebook what depends on the run: times, paths, random cell ids."""
    kept = {"kernelspec", "language_info"}
    notebook.metadata = type(notebook.metadata)({k: v for k, v in notebook.metadata.items() if k in kept})
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place}"
        cell.metadata = type(cell.metadata)(
            {k: v for k, v in cell.metadata.items() if k in ("tags", "jupyter")}
        )
