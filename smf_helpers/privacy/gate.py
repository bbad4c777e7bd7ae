"""The gate: everything that will be published, at once, in; what may be shown, rounded, out.

`pass_gate` decides for each population which groups are shown (`choose`), for each measure which of
their figures (`shield`), tells the rest of each partition as one pooled group (`pool`), and writes the
tables as they leave the house (`publish`).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from smf_helpers.privacy.attacker import attack, find_newcomers
from smf_helpers.privacy.choose import choose, worth
from smf_helpers.privacy.groups import SUBSET, Cover, Floats, Group, cover, gather, small_targets
from smf_helpers.privacy.knowledge import Headcounts
from smf_helpers.privacy.publish import Row, publish, told_rows
from smf_helpers.privacy.readings import read_table
from smf_helpers.privacy.rules import Profile
from smf_helpers.privacy.shield import shield
from smf_helpers.privacy.span import is_safe
from smf_helpers.results.privacy import Attack, Breach, Gated, PublishedCell, ReleasedGroup
from smf_helpers.results.publication import Dims, GroupRef, Population, Proposal, Table


def pass_gate(
    proposals: Sequence[Proposal],
    populations: Mapping[str, Population],
    profile: Profile,
    *,
    released: Sequence[ReleasedGroup] = (),
) -> Gated:
    """Decide what may be shown and give the tables as they may leave the house.

    Parameters
    ----------
    proposals : every table, with the people behind each row; all of them at once.
    populations : the people of each wave or platform.
    profile : thresholds.
    released : groups that earlier releases made public (the ledger); they count as known.

    Raises
    ------
    PrivacyError
        When a proposal names people that are not there.
    """
    proposals = _one_a_table(proposals)
    groups = gather(populations, (ref for proposal in proposals for refs in proposal.groups for ref in refs))
    rows = told_rows(proposals, groups, profile)
    views, shown = _choose_groups(rows, groups, populations, profile, released)
    allowed = {ref for ref, group in groups.items() if group in shown[ref.population]}
    told = [row for row in rows if all(ref in allowed for ref in row.refs)]
    trial = publish(proposals, rows, allowed, profile)
    public = {group.dims for group in released}
    hidden = _hide(trial, told, groups, views, profile, public)
    seats = {key: _seats(populations[key], groups, key) for key in views}
    while True:
        refused = _refused(told, groups, hidden)
        tables = publish(proposals, rows, allowed, profile, refused=refused) if refused else trial
        kept = [row for row in told if (row.table, row.position) not in refused]
        cells = [cell for name in tables for _, cell in _cells(tables[name], name, kept, groups)]
        found = attack_both(cells, seats, groups, profile.minimum)
        if not found.findings:
            break
        _hide_more(found.findings[0], kept, groups, views, hidden)
    visible = {key: {groups[r] for row in kept for r in row.refs if r.population == key} for key in shown}
    shown_groups = tuple(
        _released(populations[key], group)
        for key in sorted(visible)
        for group in sorted(visible[key], key=lambda group: (group.level, group.dims, group.people))
    )
    audit = {**_audit(views, visible, profile), **_attack_audit(found)}
    return Gated(tables=tables, groups=shown_groups, audit=audit, cells=tuple(cells))


def attack_both(
    cells: Sequence[PublishedCell],
    seats: Mapping[str, Headcounts],
    groups: Mapping[GroupRef, Group],
    minimum: int,
) -> Attack:
    """Attack what would be published, once knowing who sits where and once not."""
    findings: list[Breach] = []
    tried: Counter[str] = Counter()
    for key, counts in sorted(seats.items()):
        mine = [cell for cell in cells if cell.wave == key]
        named = [group.dims for ref, group in groups.items() if ref.population == key]
        plain = [cell for cell in mine if not _is_subset(cell.dims)]
        for known, read in ((counts, mine), (None, plain)):
            names = named if known is not None else [dims for dims in named if not _is_subset(dims)]
            result = attack(read, headcounts=known, minimum=minimum, groups=names)
            findings.extend(result.findings)
            tried.update(result.tried)
    return Attack(
        findings=tuple(findings), tried=dict(tried), advisories=tuple(find_newcomers(cells, minimum))
    )


def _is_subset(dims: Dims) -> bool:
    return any(name.startswith(SUBSET) for name, _ in dims)


def _seats(population: Population, groups: Mapping[GroupRef, Group], key: str) -> Headcounts:
    """Count who sits where: people by every combination of what the proposals break down by."""
    mine = {group for ref, group in groups.items() if ref.population == key}
    plain = sorted({name for group in mine for name, _ in group.dims if not name.startswith(SUBSET)})
    columns: dict[str, Any] = {name: population.dimensions[name] for name in plain}
    for group in sorted(mine, key=lambda group: group.dims):
        for name, value in group.dims:
            if name.startswith(SUBSET):
                # The widest group that carries the name holds everybody who is in it.
                inside = columns.setdefault(name, np.full(len(population.people), "no", dtype="<U3"))
                inside[group.positions] = value
    rows = zip(*columns.values(), strict=True) if columns else [()] * len(population.people)
    names = list(columns)
    return Counter(
        tuple(sorted((name, str(value)) for name, value in zip(names, row, strict=True))) for row in rows
    )


def _refused(
    rows: Sequence[Row],
    groups: Mapping[GroupRef, Group],
    hidden: Mapping[tuple[str, str], set[Group]],
) -> frozenset[tuple[str, int]]:
    return frozenset(
        (row.table, row.position)
        for row in rows
        if any(groups[ref] in hidden.get((row.measure, ref.population), ()) for ref in row.refs)
    )


def _hide_more(
    breach: Breach,
    rows: Sequence[Row],
    groups: Mapping[GroupRef, Group],
    views: Mapping[str, Cover],
    hidden: dict[tuple[str, str], set[Group]],
) -> None:
    """Hide the least useful group of the measure in which the attacker found something."""
    table = breach.measure.split("|")[0]
    able = {
        (groups[ref], row.measure)
        for row in rows
        for ref in row.refs
        if table in (row.table, row.measure) and ref.population == breach.wave
    }
    place = {group: row for row, group in enumerate(views[breach.wave].groups)}
    group, measure = min(
        able, key=lambda pair: (worth(views[breach.wave], place[pair[0]]), pair[0].dims, pair[1])
    )
    hidden.setdefault((measure, breach.wave), set()).add(group)


def _attack_audit(found: Attack) -> dict[str, str]:
    tried = ", ".join(f"{name} {n}" for name, n in sorted(found.tried.items()) if n)
    return {
        "attacks tried": tried or "none needed",
        "attacks that found something": str(len(found.findings)),
        "guesses about newcomers between waves": str(len(found.advisories)),
    }


def _one_a_table(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Join proposals of the same table, so that a row is known by its table and position."""
    joined: dict[str, Proposal] = {}
    for proposal in proposals:
        name = proposal.table.spec.name
        first = joined.get(name)
        joined[name] = (
            proposal
            if first is None
            else replace(
                first,
                table=replace(first.table, rows=(*first.table.rows, *proposal.table.rows)),
                groups=(*first.groups, *proposal.groups),
                counts=(*first.counts, *proposal.counts),
            )
        )
    return list(joined.values())


