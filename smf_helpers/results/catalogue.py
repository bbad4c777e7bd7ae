"""Every table that may be published, declared once.

The workbook fills them, the gate releases them, findings, figures, pages, slides and sheets read them.
A table is added here and nowhere else. Common key columns: ``unit`` is ``all`` for the whole
organisation; ``status`` is a `Status`; ``verdict`` is a word from the table's own short list.
"""

from typing import Final, Literal

from smf_helpers.results.publication import Column, Kind, TableSpec

CATALOGUE: Final[dict[str, TableSpec]] = {}


def _key(name: str, about: str = "") -> Column:
    return Column(name=name, kind=Kind.KEY, about=about, personal=False)


def _text(name: str, about: str = "") -> Column:
    return Column(name=name, kind=Kind.TEXT, about=about, personal=False)


def _mean(name: str, about: str = "", unit: str = "scale points") -> Column:
    return Column(name=name, kind=Kind.MEAN, unit=unit, about=about)


def _share(name: str, about: str = "", *, personal: bool = True) -> Column:
    return Column(name=name, kind=Kind.SHARE, unit="share", decimals=2, about=about, personal=personal)


def _n(name: str = "n", about: str = "people with an answer", *, personal: bool = True) -> Column:
    return Column(name=name, kind=Kind.COUNT, unit="people", decimals=0, about=about, personal=personal)


def _stat(name: str, about: str = "", unit: str = "", decimals: int = 2) -> Column:
    return Column(name=name, kind=Kind.STATISTIC, unit=unit, decimals=decimals, about=about)


def _amount(name: str, about: str = "", unit: str = "", decimals: int = 1) -> Column:
    return Column(name=name, kind=Kind.AMOUNT, unit=unit, decimals=decimals, about=about, personal=False)


def _within(of: Column) -> tuple[Column, Column]:
    """Give the two limits of the 95 % interval of a column: ``low``/``high`` or prefixed by name."""
    plain = of.name in {"value", "mean", "share", "estimate", "fitted", "level"}
    stem = "" if plain else f"{of.name}_"
    return tuple(  # type: ignore[return-value]
        Column(
            name=f"{stem}{side}",
            kind=Kind.INTERVAL,
            unit=of.unit,
            decimals=of.decimals,
            about=f"{word} limit of the 95 % interval",
            personal=of.personal,
            of=of.name,
        )
        for side, word in (("low", "lower"), ("high", "upper"))
    )


def _table(
    name: str,
    title: str,
    row: str,
    *columns: Column | tuple[Column, ...],
    section: str,
    question: Literal[0, 1, 2, 3] = 0,
    same_as: str = "",
) -> None:
    flat: list[Column] = []
    for column in columns:
        flat.extend(column if isinstance(column, tuple) else (column,))
    CATALOGUE[name] = TableSpec(
        name=name,
        title=title,
        row=row,
        columns=tuple(flat),
        section=section,
        question=question,
        same_as=same_as,
    )


def _estimated(column: Column) -> tuple[Column, ...]:
    return (column, *_within(column))


_STATUS = (_key("status", "ok, or why there is no number"), _text("reason", "the status in words"))
_QUANTITY = (
    _key("quantity", "what is estimated"),
    *_estimated(_stat("value", decimals=2)),
    _text("unit_of", "unit of the value"),
    *_STATUS,
    _n(),
)

