"""Single steps: one kernel, warm and cold; one page, by the stock exporter and by ours."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

IMPORTS = "import numpy, pandas, plotly.graph_objects, scipy.optimize; print('ready')"

KERNELS = 9
"""Kernels of each kind, in turn; the medians are compared."""


def _cpu(pid: int) -> float:
    """Give the CPU seconds of a process's threads, in nanoseconds' precision."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _private(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def _kernel(name: str) -> tuple[float, int]:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name=name)
    try:
        client.execute_interactive(IMPORTS, timeout=120, output_hook=lambda message: None)
        pid = manager.provisioner.pid
        return _cpu(pid), _private(pid)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def kernels() -> dict[str, float]:
    """Compare a warm kernel with a cold one: CPU and private memory once the imports are usable."""
    from smf_helpers.batch.provisioner import NAME, announce, install_kernelspec
    from smf_helpers.batch.warm import SOCKET, Zygote

    with tempfile.TemporaryDirectory() as data:
        os.environ["JUPYTER_DATA_DIR"] = data
        announce()
        install_kernelspec(Path(data))
        stack = ["numpy", "pandas", "plotly.graph_objects", "scipy.optimize"]
        zygote = Zygote({"modules": stack, "kernels": True, "bare": True})
        try:
            assert zygote.wait()
            os.environ[SOCKET] = zygote.address
            _kernel(NAME)
            seen = [(_kernel(NAME), _kernel("python3")) for _ in range(KERNELS)]
            warm, cold = (
                [statistics.median(values) for values in zip(*runs, strict=True)]
                for runs in zip(*seen, strict=True)
            )
        finally:
            zygote.close()
            del os.environ[SOCKET], os.environ["JUPYTER_DATA_DIR"]
    return {"kernel_cpu": cold[0] / warm[0], "kernel_memory": cold[1] / warm[1]}


def pages(folder: Path) -> dict[str, float]:
    """Compare the export of one executed notebook: CPU by a reused exporter and the command line, bytes a page."""
    import nbformat
    from nbconvert.exporters import HTMLExporter

    from smf_helpers.report.exporter import SharedExporter, SmfExporter

    executed = next((folder / "reports" / ".work").glob("*/report/report.ipynb"))
    notebook = nbformat.from_dict(json.loads(executed.read_text()))
    seconds, sizes = [], []
    for exporter in (HTMLExporter(), SharedExporter()):
        exporter.from_notebook_node(notebook)
        begun = time.process_time()
        for _ in range(5):
            page, _ = exporter.from_notebook_node(notebook)
        seconds.append(time.process_time() - begun)
        sizes.append(len(page.encode()))
    import plotly

    script = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").stat().st_size
    whole, _ = SmfExporter().from_notebook_node(notebook)
    argv = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(folder), str(executed)]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return {
        "export": seconds[0] / seconds[1],
        "command": (used.ru_utime + used.ru_stime) / (seconds[1] / 5),
        "bytes": sizes[1] / (sizes[0] + script),
        "single": len(whole.encode()) / (sizes[0] + script),
    }
