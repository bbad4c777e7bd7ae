"""The hour's reading: framework, learning, adoption, path, people, channels, interventions."""

from collections.abc import Collection

from smf_helpers.figures import Reader
from smf_helpers.report.blocks import Block, boxes, claims, figures, heading, table
from smf_helpers.report.chapters import chapter
from smf_helpers.report.what_if import what_if


@chapter(
    "framework", "Framework", "How the eight factors stand, how they move, and where the need is greatest."
)
def framework(reader: Reader) -> list[Block]:
    """Give the eight factors: over the waves, changes, units and roles, needs, drivers."""
    return [
        *claims(reader, "framework"),
        *figures(reader, ("factor_waves", "factor_change", "needs", "drivers", "units")),
        *(figures(reader, ("roles",)) if reader.rows("factors_by_role") else []),
        *_quantities(reader, "link_test", reader.text("Does the link feed both cycles?")),
    ]


@chapter(
    "learning", "Learning", "Whether people learn, at whose pace, and whether it reaches the organisation."
)
def learning(reader: Reader) -> list[Block]:
    """Give the learning curve, the spread, pilots, units, learning by doing, the organisation beside its people."""
    return [
        *claims(reader, "learning"),
        *_quantities(
            reader, "learning_summary", "", without=("pace_spread",)
        ),  # the figure of the spread tells it
        *figures(reader, ("learning_curve", "learning_spread")),
        *_some(reader, "pilot_weeks", "pilot_paths"),
        *figures(reader, ("learning_units", "experience")),
        *_some(reader, "organisation_beside"),
        *_quantities(reader, "organisation_lag", reader.text("From person to organisation")),
        *_aside(reader, "learning_family"),
    ]


@chapter("adoption", "Adoption", "How far social media has spread, what carries it, and where it goes.")
def adoption(reader: Reader) -> list[Block]:
    """Give the adoption curve, participation, units, sources, earlier forecasts, and the what-if."""
    return [
        *claims(reader, "adoption"),
        *_quantities(reader, "adoption_summary", "", without=_told_by_the_curve(reader)),
        *figures(reader, ("adoption_curve", "participation", "adoption_units", "adoption_sources")),
        *_some(reader, "readiness"),
        *figures(reader, ("backtest",)),
        *_quantities(reader, "sustain", reader.text("Would it go on by itself?")),
        *_aside(reader, "adoption_tests", "adopter_classes"),
        *what_if(reader),
    ]


@chapter("path", "Development path", "Where people stand on the way from own use to work with customers.")
def path(reader: Reader) -> list[Block]:
    """Give the development path: where people stand, how long they stay, the outlook, and what went with it."""
    return [
        *claims(reader, "path"),
        *figures(reader, ("path", "path_over_time")),
        *_aside(reader, "path_time", "path_outlook", "path_drivers"),
    ]


@chapter(
    "people", "People and barriers", "Who takes part, what holds people back, and what the network rests on."
)
def people(reader: Reader) -> list[Block]:
    """Give barriers, conditions, segments, recommendation, self-regulation and the network."""
    return [
        *claims(reader, "people"),
        *figures(
            reader,
            (
                "barriers",
                "comment_themes",
                "conditions",
                "segments",
                "recommendation",
                "personas",
                "champions",
                "mixing",
            ),
        ),
        *_aside(reader, "comments", "self_regulation"),
        *_quantities(reader, "network_summary", reader.text("The network in figures")),
    ]


@chapter(
    "channels", "Public channels", "What the public channels bring, what works where, and how fast we answer."
)
def channels(reader: Reader) -> list[Block]:
    """Give the public channels."""
    return [
        *claims(reader, "channels"),
        *figures(reader, ("channel_months", "channel_kinds", "response")),
        *_aside(reader, "channels"),
    ]


@chapter(
    "interventions", "Interventions", "What was done, what each deed changed, and how the roll-out goes."
)
def interventions(reader: Reader) -> list[Block]:
    """Give the ledger of interventions and the roll-out."""
    return [*claims(reader, "interventions"), *figures(reader, ("ledger", "rollout"))]


def _told_by_the_curve(reader: Reader) -> tuple[str, ...]:
    """Leave out the box of today's share where it holds no number: the curve tells the share as it may be told."""
    shares = reader.rows("adoption_summary", quantity="share_now")
    return () if any(reader.number(row, "value") is not None for row in shares) else ("share_now",)


def _quantities(reader: Reader, name: str, title: str, *, without: Collection[str] = ()) -> list[Block]:
    made = boxes(reader, name, without=without)
    if not made["items"]:
        return []
    return [heading(title), made] if title else [made]


def _some(reader: Reader, *names: str) -> list[Block]:
    """Give the figures whose tables the client has at all."""
    return [block for name in names if reader.rows(name) for block in figures(reader, (name,))]


def _aside(reader: Reader, *names: str) -> list[Block]:
    return [table(reader, name) for name in names if reader.rows(name)]
