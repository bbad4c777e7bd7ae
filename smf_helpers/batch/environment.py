"""The surroundings of a run: the same whatever the machine is set to, and nothing that was not named."""

import os
from pathlib import Path

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
"""One thread for linear algebra: our matrices are small, and more threads make them several times slower."""

FIXED = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    **ONE_THREAD,
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PLOTLY_RENDERER": "plotly_mimetype",
    "MPLBACKEND": "agg",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
"""What every run sees, whatever the machine is set to: one locale, one time zone, one thread.

The allocator inside pyarrow, which pandas imports, would start a thread of its own when imported, and nobody
may fork with two threads.
"""

MEMORY = "SMF_MEMORY"
"""The environment variable that hands a run's memory limit on to the kernel that it has forked."""

_PASSED = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "SYSTEMROOT")


def clean_environment(*, home: str, extra: tuple[str, ...] = ()) -> dict[str, str]:
    """Make the environment of a run: a fixed one, with a home of its own and nothing that was not named."""
    passed = {name: os.environ[name] for name in (*_PASSED, *extra) if name in os.environ}
    folders = {"HOME": home, "JUPYTER_RUNTIME_DIR": f"{home}/r", "JUPYTER_CONFIG_DIR": f"{home}/c"}
    folders |= {"IPYTHONDIR": f"{home}/i", "JUPYTER_DATA_DIR": f"{home}/d"}
    package = str(Path(__file__).absolute().parents[2])
    roots = dict.fromkeys([package, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
    return {**passed, **folders, **FIXED, "PYTHONPATH": os.pathsep.join(roots)}
