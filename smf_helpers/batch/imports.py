"""Import papermill without the extras that it, or a library below it, only tries to have."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_EXTRAS = (
    "rfc3987_syntax",  # builds a parser when imported, seconds of work; jsonschema does without
    "pyarrow.fs",  # papermill's reader of HDFS addresses
    "boto3",  # papermill's reader of S3 addresses
    "azure.datalake.store",
    "gcsfs",
)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Let modules look absent for a while, unless somebody has them already.

    Examples
    --------
    >>> with without("this"):
    ...     import this
    Traceback (most recent call last):
    ...
    ModuleNotFoundError: import of this halted; None in sys.modules
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def import_papermill() -> None:
    """Import papermill and nbformat, the quick way."""
    with without(*_EXTRAS):
        import nbformat  # noqa: F401
        import papermill  # noqa: F401
