"""The what-if as a block of the page: the client's calibrated model, where there is one."""

import functools
import re
from dataclasses import asdict
from typing import Final

from smf_helpers.figures import Reader
from smf_helpers.report import scripts
from smf_helpers.report.blocks import Block

MODULE: Final = "what_if.js"
_PAIR = re.compile(r'(\w+): "((?:[^"\\]|\\.)*)"')


@functools.cache
def module_words() -> dict[str, str]:
    """Give the module's own words in English, which the catalogues of other languages have."""
    _, _, rest = scripts.asset(MODULE).partition("const WORDS = {")
    return dict(_PAIR.findall(rest.split("\n  };")[0]))


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
            "texts": {key: reader.text(words) for key, words in module_words().items()},
            "language": reader.language.code,
        }
    ]