# --- the survey -----------------------------------------------------------------------------------
_table(
    "waves",
    "Survey waves and response",
    "a wave and unit",
    _key("wave"),
    _key("unit"),
    _key("opened_on"),
    _key("closed_on"),
    _n("invited", "people asked"),
    _n("n", "people who answered"),
    _share("response_rate", "answered of those invited"),
    section="data",
)
_table(
    "factors",
    "The eight factors, wave by wave",
    "a factor in a unit and wave",
    _key("wave"),
    _key("unit"),
    _key("factor"),
    *_estimated(_mean("mean", "mean score, 1 to 5")),
    _share("favourable", "answers 4 or 5 of all valid answers"),
    _n(),
    section="framework",
    question=2,
)
_table(
    "factors_by_role",
    "The eight factors by role",
    "a factor in a role and wave",
    _key("wave"),
    _key("role"),
    _key("factor"),
    *_estimated(_mean("mean", "mean score, 1 to 5")),
    _share("favourable", "answers 4 or 5 of all valid answers"),
    _n(),
    section="framework",
    question=2,
    same_as="factors",
)
_table(
    "factor_change",
    "Change between waves",
    "a factor in a unit between two waves",
    _key("unit"),
    _key("factor"),
    _key("from_wave"),
    _key("to_wave"),
    *_estimated(_mean("change", "later minus earlier")),
    _key("verdict", "rose, fell, equivalent, not enough to say, not comparable"),
    _key("design", "paired (same people) or independent (anonymous waves)"),
    _text("reason"),
    _n("n", "people behind the comparison"),
    section="framework",
    question=2,
)
_table(
    "flow",
    "Flow round the double cycle",
    "a cycle in a unit and wave",
    _key("wave"),
    _key("unit"),
    _key("cycle", "internal, external, link or whole"),
    *_estimated(_mean("value", "flow on the answer scale; a weak link holds back everything")),
    _n(),
    section="framework",
    question=2,
)
_table(
    "bottleneck",
    "Which factor holds the flow back",
    "a factor in a unit and wave",
    _key("wave"),
    _key("unit"),
    _key("factor"),
    _stat("probability", "chance that this factor is the weakest", "share"),
    _n(),
    section="framework",
    question=3,
)
_table(
    "link_test",
    "Does the link feed both cycles?",
    "a tested path",
    *_QUANTITY,
    section="framework",
    question=2,
)
_table(
    "reliability",
    "How reliably each factor is measured",
    "a factor",
    _key("factor"),
    *_estimated(_stat("omega", "McDonald's omega")),
    *_estimated(_stat("alpha", "Cronbach's alpha, Feldt interval")),
    _amount("n_items", decimals=0),
    *_STATUS,
    _n(),
    section="data",
)
_table(
    "needs",
    "Needs: importance against performance",
    "a factor in a unit at the latest wave",
    _key("unit"),
    _key("factor"),
    _mean("importance"),
    _mean("performance"),
    *_estimated(_mean("need", "importance minus performance")),
    _key("verdict", "need, no need, not enough to say"),
    _n(),
    section="framework",
    question=3,
)
_table(
    "recommendation",
    "Would they recommend working this way?",
    "a unit and wave",
    _key("wave"),
    _key("unit"),
    *_estimated(_stat("value", "promoters (9-10) minus detractors (0-6), in points", "points", 0)),
    _share("promoters"),
    _share("detractors"),
    _n(),
    section="people",
)
_table(
    "drivers",
    "What goes with recommending",
    "a factor",
    _key("factor"),
    *_estimated(_stat("weight", "relative weight in explaining recommendation", "share")),
    *_STATUS,
    _n(),
    section="framework",
    question=3,
)
_table(
    "barriers",
    "What holds people back",
    "a barrier in a unit and wave",
    _key("wave"),
    _key("unit"),
    _key("barrier"),
    *_estimated(_share("share", "people who name it")),
    _n(),
    section="people",
    question=3,
)
_table(
    "barrier_tests",
    "Reason or excuse?",
    "a barrier",
    _key("barrier"),
    *_estimated(_stat("odds_ratio", "odds of not using later, named against not named")),
    *_estimated(_stat("remedy_effect", "change in its share where the remedy was applied", "share")),
    _key("later_use", "less, the same, not enough to say: use at the next wave by those who name it"),
    _key("design", "comparison (units where the remedy had not begun) or before_after"),
    _key("verdict", "reason, excuse, not enough to say"),
    _text("reason"),
    _n(),
    section="people",
    question=3,
)
_table(
    "segments",
    "Who takes part",
    "a segment and wave",
    _key("wave"),
    _key("segment", "champions, participants, bystanders, held_back"),
    *_estimated(_share("share")),
    _share("share_strict", "the share under the stricter rule"),
    _share("share_lenient", "the share under the more lenient rule"),
    _n(),
    section="people",
    question=2,
)
_table(
    "conditions",
    "Conditions of the culture",
    "a condition in a unit and wave",
    _key("wave"),
    _key("unit"),
    _key("condition", "policy_clarity, owner_known, access_open, executives_seen, email_replaced"),
    *_estimated(_share("share")),
    _n(),
    section="people",
    question=2,
)
_table(
    "self_regulation",
    "Does self-regulation work? Incidents per 1,000 posts",
    "a year, inside or in public",
    _key("scope", "on the internal platform, or on the public channels"),
    _key("period", "a year, or all of the time"),
    _amount("incidents", "posts that broke the rules, as the organisation counts them", "", 0),
    *_estimated(_stat("value", "incidents per 1,000 posts")),
    *_STATUS,
    _n("n", "people who could post"),
    section="people",
    question=2,
)

