"""What a client's YAML may say: every key typed, bounded and described.

The descriptions are the documentation: ``params/README.md`` is generated from them.
"""

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from smf_helpers.framework import BARRIERS, FACTOR_KEYS, INTERVENTION_KINDS, MODULES

CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
SECTIONS = (
    "framework", "learning", "adoption", "path", "people", "channels", "interventions", "glossary",
)  # fmt: skip
RESERVED = {
    "portfolio",
    "con",
    "prn",
    "aux",
    "nul",
    *(f"com{i}" for i in range(10)),
    *(f"lpt{i}" for i in range(10)),
}


def _quoted(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise ValueError("must be quoted text")
    return value


def _not_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    return value


def is_zone(name: str) -> bool:
    """Say whether a time zone of that name is known."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _zone(zone: str) -> str:
    if not is_zone(zone):
        raise ValueError("is no time zone; write one such as Europe/Helsinki")
    return zone


def _name(value: Any) -> Any:
    return str(value) if type(value) in (int, float) else value


Text = Annotated[str, BeforeValidator(_quoted)]
Zone = Annotated[Text, AfterValidator(_zone)]
Name = Annotated[
    str,
    BeforeValidator(lambda v: str(v) if type(v) in (int, float) else v),
    Field(min_length=1, max_length=200),
]
Date = dt.date
Count = Annotated[int, BeforeValidator(_not_flag), Field(ge=0)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Scale = tuple[float, float]


class Part(BaseModel):
    """A part of a client's params: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Unit(Part):
    """A part of the organisation."""

    name: Name = Field(description="Name as it stands in the survey and the people list.")
    headcount: Count | None = Field(
        None, description="People in it; the ceiling of adoption and the basis of response rates."
    )
    parent: Name | None = Field(None, description="Unit above it.")
    joined_rollout_on: Date | None = Field(
        None, description="When the framework came to it; empty while it waits."
    )
    also: tuple[Name, ...] = Field((), description="Other spellings in the files.")


class Organisation(Part):
    """The organisation: its units, headcounts and roll-out."""

    headcount: Count | None = Field(None, description="People in all; by default the sum over the units.")
    units: tuple[Unit, ...] = Field(
        (), description="Units; those missing here are taken from the data, without headcount."
    )
    executives: Count | None = Field(
        None, description="Members of the management, where the people list does not say."
    )


class LogColumns(Part):
    """Columns of a log of interactions, where they are not called like the fields."""

    source: Text = Field("source", description="Column that says who acted.")
    target: Text = Field("target", description="Column that says towards whom.")
    at: Text = Field("at", description="Column that says when: a time, or seconds since 1970.")
    kind: Text = Field("kind", description="Column with reply, mention, reaction or message; may be absent.")


class Source(Part):
    """One file, folder, zip, query or data set as the client delivered it."""

    path: Text | None = Field(
        None, description="Path inside the client's folder; `*` and `?` match several files."
    )
    url: Text | None = Field(None, description="An fsspec URL such as `s3://bucket/key` in place of a path.")
    query: Text | None = Field(None, description="An SQL query; needs `database`.")
    database: Text | None = Field(
        None, description="Name of the environment variable that holds the SQLAlchemy URL."
    )
    format: Text | None = Field(None, description="Name of the format where it cannot be told from the file.")
    wave: Name | None = Field(None, description="Survey wave that the file holds.")
    wave_column: Text | None = Field(
        None, description="Column that names the wave, when one file holds several."
    )
    channel: Text | None = Field(None, description="External channel, where the file does not say.")
    platform: Text | None = Field(None, description="Internal platform, where the file does not say.")
    mapping: dict[str, Any] | None = Field(
        None, description="Column → canonical field, for tables of no known format."
    )
    log: LogColumns | None = Field(
        None,
        description="A log of interactions too large to be read whole (CSV or Parquet, a folder or pattern of them): "
        "its columns, `{}` where they are called like the fields. It is counted in bounded memory.",
    )
    encoding: Text | None = Field(None, description="Encoding, where it cannot be told from the bytes.")
    separator: Text | None = Field(None, description="Separator of a text table, where it is ambiguous.")
    date_format: Text | None = Field(
        None, description="Order of the dates such as `%d/%m/%Y`, where it is ambiguous."
    )
    timezone: Zone | None = Field(None, description="Zone of times without one; by default the client's.")
    sheet: Name | None = Field(None, description="Sheet of a workbook, where several hold data.")
    missing_codes: tuple[float, ...] = Field((), description="Numbers that mean 'no answer'.")

    @model_validator(mode="after")
    def _one_place(self) -> "Source":
        if sum(value is not None for value in (self.path, self.url, self.query)) != 1:
            raise ValueError("a source needs exactly one of path, url and query")
        if (self.query is None) != (self.database is None):
            raise ValueError("query and database go together")
        if self.log is not None and self.path is None:
            raise ValueError("a log needs a path")
        return self


class Wave(Part):
    """A round of asking, as far as the files do not say it."""

    wave: Name = Field(description="Name, the same as in the sources.")
    opened_on: Date | None = Field(None, description="First day; by default the first answer.")
    closed_on: Date | None = Field(None, description="Last day; by default the last answer.")
    invited: Count | None = Field(None, description="People asked; by default the headcount.")
    anonymous: bool = Field(False, description="People cannot be followed from this wave to another.")
    not_comparable: tuple[Name, ...] = Field(
        (), description="Items whose wording or scale changed so that no change may be told."
    )


class Item(Part):
    """What a question measures."""

    module: Text = Field(
        description="Factor key, or module such as `stage`, `skill:writing`, `barrier:time`, `importance:listening`."
    )
    scale: Scale | None = Field(
        None, description="Lowest and highest answer; 1 to 5 for factors, 0 to 10 for recommendation."
    )
    composite: bool = Field(
        False,
        description="The column holds means of several answers, so values between the points are right.",
    )
    reverse: bool = Field(False, description="Agreeing means less of the factor.")
    wording: Text | None = Field(None, description="Question as asked, where the file does not say.")
    columns: tuple[Name, ...] = Field(
        (), description="Headers under which it stands in the files; by default its own name."
    )
    labels: dict[str, float] | None = Field(
        None, description="Answer text → number, where the words are not known."
    )

    @field_validator("module")
    @classmethod
    def _known(cls, module: str) -> str:
        head, _, facet = module.partition(":")
        if head not in MODULES:
            raise ValueError(f"unknown module '{head}'; known: {', '.join(MODULES)}")
        facets = {"barrier": BARRIERS, "importance": FACTOR_KEYS}.get(head)
        if facets and facet not in facets:
            raise ValueError(f"'{head}:' needs one of {', '.join(facets)}")
        return module


class Adoption(Part):
    """What counts as adopting: one rule, applied in one place."""

    source: Literal["activity", "survey"] = Field(
        "activity", description="Whether adopting is seen on the internal platform or in the survey."
    )
    platform: Text | None = Field(None, description="Only this platform; by default all of them.")
    actions: tuple[Literal["posts", "replies", "reactions", "reads"], ...] = Field(
        ("posts", "replies", "reactions"), description="What counts as an action."
    )
    at_least: Count = Field(
        1, description="Actions needed in a week (activity), or the lowest answer that counts (survey)."
    )
    weeks: Count = Field(1, description="Weeks with that many actions before somebody counts as an adopter.")
    item: Name | None = Field(None, description="Item, when the source is the survey.")
    lapse_weeks: Count = Field(
        12, ge=1, description="Weeks of silence after which an adopter counts as lapsed."
    )


class Skills(Part):
    """How skill is scored."""

    scale: Scale = Field((1, 5), description="Lowest and highest score.")
    proficient: float = Field(4, description="Score from which somebody counts as proficient.")
    by: Date | None = Field(None, description="Date by which the organisation wants people to be proficient.")


class Channel(Part):
    """A public channel and what it is for."""

    name: Text | None = Field(None, description="Name to show.")
    purpose: Text | None = Field(None, description="What it is meant to achieve.")
    target_group: Text | None = Field(None, description="Whom it is for.")
    owner: Text | None = Field(None, description="Function that takes care of it.")
    followers: Count | None = Field(None, description="Followers today, where no export says.")


class Intervention(Part):
    """Something the organisation did, with a date and a scope."""

    kind: Literal[INTERVENTION_KINDS] = Field(description="Kind of intervention.")  # type: ignore[valid-type]
    name: Name = Field(description="Name to show.")
    starts_on: Date = Field(description="First day.")
    ends_on: Date | None = Field(None, description="Last day; empty when it lasts.")
    scope: Name | None = Field(None, description="Unit; empty for the whole organisation.")
    owner: Text | None = Field(None, description="Function that answers for it, never a person's name.")


class Incident(Part):
    """Something posted that broke the rules, or that the organisation had to put right."""

    date: Date = Field(description="Day on which it was posted.")
    scope: Literal["internal", "public"] = Field(
        "internal", description="Whether it was on the internal platform or on a public channel."
    )


def contrast_on_white(colour: str) -> float:
    """Give the contrast of a colour on white, 1 to 21 (WCAG 2.2, relative luminance).

    Examples
    --------
    >>> contrast_on_white("#000000"), round(contrast_on_white("#777777"), 2)
    (21.0, 4.48)
    """
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    luminance = sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (luminance + 0.05)


def readable_on_white(colour: str, least: float) -> str:
    """Give the lightest shade of a colour that reaches a contrast on white.

    Examples
    --------
    >>> readable_on_white("#ffd400", 4.5), contrast_on_white("#8c7400") >= 4.5
    ('#8c7400', True)
    """
    channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    shades = (
        "#" + "".join(f"{channel * step // 255:02x}" for channel in channels) for step in range(255, -1, -1)
    )
    return next(shade for shade in shades if contrast_on_white(shade) >= least)


class Brand(Part):
    """The client's own look."""

    primary: Colour = Field("#1f4e5f", description="Main colour; must reach a contrast of 4.5 on white.")
    accent: Colour = Field("#d1495b", description="Accent colour; must reach a contrast of 3 on white.")
    font: Text = Field(
        "",
        pattern=r"^[\w\s,\"'-]{0,200}$",
        description="Font families installed on the readers' machines, separated by commas.",
    )
    logo: Text | None = Field(
        None, description="PNG, JPEG or SVG file of at most 200 kB inside the client's folder."
    )
    greeting: Text = Field("", max_length=600, description="Words of greeting on the first page.")
    template: Text | None = Field(None, description="The client's PPTX template inside the client's folder.")

    @model_validator(mode="after")
    def _readable(self) -> "Brand":
        for name, least in (("primary", 4.5), ("accent", 3.0)):
            reached = contrast_on_white(getattr(self, name))
            if reached < least:
                raise ValueError(
                    f"'{name}' reaches a contrast of {reached:.1f} on white where {least:g} is needed to be read; "
                    f"take {readable_on_white(getattr(self, name), least)} or darker"
                )
        return self


class Privacy(Part):
    """Thresholds: the floors are constants of the house and can only be raised."""

    profile: Literal["standard", "strict"] = Field(
        "standard", description="`standard` shows groups from 5 people, `strict` from 10."
    )
    min_respondents: Annotated[int, BeforeValidator(_not_flag), Field(ge=5)] = Field(
        5, description="Smallest group shown; at least 5."
    )
    comments: Literal["off", "themes", "verbatims"] = Field(
        "themes", description="What is shown of comments; verbatims need 10 people and 5 comments."
    )


class Publish(Part):
    """What is published, and as what."""

    outputs: tuple[Literal["html", "pptx", "xlsx", "pdf"], ...] = Field(
        ("html",), description="Files to make."
    )
    sections: tuple[Literal[SECTIONS], ...] = Field(  # type: ignore[valid-type]
        (), description="Sections to show beside the answers and the data; empty for all."
    )
    breakdowns: tuple[Literal["unit", "role"], ...] = Field(
        ("unit",), description="Breakdowns offered to the privacy gate."
    )
    title: Text | None = Field(None, max_length=80, description="Title of the report; by default ours.")


class ClientParams(Part):
    """Everything that differs from client to client."""

    client: Text = Field(description="Client id for file names: small letters, digits and hyphens.")
    name: Text = Field(min_length=1, max_length=200, description="The organisation's name.")
    language: Text = Field(
        "en", pattern="^[a-z]{2}$", description="Language of the report: `en` or `fi`, others by catalogue."
    )
    timezone: Zone = Field("Europe/Helsinki", description="The client's time zone.")
    folder: Text | None = Field(
        None, description="Folder of the inputs, from the project's top; by default `data/raw/CLIENT`."
    )
    as_of: Date | None = Field(
        None, description="Day up to which data count; by default the last day in the data."
    )
    seed: Count = Field(20260101, description="Seed of everything random.")
    organisation: Organisation = Field(Organisation(), description="Units, headcounts and roll-out.")
    sources: tuple[Source, ...] = Field(min_length=1, description="The files.")
    waves: tuple[Wave, ...] = Field((), description="Survey waves.")
    items: dict[str, Item] = Field(
        {}, description="Item → what it measures; items of the ready-made questionnaire need no entry."
    )
    adoption: Adoption = Field(Adoption(), description="What counts as adopting.")
    skills: Skills = Field(Skills(), description="How skill is scored.")
    objectives: tuple[Text, ...] = Field((), description="What the organisation wants, in its own words.")
    target_groups: tuple[Text, ...] = Field((), description="Whom it wants to reach.")
    channels: dict[str, Channel] = Field({}, description="Public channels.")
    interventions: tuple[Intervention, ...] = Field((), description="What the organisation did.")
    incidents: tuple[Incident, ...] | None = Field(
        None,
        description="Posts that broke the rules; `[]` where there were none, left out where nobody keeps count.",
    )
    brand: Brand = Field(Brand(), description="The client's look.")
    privacy: Privacy = Field(Privacy(), description="Thresholds.")
    publish: Publish = Field(Publish(), description="What is published.")

    @field_validator("client")
    @classmethod
    def _safe(cls, client: str) -> str:
        if not CLIENT_ID.match(client) or client in RESERVED or _DATE.match(client):
            raise ValueError(
                "must be 1 to 63 small letters, digits and hyphens, no date and no reserved name"
            )
        return client

    @model_validator(mode="after")
    def _agree(self) -> "ClientParams":
        names = [unit.name for unit in self.organisation.units]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"organisation.units: '{twice[0]}' stands twice")
        for intervention in self.interventions:
            if intervention.scope and names and intervention.scope not in names:
                raise ValueError(
                    f"interventions: the scope '{intervention.scope}' is no unit of the organisation"
                )
            if intervention.ends_on and intervention.ends_on < intervention.starts_on:
                raise ValueError(f"interventions: '{intervention.name}' ends before it starts")
        return self
