"""The gate: everything that will be published, at once, in; what may be shown, rounded, out.

`pass_gate` decides for each population which groups are shown (`choose`), for each measure which of
their figures (`shield`), tells the rest of each partition as one pooled group (`pool`), and writes the
tables as they leave the house (`publish`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from smf_helpers.privacy.choose import choose
from smf_helpers.privacy.groups import Cover, Group, cover, gather
from smf_helpers.privacy.publish import Row, publish, told_rows
from smf_helpers.privacy.readings import read_table
from smf_helpers.privacy.rules import Profile
from smf_helpers.privacy.shield import shield
from smf_helpers.privacy.span import is_safe
from smf_helpers.results.privacy import Gated, PublishedCell, ReleasedGroup
from smf_helpers.results.publication import GroupRef, Population, Proposal, Table


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
    trial = publish(proposals, rows, allowed, profile)
    told = [row for row in rows if all(ref in allowed for ref in row.refs)]
    refused = _refuse(trial, told, groups, views, profile)
    tables = publish(proposals, rows, allowed, profile, refused=refused)
    kept = [row for row in told if (row.table, row.position) not in refused]
    visible = {key: {groups[r] for row in kept for r in row.refs if r.population == key} for key in shown}
    public = tuple(
        _released(populations[key], group)
        for key in sorted(visible)
        for group in sorted(visible[key], key=lambda group: (group.level, group.dims, group.people))
    )
    cells = tuple(cell for name in tables for _, cell in _cells(tables[name], name, kept, groups))
    return Gated(tables=tables, groups=public, audit=_audit(views, visible, profile), cells=cells)


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


def _refuse(
    trial: Mapping[str, Table],
    rows: Sequence[Row],
    groups: Mapping[GroupRef, Group],
    views: Mapping[str, Cover],
    profile: Profile,
) -> frozenset[tuple[str, int]]:
    """Find the rows that enclose a few people too closely; one pattern for all measures of a set."""
    blocks: dict[tuple[str, str, str], dict[Group, tuple[PublishedCell, int]]] = defaultdict(dict)
    for name, table in trial.items():
        by_place = {row.position: row for row in rows if row.table == name}
        for position, cell in _cells(table, name, rows, groups):
            row = by_place[position]
            group = groups[row.refs[0]]
            key = (row.measure, cell.wave, cell.measure)
            blocks[key][group] = (cell, row.count)
    hidden: dict[tuple[str, str], set[Group]] = defaultdict(set)
    for (measure, population, _), block in sorted(blocks.items(), key=lambda item: item[0]):
        hidden[measure, population] |= shield(views[population], block, profile.minimum)
    return frozenset(
        (row.table, row.position)
        for row in rows
        if any(groups[ref] in hidden.get((row.measure, ref.population), ()) for ref in row.refs)
    )


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
    views, shown = {}, {}
    for key in sorted(wanted):
        views[key] = cover(wanted[key], len(populations[key].people))
        silent = [row for row, group in enumerate(views[key].groups) if group not in told]
        chosen = choose(views[key], profile.minimum, banned=silent)
        shown[key] = {views[key].groups[row] for row in chosen}
    return views, shown


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