_table(
    "comment_themes",
    "What people write about",
    "a theme of the comments in a wave",
    _key("wave"),
    _key("theme"),
    *_estimated(_share("share", "of those who wrote something")),
    _n("n", "people who wrote something"),
    section="people",
    question=3,
)
_table(
    "comments",
    "In their own words",
    "a comment, redacted, in no order",
    _key("wave"),
    Column(name="comment", kind=Kind.TEXT, about="as written, without names, addresses and numbers"),
    section="people",
)

# --- learning --------------------------------------------------------------------------------------
_table(
    "learning_curve",
    "The typical learner",
    "a week",
    _amount("week", "weeks since the first measurement", "weeks"),
    *_estimated(_mean("level", "typical learner's skill")),
    _mean("people_low", "tenth percentile of people"),
    _mean("people_high", "ninetieth percentile of people"),
    _n(),
    section="learning",
    question=1,
)
_table(
    "learning_waves",
    "Skill as measured",
    "a wave or week and unit",
    _amount("week", "", "weeks"),
    _key("unit"),
    *_estimated(_mean("mean")),
    _share("complete", "share of the learners still taking part"),
    _n(),
    section="learning",
    question=1,
)
_table(
    "learning_spread",
    "Everyone's pace is different",
    "a quantile of the learners' pace",
    _share("quantile", "share of learners who are at least this fast", personal=False),
    *_estimated(_stat("weeks_to_80", "weeks to 80 % of own gain", "weeks", 1)),
    _n(),
    section="learning",
    question=1,
)
_table("learning_summary", "Learning in figures", "a quantity", *_QUANTITY, section="learning", question=1)
_table(
    "learning_units",
    "Learning by unit",
    "a unit",
    _key("unit"),
    *_estimated(_mean("level", "typical level now")),
    *_estimated(_mean("gain", "expected gain over the next wave")),
    *_STATUS,
    _n(),
    section="learning",
    question=1,
)
_table(
    "learning_family",
    "Which shape the data support",
    "a family of curves",
    _key("family"),
    _stat("weight", "Akaike weight", "share"),
    _key("verdict", "supported, leaning, undecided, not tried"),
    _text("reason"),
    section="learning",
    question=1,
)
_table(
    "pilot_weeks",
    "The pilots week by week",
    "a week of a pilot, for the pilot or for those not yet in the roll-out",
    _key("unit", "unit of the pilot"),
    _key("group", "in the pilot, or not yet in the roll-out"),
    _amount("week", "", "weeks", 0),
    *_estimated(_mean("mean")),
    _share("complete", "share of the learners still taking part"),
    _n(),
    section="learning",
    question=1,
)
_table(
    "pilot_paths",
    "Who is on which path",
    "a pilot",
    _key("unit", "unit of the pilot"),
    _key("started_on", "first measurement of the pilot"),
    *_estimated(_mean("change", "last score less the first, within the pilot")),
    *_estimated(_mean("waiting", "the same of those not yet in the roll-out")),
    *_estimated(_mean("difference", "change less that of those not yet in the roll-out")),
    _share("moving_up", "share who moved up by more than noise makes"),
    _share("holding", "share who neither moved up nor fell back"),
    _share("falling_back", "share who fell back by more than noise makes"),
    _share("left", "share without a score in the last week"),
    *_STATUS,
    _n(),
    section="learning",
    question=1,
)
_table(
    "organisation_beside",
    "The organisation's curve beside its people's",
    "a survey wave",
    _key("wave"),
    _amount("week", "weeks since the first score", "weeks", 0),
    *_estimated(_mean("organisation", "learning and culture in the survey")),
    _stat("people", "mean skill of the people at that time", "scale points", 1),
    _stat("followed", "the organisation as its people would have it, so many weeks later", "scale points"),
    _n(),
    section="learning",
    question=1,
)
_table(
    "organisation_lag",
    "From person to organisation",
    "a quantity",
    *_QUANTITY,
    section="learning",
    question=1,
)
_table(
    "experience",
    "Learning by doing",
    "a team, channel or measure",
    _key("team"),
    _key("measure", "what improves with experience"),
    *_estimated(_amount("progress_ratio", "factor per doubling of experience", decimals=2)),
    *_estimated(_amount("retention", "share of experience kept per week of a break", decimals=2)),
    _text("forgetting", "what the data tell about forgetting"),
    _amount("n_posts", "", "posts", 0),
    *_STATUS,
    section="learning",
    question=1,
)

