"""Writes the sample clients: ``python -m smf_helpers.ingest.sample [--out DIR] [--only NAME] [--many N]``."""

import argparse
import sys
from pathlib import Path

from smf_helpers.ingest.sample import SAMPLES, make_sample, write_sample


def main(arguments: list[str] | None = None) -> int:
    """Write the samples (or N clients of the smallest kind, each with a seed of its own) and say where."""
    parser = argparse.ArgumentParser(prog="python -m smf_helpers.ingest.sample", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("data/sample"), help="folder to write into")
    parser.add_argument("--only", choices=list(SAMPLES), help="only this client")
    parser.add_argument("--many", type=int, default=0, help="write N clients of the smallest kind instead")
    asked = parser.parse_args(arguments)
    if asked.many:
        made = {f"client-{n + 1:04d}": make_sample("pienpaja", 10_000 + n) for n in range(asked.many)}
    else:
        made = {name: make_sample(name) for name in ([asked.only] if asked.only else SAMPLES)}
    for name, sample in made.items():
        files = write_sample(sample, asked.out / name)
        size = sum(path.stat().st_size for path in files)
        sys.stdout.write(f"{asked.out / name}: {len(files)} files, {size / 1e6:.2f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
