"""How much a reader takes in before it refuses: size, ratio, rows, columns, members."""

from typing import Final

MAX_BYTES: Final = 1_000_000_000
"""Largest file read whole; larger logs go through `large`."""
MAX_UNPACKED: Final = 200_000_000
"""Bytes of a zip or workbook when unpacked."""
MAX_RATIO: Final = 200
"""Unpacked bytes for each packed byte, beyond the first megabyte."""
MAX_MEMBERS: Final = 20_000
MAX_ROWS: Final = 1_048_576
"""Rows of a sheet."""
MAX_COLUMNS: Final = 5_000
"""Columns of a table."""
MAX_EMPTY: Final = 20_000_000
"""Cells that a sheet may span beyond those it fills."""
MAX_TEXT: Final = 5_000
"""Characters kept of a comment."""
MAX_DEPTH: Final = 60
"""Nesting of a JSON document."""