# --- adoption, path, people --------------------------------------------------------------------------
_table(
    "adoption_curve",
    "Adoption over time",
    "a date and unit",
    _key("at", "end of the interval"),
    _key("unit"),
    _share("observed", "adopters of the eligible"),
    *_estimated(_share("fitted")),
    _key("phase", "observed or forecast"),
    _n("n", "eligible people"),
    section="adoption",
    question=2,
)
_table("adoption_summary", "Adoption in figures", "a quantity", *_QUANTITY, section="adoption", question=2)
_table(
    "adoption_units",
    "Adoption by unit",
    "a unit",
    _key("unit"),
    *_estimated(_share("share", "adopters of the eligible, now")),
    _stat("p", "programme push per year", "per year"),
    _stat("q", "imitation per year", "per year"),
    *_STATUS,
    _n("n", "eligible people"),
    section="adoption",
    question=2,
)
_table(
    "adoption_backtest",
    "What we said, and what came",
    "an earlier forecast",
    _key("made_on"),
    _key("for_date"),
    *_estimated(_share("predicted")),
    _share("observed"),
    _key("verdict", "inside, outside, no skill"),
    _stat("skill", "1 - error of ours / error of the naive forecast"),
    _n("n", "eligible people"),
    section="adoption",
    question=2,
)
_table(
    "participation",
    "Who takes part, week by week",
    "a week and unit",
    _key("week"),
    _key("unit"),
    _share("active", "active of the eligible"),
    _share("new", "active for the first time"),
    _share("resurrected", "back after a break"),
    _share("lapsed", "active before, not now"),
    _stat("depth", "actions per active person", "actions", 1),
    _n("n", "eligible people"),
    section="adoption",
    question=2,
)
_table("sustain", "Would it go on by itself?", "a quantity", *_QUANTITY, section="adoption", question=2)
_table(
    "adoption_sources",
    "Where adoption comes from",
    "a source",
    _key("source", "programme, organisation, network, executives"),
    *_estimated(_stat("share", "share of the adoptions consistent with it", "share")),
    *_STATUS,
    _n(),
    section="adoption",
    question=2,
)
_table(
    "adoption_tests",
    "Does the explanation survive?",
    "a falsification test",
    _key("test", "permuted_network, future_exposure"),
    *_estimated(_stat("value")),
    _key("verdict", "survives, fails, not enough to say"),
    _text("reason"),
    _n(),
    section="adoption",
)
_table(
    "readiness",
    "Who is readier to adopt",
    "a trait and a group",
    _key("trait", "role or tenure"),
    _key("group", "those who have it, against the largest group"),
    *_estimated(_stat("ratio", "times as ready, the programme, colleagues and executives being the same")),
    *_STATUS,
    _n(),
    section="adoption",
    question=2,
)
_table(
    "path_occupancy",
    "The development path",
    "a stage at a wave",
    _key("at"),
    _key("unit"),
    _key("stage"),
    *_estimated(_share("share")),
    _n(),
    section="path",
    question=2,
)
_table(
    "path_flows",
    "Moves along the path",
    "a move between stages",
    _key("from_stage"),
    _key("to_stage"),
    *_estimated(_stat("rate", "moves per person-year", "per year")),
    _n("n", "observed moves"),
    *_STATUS,
    section="path",
    question=2,
)
_table(
    "path_time",
    "Time at each stage",
    "a stage",
    _key("stage"),
    *_estimated(_stat("time", "mean time until the next move", "months", 1)),
    _n("n", "observed moves"),
    *_STATUS,
    section="path",
    question=2,
)
_table(
    "path_outlook",
    "Chance of working with customers within a year",
    "a stage and a horizon",
    _key("stage", "stage now"),
    _amount("months", "", "", 0),
    *_estimated(_stat("probability", "chance of having reached the customer stage", "share")),
    *_STATUS,
    _n(),
    section="path",
    question=2,
)
_table(
    "path_drivers",
    "What went with moving along the path",
    "a kind of intervention and a direction",
    _key("kind"),
    _key("direction", "forward or back"),
    *_estimated(_stat("ratio", "pace with it as a multiple of the pace without it")),
    _n("n", "observed moves with it or without it, whichever are fewer"),
    *_STATUS,
    section="path",
    question=2,
)
_table("network_summary", "The network in figures", "a quantity", *_QUANTITY, section="people", question=2)
_table(
    "mixing",
    "Who answers whom",
    "a pair of units",
    _key("source_unit"),
    _key("target_unit"),
    _share("share", "share of the source unit's answers that go to the target unit"),
    _n("n", "people in the smaller of the two"),
    section="people",
)
_table(
    "personas",
    "Giving and receiving",
    "a persona",
    _key("persona", "engager, catalyst, responder, broadcaster, observer"),
    *_estimated(_share("share")),
    _share("share_strict"),
    _share("share_lenient"),
    _n(),
    section="people",
)
_table(
    "adopter_classes",
    "Early and late",
    "a class of adopters",
    _key("adopter_class"),
    *_estimated(_share("share")),
    _n(),
    section="adoption",
)
_table(
    "champions",
    "If the most active left",
    "a share of the most active removed",
    _share("removed", "most active people removed", personal=False),
    _share("left", "interactions that remain"),
    _share("connected", "people still connected"),
    _n("n", "people removed"),
    section="people",
    question=3,
)

