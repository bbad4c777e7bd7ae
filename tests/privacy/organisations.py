"""Generated organisations for the tests of the gate and the attacker: seeded, small, no real people."""

import numpy as np

from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import GroupRef, Population, Proposal, Table


def organisation(seed, *, people=None, units=None, roles=None, wave="w1"):
    """A population with units and roles of uneven size."""
    rng = np.random.default_rng(seed)
    people = people or int(rng.integers(25, 401))
    units = units or int(rng.integers(3, 11))
    roles = roles or int(rng.integers(2, 7))
    return Population(
        key=f"survey:{wave}",
        people=np.array([f"p{seed}x{i:04d}" for i in range(people)]),
        dimensions={
            "unit": rng.choice(
                [f"U{i:02d}" for i in range(units)], people, p=rng.dirichlet(np.full(units, 2.0))
            ),
            "role": rng.choice(
                [f"R{i:02d}" for i in range(roles)], people, p=rng.dirichlet(np.full(roles, 2.0))
            ),
        },
        headcounts={},
    )


def uneven(seed, wave="w1"):
    """An organisation as most are: small more often than large, its units and roles of very uneven size."""
    rng = np.random.default_rng([seed, 25])
    people = int(np.exp(rng.uniform(np.log(25), np.log(401))))
    units, roles = int(rng.integers(3, 11)), int(rng.integers(2, 7))
    names = {"unit": [f"U{i:02d}" for i in range(units)], "role": [f"R{i:02d}" for i in range(roles)]}
    return Population(
        key=f"survey:{wave}",
        people=np.array([f"p{seed}x{i:04d}" for i in range(people)]),
        dimensions={
            name: rng.choice(values, people, p=rng.dirichlet(np.full(len(values), 0.7)))
            for name, values in names.items()
        },
        headcounts={},
    )


def breakdowns(population):
    """Everybody, each unit, each role, each unit x role that has people."""
    key = population.key
    units = population.dimensions["unit"]
    roles = population.dimensions["role"]
    refs = [GroupRef(population=key)]
    refs += [GroupRef(population=key, dims=(("unit", str(u)),)) for u in np.unique(units)]
    refs += [GroupRef(population=key, dims=(("role", str(r)),)) for r in np.unique(roles)]
    pairs = sorted({(str(u), str(r)) for u, r in zip(units, roles, strict=True)})
    return refs + [GroupRef(population=key, dims=(("role", r), ("unit", u))) for u, r in pairs]


def inside(population, ref):
    """Who is in the group, as booleans."""
    found = np.ones(len(population.people), dtype=bool)
    for name, value in ref.dims:
        found &= population.dimensions[name] == value
    if ref.subset is not None:
        found &= np.isin(population.people, np.array(ref.subset))
    return found


def factor_scores(population, refs, answers, factor="listening"):
    """Propose the table of factors for these groups from one answer a person (nan: none)."""
    rows, counts = [], []
    wave = population.key.split(":")[1]
    for ref in refs:
        values = answers[inside(population, ref)]
        values = values[~np.isnan(values)]
        n = len(values)
        mean = float(values.mean()) if n else None
        error = float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else 0.0
        label = " / ".join(value for _, value in ref.dims) or "all"
        low, high = (mean - 2 * error, mean + 2 * error) if n else (None, None)
        favourable = float((values >= 4).mean()) if n else None
        rows.append((wave, label, factor, mean, low, high, favourable, n))
        counts.append(n)
    return Proposal(
        table=Table(spec=CATALOGUE["factors"], rows=tuple(rows)),
        groups=tuple((ref,) for ref in refs),
        counts=tuple(counts),
        measure="factors",
    )


def answers_of(population, seed, *, skew=0.0):
    """Answers 1 to 5 with a difference between units."""
    rng = np.random.default_rng([seed, 7])
    units, place = np.unique(population.dimensions["unit"], return_inverse=True)
    level = 3.3 + skew + rng.normal(0, 0.5, len(units))
    return np.clip(np.rint(level[place] + rng.normal(0, 0.9, len(place))), 1, 5)