def _cells(
    table: Table, name: str, rows: Sequence[Row], groups: Mapping[GroupRef, Group]
) -> list[tuple[int, PublishedCell]]:
    single = {row.position: row for row in rows if row.table == name and len(row.refs) == 1}
    return read_table(table, single, {place: groups[row.refs[0]].dims for place, row in single.items()})


def _hide(
    trial: Mapping[str, Table],
    rows: Sequence[Row],
    groups: Mapping[GroupRef, Group],
    views: Mapping[str, Cover],
    profile: Profile,
    public: set[Dims],
) -> dict[tuple[str, str], set[Group]]:
    """Find the groups whose figures enclose a few people too closely; one pattern for a set of measures."""
    blocks: dict[tuple[str, str, str], dict[Group, tuple[PublishedCell, int]]] = defaultdict(dict)
    for name, table in trial.items():
        by_place = {row.position: row for row in rows if row.table == name}
        for position, cell in _cells(table, name, rows, groups):
            row = by_place[position]
            group = groups[row.refs[0]]
            key = (row.measure, cell.wave, cell.measure)
            blocks[key][group] = (cell, row.count)
    hidden: dict[tuple[str, str], set[Group]] = defaultdict(set)
    aims: dict[str, list[tuple[str, Floats]]] = {}
    for (measure, population, _), block in sorted(blocks.items(), key=lambda item: item[0]):
        fixed = frozenset(group for group in block if group.dims in public)
        if population not in aims:
            aims[population] = small_targets(views[population], profile.minimum)
        hidden[measure, population] |= shield(
            views[population], block, profile.minimum, targets=aims[population], fixed=fixed
        )
    return hidden