# --- channels ----------------------------------------------------------------------------------------
_table(
    "channels",
    "The public channels",
    "a channel and metric",
    _key("channel"),
    _key("metric", "engagement by impressions, by reach, by followers"),
    *_estimated(_amount("value", "", "share", 3)),
    _text("unit_of", "unit and denominator"),
    _amount("n_posts", "", "posts", 0),
    _amount("audience", "latest known", "followers", 0),
    *_STATUS,
    section="channels",
)
_table(
    "channel_weeks",
    "Channels over time",
    "a channel and month",
    _key("channel"),
    _key("month"),
    _amount("posts", "", "posts", 0),
    *_estimated(_amount("engagement_rate", "interactions per reach", "share", 3)),
    section="channels",
)
_table(
    "channel_kinds",
    "What works where",
    "a kind of post on a channel",
    _key("channel"),
    _key("kind"),
    *_estimated(_amount("engagement_rate", "pooled towards the channel", "share", 3)),
    _amount("n_posts", "", "posts", 0),
    section="channels",
    question=3,
)
_table(
    "response",
    "How fast we answer",
    "a channel and kind of message",
    _key("channel"),
    _key("kind", "all, or crisis"),
    *_estimated(_amount("median_hours", "unanswered counted as still waiting", "hours")),
    _share("answered", "answered within a day", personal=False),
    _amount("n_messages", "", "messages", 0),
    *_STATUS,
    section="channels",
)

