"""The gate: everything that will be published, at once, in; what may be shown, rounded, out.

`pass_gate` decides for each population which groups are shown (`choose`), for each measure which of
their figures (`shield`), tells the rest of each partition as one pooled group (`pool`), and writes the
tables as they leave the house (`publish`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from smf_helpers.privacy.choose import choose
from smf_helpers.privacy.groups import Cover, Group, cover, gather
from smf_helpers.privacy.publish import Row, publish, told_rows
from smf_helpers.privacy.rules import Profile
from smf_helpers.privacy.span import is_safe
from smf_helpers.results.privacy import Gated, ReleasedGroup
from smf_helpers.results.publication import GroupRef, Population, Proposal


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
    groups = gather(populations, (ref for proposal in proposals for refs in proposal.groups for ref in refs))
    rows = told_rows(proposals, groups, profile)
    views, shown = _choose_groups(rows, groups, populations, profile, released)
    allowed = {ref for ref, group in groups.items() if group in shown[ref.population]}
    tables = publish(proposals, rows, allowed, profile)
    public = tuple(
        _released(populations[key], group)
        for key in sorted(shown)
        for group in sorted(shown[key], key=lambda group: (group.level, group.dims, group.people))
    )
    return Gated(tables=tables, groups=public, audit=_audit(views, shown, profile))


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
