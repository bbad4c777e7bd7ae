"""What people wrote: redacted as soon as it is read, told as themes; word for word only where the params ask for it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from smf_helpers.results.publication import Cell, Proposal
from smf_helpers.workbook.proposing import Row, propose, proposes
from smf_helpers.workbook.survey import wave_group

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

MODULE = "comment"
_NAME = re.compile(r"[^\W\d_]{3,}")
_NO_NAMES = frozenset({"com", "org", "net", "info", "mail", "example", "user", "employee", "www"})


def _are_comments(tables: "Mapping[str, pd.DataFrame]") -> "pd.Series":
    items = tables["items"]
    asked = set(items.loc[items["module"] == MODULE, "item"])
    responses = tables["responses"]
    return responses["item"].isin(asked) & responses["text"].fillna("").ne("")


def comment_texts(tables: "Mapping[str, pd.DataFrame]") -> list[str]:
    """Give every comment once."""
    if not {"items", "responses"} <= set(tables):
        return []
    return sorted(set(tables["responses"].loc[_are_comments(tables), "text"]))


def redacted(tables: "dict[str, pd.DataFrame]", ids: Iterable[str]) -> "dict[str, pd.DataFrame]":
    """Give the tables with every comment redacted: ids, the names in them, addresses, numbers, dates."""
    from smf_helpers.privacy.comments import redact

    texts = comment_texts(tables)
    if not texts:
        return tables
    known = sorted(ids)
    # anna.virtanen@acme.fi names Anna Virtanen; what stands after the @ names her employer.
    names = {
        name
        for each in known
        if "@" in each or " " in each or "." in each
        for name in _NAME.findall(each.split("@")[0])
        if name.casefold() not in _NO_NAMES
    }
    told = {text: redact(text, names=names, ids=known) for text in texts}
    responses = tables["responses"]
    words = responses["text"].where(~_are_comments(tables), responses["text"].map(told))
    return {**tables, "responses": responses.assign(text=words.astype(responses["text"].dtype))}


@proposes("comments", "comment_themes", "comments")
def propose_comments(book: "Workbook") -> Iterator[Proposal]:
    """Propose the themes of the comments; the comments themselves where the client's params ask for them."""
    import numpy as np

    from smf_helpers.measures.design import wilson_limits
    from smf_helpers.privacy.comments import Comment, find_themes, quote
    from smf_helpers.privacy.rules import profile

    wanted = book.params.privacy
    chosen = profile(wanted.profile, max(wanted.min_respondents, profile(wanted.profile).minimum))
    tables = {name: book.rows(name) for name in ("items", "responses")}
    said = tables["responses"][_are_comments(tables)]
    themes, quotes = [], []
    for wave in book.waves if wanted.comments != "off" else ():
        rows = said[said["wave"] == wave]
        comments = [
            Comment(respondent=str(who), text=str(text))
            for who, text in zip(rows["respondent"], rows["text"], strict=True)
        ]
        people = len({comment.respondent for comment in comments})
        respondents = int((book.rows("respondents")["wave"] == wave).sum())
        if respondents < chosen.comment_respondents:
            continue
        for theme in find_themes(comments, chosen):
            share = theme.n_people / people
            low, high = (
                float(ends[0]) for ends in wilson_limits(np.array([share]), np.array([float(people)]))
            )
            cells: dict[str, Cell] = {
                "wave": wave,
                "theme": theme.theme,
                "share": share,
                "low": low,
                "high": high,
                "n": people,
            }
            themes.append(Row(cells=cells, groups=wave_group(book, wave), count=people))
        if wanted.comments == "verbatims":
            told = quote(comments, chosen, respondents=respondents, order=book.order)
            group = wave_group(book, wave)
            quotes += [
                Row(cells={"wave": wave, "comment": text}, groups=group, count=people) for text in told
            ]
    reason = "Comments are not told." if wanted.comments == "off" else "Too few people wrote something."
    yield propose("comment_themes", themes, reason=reason, note=_NOTE)
    kept = "Comments are told as themes only."
    yield propose("comments", quotes, reason=reason if wanted.comments == "verbatims" else kept)


_NOTE = "Of those who wrote something; a comment may touch several themes, and a theme needs five people."
