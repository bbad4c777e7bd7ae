"""The what-if as a block of the page: the client's calibrated model, where there is one."""

from dataclasses import asdict
from typing import Final

from smf_helpers.figures import Reader
from smf_helpers.report import scripts
from smf_helpers.report.blocks import Block

MODULE: Final = "what_if.js"

WORDS: Final[dict[str, str]] = {
    "title": "What if?",
    "lead": "Move a lever and see where participation would go. A projection under stated assumptions, not a promise.",
    "push": "Programme push",
    "executives": "Executives taking part",
    "training": "Training",
    "policy": "A clear policy",
    "owner": "Somebody owns it",
    "push_help": "100 % is today's effort; 0 % means that the programme stops.",
    "executives_help": "Share of the executives who take part themselves.",
    "training_help": "1 is today's amount of training.",
    "policy_help": "0 as today, 1 with a published, explicit policy.",
    "owner_help": "0 nobody, 1 an appointed owner.",
    "from": "from",
    "now": "now",
    "months": "{n} months",
    "month": "1 month",
    "estimated": "estimated from your data",
    "assumed": "assumed",
    "active": "Active after {n} months",
    "ever": "Ever took part after {n} months",
    "people": "People active, against as now",
    "band": "Range (8 of 10 draws)",
    "as_now": "as now",
    "scenario": "with the steps",
    "so_far": "so far",
    "axis": "Share of the eligible who are active in a week",
    "reset": "As now",
    "same": "no different from as now",
    "more": "{n} points more than as now",
    "less": "{n} points fewer than as now",
    "assumptions": "Assumed, not estimated from your data: {names}. ",
    "describe": "Line chart. {share} active after {n} months, {change}.",
    "preset_executives": "Executives join in",
    "preset_owner": "Appoint an owner",
    "preset_policy": "Publish a policy",
    "preset_training": "Double the training",
    "preset_stop": "The programme stops",
    "preset_all": "All of it",
    "csv": "Save as CSV",
}
"""The module's own words in English, so that the catalogues of other languages have them."""


def what_if(reader: Reader) -> list[Block]:
    """Give the what-if of a release; nothing where the release has none or the module is not installed."""
    model = reader.release.what_if
    if model is None or not scripts.asset(MODULE):
        return []
    return [
        {
            "kind": "what_if",
            "title": reader.text(WORDS["title"]),
            "lead": reader.text(
                "This organisation's own model, with the uncertainty of its parameters; what could not be estimated "
                "is marked as assumed."
            ),
            "spec": asdict(model),
            "texts": {key: reader.text(words) for key, words in WORDS.items()},
            "language": reader.language.code,
        }
    ]
