"""Self-regulation in the workbook: incidents against posts, inside and in public, as a proposed table."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from smf_helpers.results.publication import Proposal
from smf_helpers.workbook.channels import dated_posts
from smf_helpers.workbook.people import eligible
from smf_helpers.workbook.proposing import Row, estimated, propose, proposes

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

NOT_COUNTED: Final = (
    "Nobody keeps count of incidents; state them as `incidents` in the params, [] where there are none."
)
NO_PEOPLE: Final = (
    "Incidents are told where it is known who could post; bring a people list or a platform's export."
)
SO_FAR: Final = "so_far"


def posts_by_day(book: "Workbook", scope: str) -> "pd.Series":
    """Give the posts of each day, for the internal platforms of each week: replies are posts too."""
    if scope == "public":
        posts = dated_posts(book).dropna(subset=["published_at"])
        day = posts["published_at"].dt.tz_convert(book.params.timezone).dt.tz_localize(None).dt.normalize()
        return day.value_counts().sort_index()
    rows = book.rows("activity")
    rows = rows[rows["actor"].isin(eligible(book)["person"])]
    made = rows["posts"].fillna(0) + rows["replies"].fillna(0)
    return made.groupby(rows["week"]).sum().sort_index()


@proposes("self_regulation", "self_regulation")
def propose_incidents(book: "Workbook") -> Iterator[Proposal]:
    """Propose how many incidents there were per 1,000 posts, year by year and so far."""
    stated, n = book.params.incidents, len(eligible(book))
    if stated is None or not n:
        yield propose("self_regulation", (), reason=NOT_COUNTED if stated is None else NO_PEOPLE)
        return
    rows, outside = [], 0
    for scope, days in (("internal", 6), ("public", 0)):
        posts = posts_by_day(book, scope)
        mine = [each for each in stated if each.scope == scope]
        if not len(posts):
            outside += len(mine)
            continue
        rows += list(_rows(book, scope, posts, mine, days))
        outside += len(mine) - int(rows[-1].cells["incidents"])  # type: ignore[arg-type]
    lost = f"Incidents from a time without posts in the data are left out: {outside}." if outside else ""
    note = "Interval: exact Poisson limits. No incident is no proof that there is no risk."
    yield propose("self_regulation", rows, note=f"{note} {lost}".strip(), reason="There are no posts.")


def _rows(book: "Workbook", scope: str, posts: "pd.Series", stated: list, days: int) -> Iterator[Row]:
    """Give a row for each year with posts, then one for all of the time from the first post to the last."""
    import pandas as pd

    from smf_helpers.measures.channels import measure_incidents

    first, last = posts.index[0], posts.index[-1] + pd.Timedelta(days=days)
    if book.params.as_of is not None:
        last = max(last, pd.Timestamp(book.params.as_of))
    dates = pd.Series([pd.Timestamp(each.date) for each in stated], dtype="datetime64[us]")
    dates = dates[(dates >= first) & (dates <= last)]
    years = sorted({*posts.index.year})
    n = len(eligible(book))
    for year in (*years, SO_FAR):
        counted = dates if year == SO_FAR else dates[dates.dt.year == year]
        made = posts if year == SO_FAR else posts[posts.index.year == year]
        found = measure_incidents(len(counted), int(made.sum()))
        cells = {
            "scope": scope,
            "period": str(year),
            "incidents": len(counted),
            **estimated(found),
            "status": found.status.value,
            "reason": found.reason,
            "n": n,
        }
        yield Row(cells=cells, groups=book.group("people"), count=n)
