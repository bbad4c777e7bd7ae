"""The gate: everything that will be published, at once, in; what may be shown, rounded, out.

`pass_gate` decides for each population which groups are shown (`choose`), for each measure which of
their figures (`shield`), beside all that was told before (`earlier`), and writes the tables as they leave the
house (`publish`). Then it is attacked, and hides more until nothing is found.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from smf_helpers.privacy.choose import choose, worth
from smf_helpers.privacy.earlier import Earlier, recall, together
from smf_helpers.privacy.groups import Cover, Group, cover, gather, small_targets
from smf_helpers.privacy.publish import Row, publish, told_rows
from smf_helpers.privacy.readings import read_table
from smf_helpers.privacy.rehearsal import attack_all, seats_of, told_already, what
from smf_helpers.privacy.rules import Profile
from smf_helpers.privacy.shield import enclosing, shield
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
    released : what earlier releases made public (the ledger), groups and figures; all of it counts as known.

    Raises
    ------
    PrivacyError
        When a proposal names people that are not there.
    """
    proposals = _one_a_table(proposals)
    groups = gather(populations, (ref for proposal in proposals for refs in proposal.groups for ref in refs))
    rows = told_rows(proposals, groups, profile)
    earlier = {
        key: recall(populations[key], [group for group in released if group.population == key])
        for key in sorted({ref.population for ref in groups})
    }
    views, shown = _choose_groups(rows, groups, earlier, profile)
    allowed = {ref for ref, group in groups.items() if group in shown[ref.population]}
    told = [row for row in rows if all(ref in allowed for ref in row.refs)]
    trial = publish(proposals, rows, allowed, profile)
    read = list(_cells(trial, told, groups))
    hidden = _hide(read, groups, views, profile, earlier)
    seats = {key: seats_of(populations[key], views[key], earlier[key]) for key in views}
    known = told_already(seats, views, earlier, profile.minimum)
    while True:
        refused = _refused(told, groups, hidden)
        tables = publish(proposals, rows, allowed, profile, refused=refused) if refused else trial
        kept = [row for row in told if (row.table, row.position) not in refused]
        cells = [cell for _, cell in (_cells(tables, kept, groups) if refused else read)]
        found = attack_all(cells, seats, views, earlier, profile.minimum)
        if known:
            new = tuple(breach for breach in found.findings if what(breach) not in known)
            found = replace(found, findings=new)
        if not any(_hide_more(breach, kept, groups, views, hidden) for breach in found.findings):
            break
    visible = {key: {groups[r] for row in kept for r in row.refs if r.population == key} for key in shown}
    figures: dict[tuple[str, Dims], dict[str, PublishedCell]] = defaultdict(dict)
    for cell in cells:
        figures[cell.wave, cell.dims][cell.measure] = cell
    shown_groups = tuple(
        _released(populations[key], group, figures[key, group.dims])
        for key in sorted(visible)
        for group in sorted(visible[key], key=lambda group: (group.level, group.dims, group.people))
    )
    audit = {**_audit(views, visible, earlier, groups, profile), **_attack_audit(found)}
    return Gated(tables=tables, groups=shown_groups, audit=audit, cells=tuple(cells))


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
) -> bool:
    """Hide the least useful group of the measure in which the attacker found something; say whether there is one."""
    table = breach.measure.split("|")[0]
    able = {
        (groups[ref], row.measure)
        for row in rows
        for ref in row.refs
        if table in (row.table, row.measure) and ref.population == breach.wave
    }
    if not able:
        return False
    place = {group: row for row, group in enumerate(views[breach.wave].groups)}
    group, measure = min(
        able, key=lambda pair: (worth(views[breach.wave], place[pair[0]]), pair[0].dims, pair[1])
    )
    hidden.setdefault((measure, breach.wave), set()).add(group)
    return True


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
    tables: Mapping[str, Table], rows: Sequence[Row], groups: Mapping[GroupRef, Group]
) -> Iterator[tuple[Row, PublishedCell]]:
    """Read the tables as an attacker does, each cell with the row that it stands in."""
    single: dict[str, dict[int, Row]] = {name: {} for name in tables}
    for row in rows:
        if len(row.refs) == 1:
            single[row.table][row.position] = row
    for name, table in tables.items():
        dims = {place: groups[row.refs[0]].dims for place, row in single[name].items()}
        for position, cell in read_table(table, single[name], dims):
            yield single[name][position], cell


