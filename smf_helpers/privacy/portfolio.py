"""Rules of a number about several clients: nobody may work out one of them from it.

A benchmark needs five clients of ten respondents each; the largest may not make more than 40 % of the
respondents, nor the two largest 70 %; and from one release to the next its members change by none or by at
least three, else the earlier benchmark stands.
"""

from collections.abc import Collection, Mapping

from smf_helpers.privacy.rules import (
    PORTFOLIO_CLIENTS,
    PORTFOLIO_LARGEST,
    PORTFOLIO_MEMBERS_CHANGE,
    PORTFOLIO_RESPONDENTS,
    PORTFOLIO_TWO_LARGEST,
)

Sizes = Mapping[str, tuple[int, int]]
"""client → the fewest and the most respondents that its published count allows."""


def portfolio_refusal(sizes: Sizes) -> str:
    """Say why these clients may not be told about together; empty where they may.

    A count that was published as a band counts at its worst: the large clients at its upper end, the rest at
    its lower end.

    Examples
    --------
    >>> portfolio_refusal({client: (20, 20) for client in "abcde"})
    ''
    >>> portfolio_refusal({"a": (90, 90)} | {client: (20, 20) for client in "bcde"})
    'One or two organisations make too large a part of all respondents.'
    """
    large = [size for size in sizes.values() if size[0] >= PORTFOLIO_RESPONDENTS]
    if len(large) < PORTFOLIO_CLIENTS:
        return (
            f"A comparison needs {PORTFOLIO_CLIENTS} organisations of {PORTFOLIO_RESPONDENTS} respondents; "
            f"here are {len(large)}."
        )
    for count, most in ((1, PORTFOLIO_LARGEST), (2, PORTFOLIO_TWO_LARGEST)):
        order = sorted(large, key=lambda size: size[1], reverse=True)
        top = sum(size[1] for size in order[:count])
        rest = sum(size[0] for size in order[count:])
        if top > most * (top + rest):
            return "One or two organisations make too large a part of all respondents."
    return ""


def members_may_change(before: Collection[str], now: Collection[str]) -> bool:
    """Say whether a benchmark may follow one with other members: by none, or by so many that none stands out.

    Examples
    --------
    >>> members_may_change("abcdef", "abcdef"), members_may_change("abcdef", "abcdeg")
    (True, False)
    """
    changed = len(set(before) ^ set(now))
    return changed == 0 or changed >= PORTFOLIO_MEMBERS_CHANGE
