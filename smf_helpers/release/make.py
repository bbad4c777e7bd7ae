"""From a client's private workbook to the one public file.

Everything that will be published passes the gate at once; claims, actions and the what-if are made from
the released tables only, so no sentence can hold a number that the gate has not passed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

from smf_helpers.errors import Fault, InputError, PrivacyError
from smf_helpers.privacy import Profile, pass_gate, profile
from smf_helpers.privacy.ledger import Ledger, ledger_entry
from smf_helpers.privacy.rules import EXACT_FROM
from smf_helpers.release.file import open_release, save_release
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.claims import Action, Answer, Finding
from smf_helpers.results.privacy import ReleasedGroup
from smf_helpers.results.publication import Population, Proposal, Table
from smf_helpers.results.released import Brand, Release
from smf_helpers.results.what_if import WhatIf

LEDGER_HEAD: Final = "ledger"
"""Key of the audit under which a release names the line of the ledger that it wrote."""

HEAD_LENGTH: Final = 16

OWN_MARKS: Final = "marks.json"
"""Beside the release, in the private folder: digests of what must not turn up in the finished files."""


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

    def brand(self) -> Brand:
        """Give the client's look, its files read."""


def make_release(
    workbook: Releasable,
    *,
    path: str | Path | None = None,
    ledger: str | Path | None = None,
    reissue: bool = False,
) -> Release:
    """Send everything a workbook proposes through the gate and make the release.

    Parameters
    ----------
    workbook : a client's workbook, or anything with its methods.
    path : where to save the release; None only returns it.
    ledger : the client's private ledger; by default ``private/CLIENT/ledger.jsonl`` under the workbook's
        root when the release is saved, none when it is not.
    reissue : allow a wave that was released before to have other data, where nobody is found out.

    Raises
    ------
    PrivacyError
        When the release would expose somebody, or the ledger is not in order: missing or broken, thresholds
        lowered, a released wave changed.
    """
    params = workbook.params
    chosen = _profile(params)
    proposals = _in_order(workbook.proposals())
    populations = workbook.populations()
    book = _open_ledger(workbook, path, ledger)
    known: list[ReleasedGroup] = []
    if book is not None:
        book.check(chosen, getattr(workbook, "key_id", ""))
        late = "reissue" if reissue else str(getattr(workbook, "late", ""))
        known = book.public(populations, chosen.minimum, late=late)
    gated = pass_gate(proposals, populations, chosen, released=known)
    findings, answers, actions = workbook.conclude(gated.tables)
    method = {str(key): str(value) for key, value in workbook.method().items()}
    release = Release(
        client=params.client,
        name=params.name,
        language=params.language,
        as_of=str(getattr(params, "as_of", "") or method.get("as_of", "")),
        brand=workbook.brand(),
        tables=gated.tables,
        labels=dict(workbook.labels()),
        findings=tuple(findings),
        answers=tuple(answers),
        actions=tuple(actions),
        what_if=_rounded(workbook.what_if(gated.tables)),
        profile=chosen.name,
        minimum=chosen.minimum,
        method=method,
        sections=tuple(getattr(getattr(params, "publish", None), "sections", ())),
        audit=gated.audit,
    )
    if book is not None:
        # First the ledger, then the file: a delivery without its line must not exist.
        entry = ledger_entry(chosen, getattr(workbook, "key_id", ""), populations, gated.groups)
        release = replace(release, audit={**release.audit, LEDGER_HEAD: book.append(entry)[:HEAD_LENGTH]})
        if (freeze := getattr(workbook, "freeze", None)) is not None:
            freeze(book.path.parent, entry.snapshots)
    if path is not None:
        marks = list(getattr(workbook, "marks", ()))
        save_release(release, path)
        if marks:
            (Path(path).parent / OWN_MARKS).write_text(json.dumps(marks), encoding="utf-8")
    return release


def _open_ledger(workbook: Releasable, path: str | Path | None, ledger: str | Path | None) -> Ledger | None:
    """Open the client's ledger and hold it against the delivery that lies at `path`, where there is one."""
    root = getattr(workbook, "root", None)
    if ledger is None and path is not None and root:
        ledger = Path(root) / "private" / str(workbook.params.client) / "ledger.jsonl"
    if ledger is None:
        return None
    earlier = Path(path) if path is not None and Path(path).exists() else None
    book = Ledger(ledger, delivered=earlier is not None)
    if earlier is not None:
        book.check_delivered(_head(earlier))
    return book


def _head(earlier: Path) -> str:
    try:
        return str(open_release(earlier).audit.get(LEDGER_HEAD, ""))
    except InputError:
        return ""


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
