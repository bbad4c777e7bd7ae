"""Clients side by side: the page over all of them, and one client's page beside the others."""

from smf_helpers.figures import Reader
from smf_helpers.figures.standing import benchmark, standing
from smf_helpers.privacy.rules import (
    PORTFOLIO_CLIENTS,
    PORTFOLIO_LARGEST,
    PORTFOLIO_MEMBERS_CHANGE,
    PORTFOLIO_RESPONDENTS,
    PORTFOLIO_TWO_LARGEST,
)
from smf_helpers.report.blocks import Block, claims, heading, prose, shown
from smf_helpers.report.chapters import SIDE_BY_SIDE, chapter
from smf_helpers.report.sections.minute import cover


@chapter(
    "side_by_side",
    "Side by side",
    "Where comparable organisations stand, without telling about any one of them.",
    of=SIDE_BY_SIDE,
)
def side_by_side(reader: Reader) -> list[Block]:
    """Give one client beside the others where the release is one client's, else all of them together."""
    own = reader.table("standing") is not None
    figure = standing(reader) if own else benchmark(reader)
    return [cover(reader), *claims(reader, "portfolio"), shown(reader, figure)]


@chapter(
    "rules",
    "How it is compared",
    "What goes in, and what keeps every organisation to itself.",
    of=SIDE_BY_SIDE,
)
def rules(reader: Reader) -> list[Block]:
    """Give the rules of the comparison in words."""
    return [
        prose(
            reader.text(
                "Only numbers that passed each organisation's own privacy gate go in. No comment does, and no answer."
            )
        ),
        prose(
            reader.text(
                "A measure is compared where at least {clients} organisations of {people} respondents have it, where the "
                "largest makes at most {one} of the respondents and the two largest {two}. When fewer than {members} "
                "organisations come or go, the earlier comparison stays.",
                clients=PORTFOLIO_CLIENTS,
                people=PORTFOLIO_RESPONDENTS,
                one=reader.language.percent(PORTFOLIO_LARGEST),
                two=reader.language.percent(PORTFOLIO_TWO_LARGEST),
                members=PORTFOLIO_MEMBERS_CHANGE,
            )
        ),
        heading(reader.text("Why the bar is narrower than the numbers")),
        prose(
            reader.text(
                "A small organisation's number is uncertain, and uncertain numbers lie farther apart than the "
                "organisations themselves. Partial pooling takes the two apart: what is left is how far organisations "
                "truly differ, and each one is drawn towards the others as far as its own number is uncertain."
            )
        ),
    ]
