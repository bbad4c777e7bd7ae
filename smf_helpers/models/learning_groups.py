"""Groups that learners belong to: teams within units within the organisation.

A learner's ``theta = (A, B, u)`` is ``mu + unit + team + own``, with ``unit ~ N(0, between)``, ``team ~ N(0,
between_teams)`` and ``own ~ N(0, omega)``. With the learners' posterior means m and covariances C at hand, each of them
tells about its groups ``K = omega⁻¹ - omega⁻¹ C omega⁻¹`` (the precision of its own estimate, the spread of people
included), so teams are integrated exactly within units, and units within the organisation. Not to be read as causes:
people choose their teams.

References
----------
Laird & Ware 1982, doi:10.2307/2529876. Pinheiro & Bates 2000, doi:10.1007/b98882.
"""

from dataclasses import dataclass

import numpy as np

from smf_helpers.models.curves_engine import Array

FLOOR = 1e-9
"""Least variance of groups, so that their spread may vanish and yet be inverted."""
FIRST = 0.1
"""Spread of groups that the search begins with, as a share of that of people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Where each learner belongs: index of the unit and of the team, -1 for none.

    Attributes
    ----------
    units, teams : of each learner; parent : the unit of each team; a team is of one unit only.
    """

    units: Array
    teams: Array
    parent: Array

    @property
    def n_units(self) -> int:
        """Count the units; a single one cannot be told from the organisation."""
        found = int(self.units.max(initial=-1)) + 1
        return found if found > 1 else 0

    @property
    def n_teams(self) -> int:
        """Count the teams; a single one cannot be told from its unit."""
        found = len(self.parent)
        return found if found > 1 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """How far groups depart from the typical learner: of each learner's groups together, with covariance.

    Attributes
    ----------
    mean, covariance : departure of each learner's unit and team together, shapes (learners, 3) and (learners, 3, 3).
    between, between_teams : covariance of units and of teams within them, zeros where there are none.
    shift : what all groups have in common: it is the typical learner's, and taken out of `mean`.
    """

    mean: Array
    covariance: Array
    between: Array
    between_teams: Array
    shift: Array


def no_groups(count: int) -> Groups:
    """Put every learner straight under the organisation."""
    none = np.full(count, -1)
    return Groups(units=none, teams=none, parent=np.empty(0, dtype=int))


def no_effects(count: int) -> Effects:
    """Begin where no group departs."""
    zero = np.zeros((3, 3))
    return Effects(
        mean=np.zeros((count, 3)),
        covariance=np.zeros((count, 3, 3)),
        between=zero,
        between_teams=zero,
        shift=np.zeros(3),
    )


def group_step(
    groups: Groups, away: Array, covariance: Array, omega: Array, before: Effects
) -> tuple[Effects, Array]:
    """Shrink teams towards their units and units towards the organisation; update their spread.

    Parameters
    ----------
    away, covariance : posterior mean of each learner less covariates' effects, and posterior covariance.
    omega : covariance of people within their groups; before : the effects that the posteriors were found with.

    Returns
    -------
    Effects, and the part of the covariance of people that the groups' own uncertainty adds (summed over learners).
    """
    n_units, n_teams = groups.n_units, groups.n_teams
    if not (n_units or n_teams):
        return before, np.zeros((3, 3))
    units = groups.units if n_units else np.full(len(away), -1)
    teams = groups.teams if n_teams else np.full(len(away), -1)
    parent = groups.parent if n_teams and n_units else np.full(n_teams, -1)
    inverse = np.linalg.inv(omega)
    known = inverse - inverse @ covariance @ inverse
    told = (away - before.mean) @ inverse + np.einsum("nij,nj->ni", known, before.mean)
    k, v = _no_less_than_nothing(_sum(known, teams, n_teams)), _sum(told, teams, n_teams)
    prior = _start(before.between_teams, omega)
    shrink = np.linalg.inv(np.eye(3) + k @ prior)
    loose = np.where(teams < 0, units, -1)
    precision = _sum(known, loose, n_units) + _sum(shrink @ k, parent, n_units)
    vector = _sum(told, loose, n_units) + _sum(np.einsum("gij,gj->gi", shrink, v), parent, n_units)
    start = np.linalg.inv(_start(before.between, omega))
    unit_cov = np.linalg.inv(start + _no_less_than_nothing(precision))
    unit = np.einsum("gij,gj->gi", unit_cov, vector)
    own = np.linalg.inv(np.linalg.inv(prior) + k)
    above, above_cov = _of(unit, parent), _of(unit_cov, parent)
    team = np.einsum("gij,gj->gi", own, v - np.einsum("gij,gj->gi", k, above))
    slope = own @ k
    rest = np.eye(3) - slope
    both_cov = own + rest @ above_cov @ rest.transpose(0, 2, 1)
    team_cov = own + slope @ above_cov @ slope.transpose(0, 2, 1)
    mean = np.where((teams >= 0)[:, None], _of(team + above, teams), _of(unit, units))
    spread = np.where((teams >= 0)[:, None, None], _of(both_cov, teams), _of(unit_cov, units))
    shift = np.zeros(3)
    if n_units and np.all(units >= 0):
        shift = unit.mean(axis=0)
        unit = unit - shift
    elif not n_units and np.all(teams >= 0):
        shift = team.mean(axis=0)
        team = team - shift
    moved = covariance @ inverse - np.eye(3)
    effects = Effects(
        mean=mean - shift,
        covariance=spread,
        between=_spread(unit, unit_cov),
        between_teams=_spread(team, team_cov),
        shift=shift,
    )
    return effects, np.einsum("nij,njk,nlk->il", moved, spread, moved)


def _no_less_than_nothing(known: Array) -> Array:
    """Hold precisions at zero or more: a posterior that is no bell may seem to know less than nothing."""
    sizes, turned = np.linalg.eigh((known + known.transpose(0, 2, 1)) / 2)
    return np.asarray((turned * np.maximum(sizes, 0.0)[:, None, :]) @ turned.transpose(0, 2, 1))


def _start(between: Array, omega: Array) -> Array:
    start = between if np.any(between) else FIRST * omega
    return np.asarray(start + FLOOR * np.eye(3))


def _spread(mean: Array, covariance: Array) -> Array:
    if not len(mean):
        return np.zeros((3, 3))
    return np.asarray((mean.T @ mean + covariance.sum(axis=0)) / len(mean))


def _sum(values: Array, groups: Array, count: int) -> Array:
    """Sum over the members of each group."""
    out = np.zeros((count, *values.shape[1:]))
    member = groups >= 0
    np.add.at(out, groups[member], values[member])
    return out


def _of(values: Array, groups: Array) -> Array:
    """Give the value of the group that each belongs to, zero for none."""
    out = np.zeros((len(groups), *values.shape[1:]))
    member = groups >= 0
    out[member] = values[groups[member]]
    return out
