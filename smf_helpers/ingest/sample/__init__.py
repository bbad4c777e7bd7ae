"""Sample clients: a seeded generator with known truth, written in the real export formats.

Three invented clients go with the house: `northgrid`, `kauppa` and `pienpaja`. Their exports lie under
``data/sample``, their params under ``params``, and their truth is known to the tests through `make_sample`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from smf_helpers.ingest.sample import kauppa, northgrid, pienpaja
from smf_helpers.ingest.sample.truth import Diffusion, Sample, SampleTruth
from smf_helpers.registry import Registry

__all__ = ["SAMPLES", "Diffusion", "Sample", "SampleTruth", "make_sample", "write_sample"]

SAMPLES: Final = Registry[Callable[..., Sample]]("sample client")
for _client in (northgrid, kauppa, pienpaja):
    SAMPLES.add(_client.NAME, _client.make)


def make_sample(name: str, seed: int | None = None) -> Sample:
    """Make a sample client in memory; the same seed gives the same bytes.

    Examples
    --------
    >>> sorted(make_sample("pienpaja").files)
    ['posts.csv', 'wave 1.csv.zip', 'wave 2 (Päämaja).csv']
    """
    make = SAMPLES[name]
    return make() if seed is None else make(seed)


def write_sample(sample: Sample, folder: Path) -> list[Path]:
    """Write the files of a sample client below `folder` and give their paths."""
    written = []
    for name, content in sample.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written
