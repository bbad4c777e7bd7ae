"""The certified non-linear sets of NIST StRD, through the project's own engine.

The sets come from the source distribution of lmfit, which ships them; it is downloaded when the tests run and
kept under `.cache/`. The curves are written here by hand from the formulas that the files print.
"""

import io
import re
import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from smf_helpers.models import fit_curve

CACHE = Path(__file__).parents[2] / ".cache" / "nist"
LMFIT = "lmfit==1.3.4"
exp, cos, sin, pi = np.exp, np.cos, np.sin, np.pi


def _decay(x, b1, b2, b3):
    return exp(-b1 * x) / (b2 + b3 * x)


def _three_decays(x, b1, b2, b3, b4, b5, b6):
    return b1 * exp(-b2 * x) + b3 * exp(-b4 * x) + b5 * exp(-b6 * x)


def _two_peaks(x, b1, b2, b3, b4, b5, b6, b7, b8):
    return b1 * exp(-b2 * x) + b3 * exp(-(((x - b4) / b5) ** 2)) + b6 * exp(-(((x - b7) / b8) ** 2))


def _cubics(x, b1, b2, b3, b4, b5, b6, b7):
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def _cycles(x, b1, b2, b3, b4, b5, b6, b7, b8, b9):
    year = b2 * cos(pi * x / 6) + b3 * sin(pi * x / 6)
    first = b5 * cos(2 * pi * x / b4) + b6 * sin(2 * pi * x / b4)
    return b1 + year + first + b8 * cos(2 * pi * x / b7) + b9 * sin(2 * pi * x / b7)


CURVES = {
    "Bennett5": lambda x, b1, b2, b3: b1 * (b2 + x) ** (-1 / b3),
    "BoxBOD": lambda x, b1, b2: b1 * (1 - exp(-b2 * x)),
    "Chwirut1": _decay,
    "Chwirut2": _decay,
    "DanWood": lambda x, b1, b2: b1 * x**b2,
    "ENSO": _cycles,
    "Eckerle4": lambda x, b1, b2, b3: (b1 / b2) * exp(-0.5 * ((x - b3) / b2) ** 2),
    "Gauss1": _two_peaks,
    "Gauss2": _two_peaks,
    "Gauss3": _two_peaks,
    "Hahn1": _cubics,
    "Kirby2": lambda x, b1, b2, b3, b4, b5: (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2),
    "Lanczos1": _three_decays,
    "Lanczos2": _three_decays,
    "Lanczos3": _three_decays,
    "MGH09": lambda x, b1, b2, b3, b4: b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4),
    "MGH10": lambda x, b1, b2, b3: b1 * exp(b2 / (x + b3)),
    "MGH17": lambda x, b1, b2, b3, b4, b5: b1 + b2 * exp(-x * b4) + b3 * exp(-x * b5),
    "Misra1a": lambda x, b1, b2: b1 * (1 - exp(-b2 * x)),
    "Misra1b": lambda x, b1, b2: b1 * (1 - (1 + b2 * x / 2) ** (-2)),
    "Misra1c": lambda x, b1, b2: b1 * (1 - (1 + 2 * b2 * x) ** (-0.5)),
    "Misra1d": lambda x, b1, b2: b1 * b2 * x / (1 + b2 * x),
    "Nelson": lambda x, b1, b2, b3: b1 - b2 * x[:, 0] * exp(-b3 * x[:, 1]),
    "Rat42": lambda x, b1, b2, b3: b1 / (1 + exp(b2 - b3 * x)),
    "Rat43": lambda x, b1, b2, b3, b4: b1 / (1 + exp(b2 - b3 * x)) ** (1 / b4),
    "Roszman1": lambda x, b1, b2, b3, b4: b1 - b2 * x - np.arctan(b3 / (x - b4)) / pi,
    "Thurber": _cubics,
}


@cache
def _archive() -> bytes | None:
    """Give lmfit's source distribution from the cache or the package index; None where it cannot be had."""
    kept = sorted(CACHE.glob("lmfit-*.tar.gz"))
    if not kept:
        CACHE.mkdir(parents=True, exist_ok=True)
        order = [sys.executable, "-m", "pip", "download", "-q", "--no-binary", "lmfit", "--no-deps"]
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            try:
                subprocess.run([*order, "-d", folder, LMFIT], capture_output=True, timeout=120, check=True)
            except (OSError, subprocess.SubprocessError):
                return None
            for found in Path(folder).glob("lmfit-*.tar.gz"):
                found.replace(CACHE / found.name)
        kept = sorted(CACHE.glob("lmfit-*.tar.gz"))
    return kept[-1].read_bytes() if kept else None


def _certified(name):
    """Give x, y and the table of start 1, start 2, certified value, certified standard deviation."""
    packed = _archive()
    if packed is None:
        pytest.skip("NIST StRD: the source distribution of lmfit cannot be had here.")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        member = next(m for m in archive.getmembers() if m.name.endswith(f"NIST_STRD/{name}.dat"))
        lines = archive.extractfile(member).read().decode().splitlines()
    row = re.compile(r"\s*b\d+\s*=\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)")
    table = np.array([[float(v) for v in m.groups()] for m in map(row.match, lines[:60]) if m])
    numbers = np.array([[float(v) for v in line.split()] for line in lines[60:] if line.strip()])
    y = np.log(numbers[:, 0]) if name == "Nelson" else numbers[:, 0]
    return numbers[:, 1] if numbers.shape[1] == 2 else numbers[:, 1:], y, table


def _digits(found, certified):
    error = np.abs(np.asarray(found) - certified) / np.abs(certified)
    return float(np.min(-np.log10(np.maximum(error, 1e-16))))


@pytest.mark.parametrize("start", [1, 2])
@pytest.mark.parametrize("name", CURVES)
def test_certified_values_and_errors_are_reached_from_both_starts(name, start):
    x, y, table = _certified(name)
    fit = fit_curve(CURVES[name], x, y, start=table[:, start - 1])
    assert _digits(fit.estimates["value"], table[:, 2]) >= 9
    assert _digits(fit.estimates["se"], table[:, 3]) >= 6
    assert fit.status == "ok"