def _choose_groups(
    rows: Sequence[Row],
    groups: Mapping[GroupRef, Group],
    populations: Mapping[str, Population],
    profile: Profile,
    released: Sequence[ReleasedGroup],
) -> tuple[dict[str, Cover], dict[str, set[Group]]]:
    wanted: dict[str, set[Group]] = defaultdict(set)
    for ref, group in groups.items():
        wanted[ref.population].add(group)
    told = {groups[ref] for row in rows for ref in row.refs}
    public, size = _public_groups(released, populations)
    views, shown = {}, {}
    for key in sorted(wanted):
        views[key] = cover(wanted[key] | public.get(key, set()), size.get(key, len(populations[key].people)))
        silent = [row for row, group in enumerate(views[key].groups) if group not in told]
        known = [row for row, group in enumerate(views[key].groups) if group in public.get(key, ())]
        chosen = choose(views[key], profile.minimum, fixed=known, banned=silent)
        shown[key] = {views[key].groups[row] for row in chosen}
    return views, shown


def _public_groups(
    released: Sequence[ReleasedGroup], populations: Mapping[str, Population]
) -> tuple[dict[str, set[Group]], dict[str, int]]:
    """Give released groups over the people of today and those who have left since, and how many these are."""
    found: dict[str, set[Group]] = defaultdict(set)
    places: dict[str, dict[str, int]] = {}
    for group in released:
        place = places.setdefault(
            group.population,
            {str(person): at for at, person in enumerate(populations[group.population].people)},
        )
        positions = sorted(place.setdefault(person, len(place)) for person in group.members)
        people = np.array(positions, dtype=np.int64).tobytes()
        found[group.population].add(Group(dims=group.dims, people=people, level=len(group.dims)))
    return found, {key: len(place) for key, place in places.items()}


def _released(population: Population, group: Group) -> ReleasedGroup:
    members = sorted(str(person) for person in population.people[group.positions])
    return ReleasedGroup(population=population.key, dims=group.dims, members=tuple(members))


def _audit(views: Mapping[str, Cover], shown: Mapping[str, set[Group]], profile: Profile) -> dict[str, str]:
    proposed = sum(len(view.groups) for view in views.values())
    able = sum(int((view.n >= profile.minimum).sum()) for view in views.values())
    kept = sum(len(groups) for groups in shown.values())
    proven = all(
        is_safe(
            view.matrix[[row for row, group in enumerate(view.groups) if group in shown[key]]],
            view.sizes,
            profile.minimum,
        )
        for key, view in views.items()
    )
    return {
        "groups proposed": str(proposed),
        "groups large enough": str(able),
        "groups shown": str(kept),
        "groups hidden": str(proposed - kept),
        "no combination tells about fewer than the minimum": "proven" if proven else "not proven",
    }
