"""A target for atheris: ``python tests/fuzz/fuzz_readers.py -runs=100000``; `make fuzz` runs it where it is there.

Feeds bytes, steered by coverage, to the reader; anything but an `InputError` is a finding. The limits (10 s, 1 GB)
are those of the engine: ``-timeout=10 -rss_limit_mb=1024``.
"""

import sys


def main() -> int:
    """Run the fuzzer, or say by name that it is not there."""
    try:
        import atheris
    except ImportError:
        sys.stdout.write("skipped: atheris is not installed (pip install atheris)\n")
        return 0
    with atheris.instrument_imports(include=["smf_helpers.ingest"]):
        from smf_helpers.errors import InputError
        from smf_helpers.ingest.reading import read_source
        from smf_helpers.ingest.sources import ReadOptions, source_of

    def target(raw: bytes) -> None:
        try:
            read_source(source_of(raw, "w1", ReadOptions()))
        except InputError:
            return

    atheris.Setup([*sys.argv, "-timeout=10", "-rss_limit_mb=1024"], target)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
