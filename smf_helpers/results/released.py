"""What a release holds: the only thing that a report or a workshop ever sees of a client."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from smf_helpers.results.catalogue import section_of
from smf_helpers.results.claims import Action, Answer, Finding
from smf_helpers.results.publication import Table
from smf_helpers.results.what_if import WhatIf


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """The client's own look, checked for contrast before it gets here.

    Attributes
    ----------
    primary, accent : colours as ``#rrggbb``.
    font : CSS font stack without outside addresses.
    logo : data URI of a PNG, JPEG or SVG picture, or empty.
    greeting : words of greeting on the first page, or empty.
    title : title of the report, or empty for ours.
    template : data URI of the client's own PPTX template, or empty.
    """

    primary: str = "#1f4e5f"
    accent: str = "#d1495b"
    font: str = ""
    logo: str = ""
    greeting: str = ""
    title: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One client, public: what passed the gate.

    Attributes
    ----------
    client : validated client id, used for file names.
    name : the organisation's name, as text.
    language : language code of the report.
    as_of : ISO date up to which the data go.
    brand : the client's look.
    tables : published tables by name; every table of the catalogue that was proposed.
    labels : key → label, for keys that the client named: units, waves, items, interventions, channels.
    findings, answers, actions : claims, made from the tables of this release only.
    what_if : the calibrated what-if model, or None.
    profile : privacy profile, ``standard`` or ``strict``.
    minimum : smallest group shown.
    method : what ran: params digest, versions, seeds, input digests; text values only, no paths.
    sections : keys of the sections to show; empty for all.
    audit : result of the audit as text values: groups proposed, shown, hidden, attacks tried, found.
    """

    client: str
    name: str
    language: str
    as_of: str
    brand: Brand
    tables: Mapping[str, Table]
    labels: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    answers: tuple[Answer, ...] = ()
    actions: tuple[Action, ...] = ()
    what_if: WhatIf | None = None
    profile: str = "standard"
    minimum: int = 5
    method: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[str, ...] = ()
    audit: Mapping[str, str] = field(default_factory=dict)

    def about(self, section: str) -> list[Finding]:
        """Give the findings that rest on the tables of a section."""
        return [
            finding
            for finding in self.findings
            if finding.evidence and section_of(finding.evidence[0].table) == section
        ]
