"""A target for atheris: ``python tests/fuzz/fuzz_readers.py -runs=100000``; `make fuzz` runs it where it is there.

Feeds bytes, steered by coverage and begun from the look-alikes of every format, to the reader; anything but an
`InputError` is a finding. The limits (10 s, 1 GB) are those of the engine: ``-timeout=10 -rss_limit_mb=1024``.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run the fuzzer, or say by name that it is not there."""
    try:
        import atheris
    except ImportError:
        sys.stdout.write("skipped: atheris is not installed (pip install atheris)\n")
        return 0
    # What readers import late is imported now: the first input must not pay for it.
    import duckdb  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import pyreadstat  # noqa: F401
    import python_calamine  # noqa: F401

    sys.path.insert(0, str(ROOT))
    with atheris.instrument_imports(include=["smf_helpers.ingest"]):
        from smf_helpers.errors import InputError
        from smf_helpers.ingest.reading import read_source
        from smf_helpers.ingest.sources import ReadOptions, source_of
    from tests.ingest.lookalikes import CASES

    def target(raw: bytes) -> None:
        try:
            read_source(source_of(raw, "w1", ReadOptions()))
        except InputError:
            return

    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(CASES):
            (Path(folder) / f"{number}").write_bytes(case.raw)
            target(case.raw)
        limits = ["-timeout=10", "-rss_limit_mb=1024", f"-artifact_prefix={tempfile.gettempdir()}/"]
        atheris.Setup([*sys.argv, *limits, folder], target)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