# --- interventions -----------------------------------------------------------------------------------
_table(
    "interventions",
    "The ledger of interventions",
    "an intervention and outcome",
    _key("intervention"),
    _key("kind"),
    _key("starts_on"),
    _key("scope"),
    _key("outcome", "what it was measured on"),
    _key("design", "the strongest design its scope allows"),
    *_estimated(_stat("effect", "change in level")),
    _stat("slope", "change in slope per year"),
    _stat("placebo", "share of placebo dates with an effect as large"),
    _stat("detectable", "smallest effect that could have been seen"),
    _key("verdict", "rose, fell, no effect seen, cannot be told"),
    _text("reason"),
    _n(),
    section="interventions",
    question=3,
)
_table(
    "rollout",
    "The roll-out, unit by unit",
    "a unit",
    _key("unit"),
    _n("headcount", "people in the unit", personal=False),
    _key("joined_on"),
    *_estimated(_mean("change", "change in the eight factors since joining")),
    *_estimated(_mean("waiting", "change in the units still waiting, over the same waves")),
    _key("verdict", "ahead, level, behind, waiting, not enough to say"),
    _n(),
    section="interventions",
    question=2,
)

# --- data and method -----------------------------------------------------------------------------------
_table(
    "sources",
    "Where the data come from",
    "an input file",
    _text("file"),
    _key("format"),
    _key("variant"),
    _key("table"),
    _amount("rows_in", "", "rows", 0),
    _amount("rows_out", "", "rows", 0),
    _text("notes", "warnings, and why rows are not there"),
    _key("digest", "first 12 digits of the file's SHA-256"),
    section="data",
)
_table(
    "missing_methods",
    "What this report does not contain",
    "a part of the report",
    _key("part"),
    _text("reason", "why it is not there, and what would bring it"),
    section="data",
)

# --- several organisations, made from their releases -----------------------------------------------
_table(
    "benchmark",
    "Comparable organisations",
    "a measure over all organisations compared",
    _key("measure"),
    _amount("clients", "organisations compared", "", 0),
    _amount("respondents", "their respondents, at least", "", 0),
    *_estimated(_amount("value", "the middle organisation")),
    _amount("quarter_low", "a quarter of the organisations stands below"),
    _amount("quarter_high", "a quarter of the organisations stands above"),
    _text("unit_of", "unit of the value"),
    *_STATUS,
    section="portfolio",
)
_table(
    "standing",
    "Where this organisation stands",
    "a measure of this organisation beside the others",
    _key("measure"),
    *_estimated(_amount("value", "as in the organisation's own report")),
    *_estimated(_amount("others", "the middle one of the others")),
    _amount("quarter_low", "a quarter of the others stands below"),
    _amount("quarter_high", "a quarter of the others stands above"),
    _amount("clients", "organisations compared with", "", 0),
    _key("quarter", "where it stands among the others"),
    _share("chance", "how sure that is", personal=False),
    _text("unit_of", "unit of the value"),
    *_STATUS,
    section="portfolio",
)


def section_of(name: str) -> str:
    """Name the section that a published table belongs to; empty where there is none of that name."""
    return CATALOGUE[name].section if name in CATALOGUE else ""
