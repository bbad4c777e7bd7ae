"""The life of a process that was made for one notebook of one client."""

import json
import os
import random
import resource
import signal
import sys
import time
from contextlib import suppress
from typing import Any

from smf_helpers.batch.environment import MEMORY

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


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
    """Limit this process and all that it starts: address space, no core files.

    The limit is a soft one: a browser reserves far more addresses than it uses memory, and whoever starts one
    lifts it for that time. What a run really uses is watched from outside.
    """
    os.umask(0o022)
    with suppress(ValueError, OSError):
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory, most))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def become(kind: str, handles: list[int], *, fresh: bool) -> None:
    """Turn a forked child of the zygote into what was asked for; return only when that is impossible.

    Parameters
    ----------
    kind : ``job`` for a notebook, ``kernel`` for a Jupyter kernel.
    handles : letter, answer and log of a job; letter and log of a kernel.
    fresh : start a new interpreter, because the zygote is not safe to run in.
    """
    os.setsid()
    die_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    letter, log = handles[0], handles[-1]
    quiet = os.open(os.devnull, os.O_RDONLY)
    for handle, number in ((quiet, 0), (log, 1), (log, 2)):
        os.dup2(handle, number)
    with os.fdopen(os.dup(letter), encoding="utf-8") as file:
        orders = json.load(file)
    if fresh and kind == "job":
        for handle in handles[:2]:
            os.set_inheritable(handle, True)
        argv = [sys.executable, "-m", "smf_helpers.batch.child", str(letter), str(handles[1])]
        os.execve(sys.executable, argv, orders["env"])
    os.environ.clear()
    os.environ.update(orders["env"])
    time.tzset()
    _reseed()
    if kind == "kernel":
        _be_kernel(orders)
    else:
        live(letter, handles[1])


def _reseed() -> None:
    """Give this process random numbers of its own."""
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _be_kernel(orders: dict[str, Any]) -> None:
    from ipykernel.kernelapp import IPKernelApp
    from IPython.core.interactiveshell import InteractiveShell

    if InteractiveShell.initialized():
        type(InteractiveShell.instance()).clear_instance()
    app = IPKernelApp
    if MEMORY in os.environ:  # a kernel of a batch, whose client stops what says too much
        confine(int(os.environ.pop(MEMORY)))
        app = _complete(IPKernelApp)
    os.chdir(orders["cwd"])
    sys.argv = ["ipykernel_launcher", *orders["argv"]]
    sys.path.insert(0, "")
    app.launch_instance(argv=orders["argv"])
    os._exit(0)


def _complete(app: Any) -> Any:
    """Give a kernel application that drops no output beyond a thousand messages on their way."""

    class CompleteKernelApp(app):  # type: ignore[misc]
        def init_iopub(self, context: Any) -> None:
            context.sndhwm = 0
            super().init_iopub(context)

    return CompleteKernelApp


def live(letter: int, answer: int) -> None:
    """Read the job, do it, write down what happened, and end without any clean-up of others."""
    from smf_helpers.batch.job import Job, write_text
    from smf_helpers.batch.perform import perform

    os.lseek(letter, 0, os.SEEK_SET)
    with os.fdopen(letter, encoding="utf-8") as file:
        job = Job(**json.load(file)["job"])
    confine(job.memory)
    report = perform(job)
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(answer, "w", encoding="utf-8") as file:
        file.write(write_text(report))
    os._exit(0)


def main() -> None:
    """Run as ``python -m smf_helpers.batch.child LETTER ANSWER`` with two inherited descriptors."""
    die_with_parent()
    live(int(sys.argv[1]), int(sys.argv[2]))


if __name__ == "__main__":
    main()
