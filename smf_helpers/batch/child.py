"""The life of a process that was made for one notebook of one client."""

import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

FIXED = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "PLOTLY_RENDERER": "plotly_mimetype",
    "MPLBACKEND": "agg",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
"""What every run sees, whatever the machine is set to: one locale, one time zone, one thread."""

_PASSED = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "SYSTEMROOT")


def clean_environment(*, home: str, extra: tuple[str, ...] = ()) -> dict[str, str]:
    """Make the environment of a run: a fixed one, with a home of its own and nothing that was not named."""
    passed = {name: os.environ[name] for name in (*_PASSED, *extra) if name in os.environ}
    folders = {"HOME": home, "JUPYTER_RUNTIME_DIR": f"{home}/r", "JUPYTER_CONFIG_DIR": f"{home}/c"}
    folders |= {"IPYTHONDIR": f"{home}/i", "JUPYTER_DATA_DIR": f"{home}/d"}
    package = str(Path(__file__).absolute().parents[2])
    roots = dict.fromkeys([package, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
    return {**passed, **folders, **FIXED, "PYTHONPATH": os.pathsep.join(roots)}


def prctl(option: int, value: int) -> bool:
    """Ask the kernel for a property of this process; False where there is no such thing."""
    if sys.platform != "linux":
        return False
    import ctypes

    return ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) == 0


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Let the system send this process a signal when its parent is gone."""
    prctl(_PR_SET_PDEATHSIG, number)


def adopt_orphans() -> bool:
    """Make this process the new parent of every descendant whose own parent dies."""
    return prctl(_PR_SET_CHILD_SUBREAPER, 1)


def confine(memory: int) -> None:
    """Limit this process and all that it starts: address space, no core files."""
    os.umask(0o022)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def live(job_handle: int, result_handle: int) -> None:
    """Read the job, do it, write down what happened, and end without any clean-up of others."""
    from smf_helpers.batch.job import perform, read_job, write_text

    with os.fdopen(job_handle, encoding="utf-8") as file:
        job = read_job(file.read())
    confine(job.memory)
    report = perform(job)
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(result_handle, "w", encoding="utf-8") as file:
        file.write(write_text(report))
    os._exit(0)


def main() -> None:
    """Run as ``python -m smf_helpers.batch.child JOB RESULT`` with two inherited descriptors."""
    die_with_parent()
    live(int(sys.argv[1]), int(sys.argv[2]))


if __name__ == "__main__":
    main()
