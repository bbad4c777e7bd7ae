"""Warm kernels for whoever starts kernels: the zygote behind Jupyter's own extension point.

A kernelspec that names the provisioner ``smf-warm`` gives JupyterLab, nbval, Voilà and papermill kernels
that are forked from a process with the stack imported. Where no zygote can be had, the kernel is started
from nothing, as ever.
"""

import fcntl
import json
import os
import signal
import sys
import tempfile
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from smf_helpers.batch.launch import LOST, write_letter
from smf_helpers.batch.warm import SOCKET, Line, Zygote, zygote_possible

NAME = "smf-warm"
SPEC = {
    "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Python 3 (smf, warm)",
    "language": "python",
    "metadata": {"kernel_provisioner": {"provisioner_name": NAME}},
}
_STACK = ("numpy", "pandas", "plotly.graph_objects", "plotly.io", "anywidget", "ipywidgets", "smf_helpers")


class _Process:
    """A forked kernel, in the shape of the `Popen` that a local provisioner expects."""

    stdin = stdout = stderr = None

    def __init__(self, line: Line) -> None:
        self._line = line
        self.pid = line.pid

    def poll(self) -> int | None:
        return self._line.poll()

    def wait(self) -> int:
        status = self._line.poll()
        return LOST if status is None else status

    def send_signal(self, number: int) -> None:
        if number == signal.SIGKILL:
            self._line.end()
        else:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self._line.end()

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by asking a zygote to fork it."""

    warm = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork the kernel; start it from nothing when that cannot be done."""
        line = self._fork(cmd, kwargs) if zygote_possible() else None
        if line is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = _Process(line)
        self.pid = self.pgid = line.pid
        self.cwd = kwargs.get("cwd") or str(Path.cwd())
        self.warm = True
        return self.connection_info

    def _fork(self, cmd: list[str], kwargs: dict[str, Any]) -> Line | None:
        argv = cmd[cmd.index("ipykernel_launcher") + 1 :] if "ipykernel_launcher" in cmd else None
        if argv is None:
            return None
        env = dict(kwargs.get("env") or os.environ)
        env.pop("JPY_PARENT_PID", None)
        letter = {"argv": argv, "env": env, "cwd": str(kwargs.get("cwd") or Path.cwd())}
        with suppress(OSError), write_letter(letter) as orders:
            log = kwargs.get("stderr")
            out = os.dup(log if isinstance(log, int) and log >= 0 else 2)
            try:
                return Line(os.environ.get(SOCKET) or shared_zygote(), "kernel", [orders.fileno(), out])
            except ConnectionError:
                _note().unlink(missing_ok=True)
            finally:
                os.close(out)
        return None


def _note() -> Path:
    """Give the file that says where the shared zygote listens."""
    return Path(tempfile.gettempdir()) / f"smf-zygote-{os.getuid()}.json"


def shared_zygote() -> str:
    """Give the address of the zygote that this user's kernels share, starting it when there is none.

    It ends by itself when nobody has used it for a quarter of an hour.
    """
    handle = os.open(_note(), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+") as file:
        if os.fstat(file.fileno()).st_uid != os.getuid():
            raise ConnectionError("the note about the shared zygote is not ours")
        fcntl.flock(file, fcntl.LOCK_EX)
        with suppress(ValueError, KeyError):
            note = json.load(file)
            if note["python"] == sys.executable and Path(note["address"]).is_socket():
                return str(note["address"])
        zygote = Zygote({"modules": _STACK, "kernels": True, "bare": True}, owned=False)
        file.seek(0)
        file.truncate()
        json.dump({"python": sys.executable, "address": zygote.address}, file)
        return zygote.address


def announce() -> None:
    """Make the provisioner known to this process, also where the package is not installed."""
    entry = EntryPoint(NAME, f"{__name__}:WarmProvisioner", KernelProvisionerFactory.GROUP_NAME)
    KernelProvisionerFactory.instance().provisioners.setdefault(NAME, entry)


def install_kernelspec(folder: Path) -> Path:
    """Write the kernelspec into a folder of Jupyter data, such as ``sys.prefix/share/jupyter``."""
    home = folder / "kernels" / NAME
    home.mkdir(parents=True, exist_ok=True)
    (home / "kernel.json").write_text(json.dumps(SPEC, indent=1) + "\n", encoding="utf-8")
    return home
