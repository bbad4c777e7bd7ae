"""Comments: redaction before anything else, themes with counts by default, words only where they are safe.

Every pattern is linear: quantifiers are bounded and a match can only begin where a token begins, so a cell
of 30,000 characters built against it takes well under a second. Redaction lowers the risk that somebody is
named; it does not remove the risk that somebody's style is known.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from smf_helpers.privacy.rules import COMMENT_MINIMUM, Profile
from smf_helpers.texts import plain_text

REMOVED: Final = "[removed]"
MAX_COMMENT: Final = 5_000
MIN_NAME: Final = 3

_PATTERNS: Final = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,253}",
        r"(?<!\w)(?:https?://|ftp://|www\.)\S{1,2000}",
        r"(?<!\w)[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?(?!\w)",
        r"(?<![\d-])\d{6}[-+abcdefuvwxy]\d{3}[0-9a-z](?!\w)",
        r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)",
        r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}(?!\d)",
        r"(?<!\d)(?:19|20)\d{2}-\d{2}-\d{2}(?!\d)",
        r"(?<![\w+])\+?\d(?:[ ()/.-]{0,2}\d){6,14}(?!\d)",
        r"(?<![\w@])@[\w.]{2,64}",
    )
)
_WORD = re.compile(r"\w[\w'’-]{0,80}")
_TOKEN = re.compile(r"[\w.@+-]{1,200}")

THEMES: Final[Mapping[str, tuple[str, ...]]] = {
    "workload": ("time", "busy", "hurry", "workload", "calendar", "aika", "ajan", "kiire", "ehdi", "kalent"),
    "tools": ("tool", "app", "platform", "software", "technolog", "työkalu", "sovellu", "alusta", "teknii"),
    "training": ("train", "learn", "course", "guid", "teach", "koulut", "oppi", "ohje", "opast"),
    "rules": ("polic", "rule", "legal", "allow", "permission", "ohjeist", "sääntö", "lupa", "laki"),
    "management": ("manag", "leader", "boss", "executive", "johto", "johta", "esimie", "pomo"),
    "open_talk": ("open", "share", "transparen", "trust", "avoi", "jaka", "luott"),
    "customers": ("customer", "client", "audience", "asiak", "yleisö", "kohderyhm"),
    "fear": ("afraid", "fear", "shy", "embarrass", "mistake", "pelk", "pelott", "nolo", "ujo", "virhe"),
}
"""Theme → stems of English and Finnish words; a comment may touch several themes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment of a respondent, private until redacted: whose it is and what it says."""

    respondent: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme of the comments: how many comments of how many people touch it."""

    theme: str
    n_comments: int
    n_people: int


def redact(text: str, *, names: Iterable[str] = (), ids: Iterable[str] = ()) -> str:
    """Take out of a comment what names a person or leads to one.

    E-mail addresses, web addresses, phone numbers, account and card numbers, personal identity numbers, dates
    (of birth), handles, respondents' ids, and the names of the client's own files.

    Parameters
    ----------
    text : a comment.
    names : first and last names of people in the client's files.
    ids : respondents' ids.

    Examples
    --------
    >>> redact("Ask Maria (maria@acme.fi, 040 123 4567), she knows.", names=["Maria Virtanen"])
    'Ask [removed] ([removed], [removed]), she knows.'
    """
    line = plain_text(unicodedata.normalize("NFKC", text[: 4 * MAX_COMMENT]), MAX_COMMENT)
    known = {word.casefold() for name in names for word in _WORD.findall(name) if len(word) >= MIN_NAME}
    marks = {mark.strip().casefold() for mark in ids if mark.strip()}
    if marks:
        line = _TOKEN.sub(lambda found: REMOVED if _is_id(found[0], marks) else found[0], line)
    for pattern in _PATTERNS:
        line = pattern.sub(REMOVED, line)
    if known:
        line = _WORD.sub(lambda found: REMOVED if _is_name(found[0], known) else found[0], line)
    return line


def _is_id(token: str, marks: set[str]) -> bool:
    return token.casefold() in marks or token.strip(".-+@").casefold() in marks


def _is_name(word: str, known: set[str]) -> bool:
    """Say whether a word is a name, possessive and simple inflected forms included."""
    folded = word.casefold()
    stem = re.split(r"['’]", folded)[0]
    # Finnish case endings: Mariaa, Marialle, Marian.
    cut = (stem[:-ending] for ending in (1, 2, 3) if len(stem) - ending > MIN_NAME)
    return any(part in known for part in (folded, stem, *stem.split("-"), *cut))


def find_themes(comments: Sequence[Comment], profile: Profile) -> list[Theme]:
    """Count the themes of comments; a theme needs five comments of five people.

    Returns
    -------
    themes that may be told, most frequent first; none where fewer than ten people commented.
    """
    if not _enough(comments, profile):
        return []
    touched: dict[str, list[str]] = defaultdict(list)
    for comment in comments:
        words = [word.casefold() for word in _WORD.findall(comment.text[:MAX_COMMENT])]
        for theme, stems in THEMES.items():
            if any(word.startswith(stems) for word in words):
                touched[theme].append(comment.respondent)
    least = max(COMMENT_MINIMUM, profile.minimum)
    found = [
        Theme(theme=theme, n_comments=len(people), n_people=len(set(people)))
        for theme, people in touched.items()
        if len(people) >= least and len(set(people)) >= least
    ]
    return sorted(found, key=lambda theme: (-theme.n_people, theme.theme))


def quote(
    comments: Sequence[Comment],
    profile: Profile,
    *,
    respondents: int,
    names: Iterable[str] = (),
    ids: Iterable[str] = (),
    order: Callable[[str], str] = str,
) -> list[str]:
    """Give redacted comments in an order that tells nothing, or none where too few wrote.

    Opt-in only, for one breakdown level of a report, without date, role or second dimension.

    Parameters
    ----------
    respondents : people who answered in the group; ten are needed, and five comments.
    order : keyed hash by which they are sorted; the same key gives the same order.
    """
    if respondents < profile.comment_respondents or not _enough(comments, profile):
        return []
    known, marks = list(names), list(ids)
    redacted = [redact(comment.text, names=known, ids=marks) for comment in comments]
    told = [text for text in redacted if text.replace(REMOVED, "").strip()]
    if len(told) < COMMENT_MINIMUM:
        return []
    return sorted(told, key=order)


def _enough(comments: Sequence[Comment], profile: Profile) -> bool:
    people = {comment.respondent for comment in comments}
    return len(people) >= max(COMMENT_MINIMUM, profile.minimum) and len(comments) >= COMMENT_MINIMUM
