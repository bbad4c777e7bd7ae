"""From a client's private workbook to the one public file.

Everything that will be published passes the gate at once; claims, actions and the what-if are made from
the released tables only, so no sentence can hold a number that the gate has not passed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from smf_helpers.errors import Fault, PrivacyError
from smf_helpers.privacy import Profile, pass_gate, profile
from smf_helpers.privacy.rules import EXACT_FROM
from smf_helpers.release.file import save_release
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.claims import Action, Answer, Finding
from smf_helpers.results.publication import Population, Proposal, Table
from smf_helpers.results.released import Brand, Release
from smf_helpers.results.what_if import WhatIf


class Releasable(Protocol):
    """What `make_release` needs of a workbook; the public wing knows no more of it."""

    @property
    def params(self) -> Any:
        """The client's params: client, name, language, brand, privacy."""

    def populations(self) -> Mapping[str, Population]:
        """Give the people of each wave and platform."""

    def proposals(self) -> Sequence[Proposal]:
        """Give every table to be published, with the people behind each row."""

    def conclude(
        self, tables: Mapping[str, Table]
    ) -> tuple[Sequence[Finding], Sequence[Answer], Sequence[Action]]:
        """Make the claims from released tables."""

    def what_if(self, tables: Mapping[str, Table]) -> WhatIf | None:
        """Calibrate the what-if from released tables, or say there is none."""

    def labels(self) -> Mapping[str, str]:
        """Give the client's names for its keys."""

    def method(self) -> Mapping[str, str]:
        """Say what ran."""


def make_release(workbook: Releasable, *, path: str | Path | None = None) -> Release:
    """Send everything a workbook proposes through the gate and make the release.

    Parameters
    ----------
    workbook : a client's workbook, or anything with its methods.
    path : where to save the release; None only returns it.

    Raises
    ------
    PrivacyError
        When the release would expose somebody or a proposal does not say whom it is about.
    """
    params = workbook.params
    chosen = _profile(params)
    proposals = _in_order(workbook.proposals())
    gated = pass_gate(proposals, workbook.populations(), chosen)
    findings, answers, actions = workbook.conclude(gated.tables)
    method = {str(key): str(value) for key, value in workbook.method().items()}
    release = Release(
        client=params.client,
        name=params.name,
        language=params.language,
        as_of=str(getattr(params, "as_of", "") or method.get("as_of", "")),
        brand=_brand(getattr(params, "brand", None)),
        tables=gated.tables,
        labels=dict(workbook.labels()),
        findings=tuple(findings),
        answers=tuple(answers),
        actions=tuple(actions),
        what_if=_rounded(workbook.what_if(gated.tables)),
        profile=chosen.name,
        minimum=chosen.minimum,
        method=method,
        audit=gated.audit,
    )
    if path is not None:
        save_release(release, path)
    return release


def _profile(params: Any) -> Profile:
    """Give the client's thresholds: those of the profile, raised where the params ask for more."""
    wanted = getattr(params, "privacy", None)
    name = getattr(wanted, "profile", "standard")
    asked = getattr(wanted, "min_respondents", None)
    return profile(name, None if asked is None else max(asked, profile(name).minimum))


def _in_order(proposals: Sequence[Proposal]) -> list[Proposal]:
    unknown = sorted({p.table.spec.name for p in proposals} - set(CATALOGUE))
    if unknown:
        raise PrivacyError(
            Fault(
                code="P014", where=unknown[0], what="A table that the catalogue does not have was proposed."
            )
        )
    place = {name: position for position, name in enumerate(CATALOGUE)}
    return sorted(proposals, key=lambda proposal: place[proposal.table.spec.name])


def _brand(brand: Any) -> Brand:
    if isinstance(brand, Brand) or brand is None:
        return brand or Brand()
    known = {name: getattr(brand, name, None) for name in ("primary", "accent", "font", "logo", "greeting")}
    return Brand(**{name: str(value) for name, value in known.items() if value})


def _rounded(model: WhatIf | None) -> WhatIf | None:
    """Keep of the what-if's numbers what a slider needs: shares as percents, rates to three digits."""
    if model is None:
        return None
    active, lapsed = (_share(value) for value in model.start[1:])
    return replace(
        model,
        start=(_share(1.0 - active - lapsed), active, lapsed),
        centre=tuple(_digits(value) for value in model.centre),
        draws=tuple(tuple(_digits(value) for value in draw) for draw in model.draws),
        observed=tuple((_share(now), _share(ever)) for now, ever in model.observed),
        levers=tuple(
            replace(
                lever,
                now=_digits(lever.now),
                low=_digits(lever.low),
                high=_digits(lever.high),
                step=_digits(lever.step),
                effect=_digits(lever.effect),
            )
            for lever in model.levers
        ),
        eligible=model.eligible if model.eligible is not None and model.eligible >= EXACT_FROM else None,
    )


def _digits(value: float) -> float:
    return float(f"{value:.3g}")


def _share(value: float) -> float:
    return round(float(value), 2)