def _hide(
    read: Iterable[tuple[Row, PublishedCell]],
    groups: Mapping[GroupRef, Group],
    views: Mapping[str, Cover],
    profile: Profile,
    earlier: Mapping[str, Earlier],
) -> dict[tuple[str, str], set[Group]]:
    """Find the groups whose figures enclose a few people too closely; one pattern for a set of measures."""
    blocks: dict[str, dict[tuple[str, str], dict[Group, tuple[PublishedCell, int]]]] = {}
    for row, cell in read:
        block = blocks.setdefault(cell.wave, {}).setdefault((row.measure, cell.measure), {})
        block[groups[row.refs[0]]] = (cell, row.count)
    hidden: dict[tuple[str, str], set[Group]] = defaultdict(set)
    for population, measures in blocks.items():
        view, before = views[population], earlier[population]
        aims = small_targets(view, profile.minimum)
        told = [
            (measure, fixed, figures)
            for (measure, name), block in sorted(measures.items(), key=lambda item: item[0])
            for fixed, both in [_told_before(name, block, before)]
            for figures in ((block, both) if both != block else (block,))
        ]
        enclosed = enclosing(view, [figures for *_, figures in told], profile.minimum, targets=aims)
        for (measure, fixed, figures), used in zip(told, enclosed, strict=True):
            out = hidden[measure, population]
            if used is not None or not out.isdisjoint(figures):
                left = {group: cell for group, cell in figures.items() if group not in out}
                out |= shield(view, left, profile.minimum, targets=aims, fixed=fixed)
    return hidden


def _told_before(
    name: str, block: Mapping[Group, tuple[PublishedCell, int]], earlier: Earlier
) -> tuple[frozenset[Group], dict[Group, tuple[PublishedCell, int]]]:
    """Give the groups whose figure of a measure is public already, and the figures of now and before together."""
    both, fixed = dict(block), set()
    for group, figures in earlier.figures.items():
        if figures is None:
            fixed.add(group)
        elif name in figures:
            fixed.add(group)
            now, answers = block.get(group, (figures[name], figures[name].answers))
            both[group] = (together(figures[name], now), answers)
    return frozenset(fixed), both


def _choose_groups(
    rows: Sequence[Row],
    groups: Mapping[GroupRef, Group],
    earlier: Mapping[str, Earlier],
    profile: Profile,
) -> tuple[dict[str, Cover], dict[str, set[Group]]]:
    wanted: dict[str, set[Group]] = defaultdict(set)
    for ref, group in groups.items():
        wanted[ref.population].add(group)
    told = {groups[ref] for row in rows for ref in row.refs}
    views, shown = {}, {}
    for key in sorted(wanted):
        public = earlier[key].figures
        views[key] = cover(wanted[key] | set(public), earlier[key].size)
        silent = [row for row, group in enumerate(views[key].groups) if group not in told]
        known = [row for row, group in enumerate(views[key].groups) if group in public]
        chosen = choose(views[key], profile.minimum, fixed=known, banned=silent)
        shown[key] = {views[key].groups[row] for row in chosen}
    return views, shown


def _released(population: Population, group: Group, figures: Mapping[str, PublishedCell]) -> ReleasedGroup:
    members = sorted(population.people[group.positions].tolist())
    told = tuple(figures[measure] for measure in sorted(figures))
    return ReleasedGroup(population=population.key, dims=group.dims, members=tuple(members), figures=told)


def _audit(
    views: Mapping[str, Cover],
    shown: Mapping[str, set[Group]],
    earlier: Mapping[str, Earlier],
    groups: Mapping[GroupRef, Group],
    profile: Profile,
) -> dict[str, str]:
    proposed = {(ref.population, group) for ref, group in groups.items()}
    able = sum(group.n >= profile.minimum for _, group in proposed)
    kept = sum(len(groups) for groups in shown.values())
    proven = all(
        is_safe(
            view.matrix[
                [
                    row
                    for row, group in enumerate(view.groups)
                    if group in shown[key] or (group in earlier[key].figures and group.n >= profile.minimum)
                ]
            ],
            view.sizes,
            profile.minimum,
        )
        for key, view in views.items()
    )
    return {
        "groups proposed": str(len(proposed)),
        "groups large enough": str(able),
        "groups shown": str(kept),
        "groups hidden": str(len(proposed) - kept),
        "no combination tells about fewer than the minimum": "proven" if proven else "not proven",
    }
