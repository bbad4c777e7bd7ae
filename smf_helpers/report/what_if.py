"""The what-if as a block of the page: the client's calibrated model, where there is one."""

from dataclasses import asdict
from pathlib import Path

from smf_helpers.figures import Reader
from smf_helpers.report.blocks import Block

MODULE = Path(__file__).parent.parent / "assets" / "what_if.js"


def what_if(reader: Reader) -> list[Block]:
    """Give the what-if of a release; nothing where the release has none or the module is not installed."""
    model = reader.release.what_if
    if model is None or not MODULE.is_file():
        return []
    return [
        {
            "kind": "what_if",
            "title": reader.text("What if?"),
            "lead": reader.text(
                "Move a slider: the curve is this organisation's own model, with the uncertainty of its parameters. "
                "What could not be estimated is marked as assumed."
            ),
            "spec": asdict(model),
            "language": reader.language.code,
        }
    ]
