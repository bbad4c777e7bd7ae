"""The what-if as a block of the page: the client's calibrated model, where there is one."""

from dataclasses import asdict
from typing import Final

from smf_helpers.figures import Reader
from smf_helpers.figures.what_if import module_words, words_in
from smf_helpers.report import scripts
from smf_helpers.report.blocks import Block

__all__ = ["MODULE", "module_words", "what_if"]

MODULE: Final = "what_if.js"


def what_if(reader: Reader) -> list[Block]:
    """Give the what-if of a release; nothing where the release has none or the module is not installed."""
    model = reader.release.what_if
    if model is None or not scripts.asset(MODULE):
        return []
    return [
        {
            "kind": "what_if",
            "title": reader.text("What if?"),
            "lead": reader.text(
                "This organisation's own model, with the uncertainty of its parameters; what could not be "
                "estimated is marked as assumed."
            ),
            "spec": asdict(model),
            "texts": words_in(reader.language),
            "language": reader.language.code,
        }
    ]
