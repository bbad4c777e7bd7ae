"""What an attacker recovers under the rules of survey tools and under ours, and what stays visible.

Run: ``python benchmarks/privacy.py [organisations]``. Writes ``benchmarks/results/privacy.md``.

The rules of other tools are reconstructions of what their makers publish, not their code. The organisations
are generated: 25 to 400 people, 3 to 10 units, 2 to 6 roles, published by unit, by role and by role
within a unit.
"""

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from smf_helpers.privacy import attack, profile
from smf_helpers.privacy.gate import pass_gate
from smf_helpers.results.publication import Mark
from tests.privacy.organisations import answers_of, breakdowns, factor_scores, inside, organisation
from tests.privacy.policies import POLICIES

RESULTS = Path(__file__).parent / "results" / "privacy.md"
OURS = "ours (gate)"


def vendor_cells(sizes, answers, population, shown):
    cells = []
    for ref, n in sizes.items():
        if ref.dims in shown and n:
            mean = round(float(answers[inside(population, ref)].mean()), 1)
            cells.append({"dims": ref.dims, "mean": mean, "n": n})
    return cells


def small(seed):
    """Few people, many units and roles: where most groups are below or near the minimum."""
    rng = np.random.default_rng(seed)
    people, units, roles = (int(rng.integers(low, high)) for low, high in ((25, 121), (5, 11), (3, 7)))
    return organisation(seed, people=people, units=units, roles=roles)


KINDS = {
    "25 to 400 people, 3 to 10 units, 2 to 6 roles": organisation,
    "25 to 120 people, 5 to 10 units, 3 to 6 roles": small,
}


def compare(organisations, make):
    broken = {name: [0, 0] for name in [*POLICIES, OURS]}
    kept = Counter()
    able = seconds = 0
    for seed in range(organisations):
        population = make(seed)
        refs, answers = breakdowns(population), answers_of(population, seed)
        sizes = {ref: int(inside(population, ref).sum()) for ref in refs}
        by_dims = {ref.dims: n for ref, n in sizes.items()}
        roles, units = population.dimensions["role"], population.dimensions["unit"]
        seats = Counter((("role", str(r)), ("unit", str(u))) for u, r in zip(units, roles, strict=True))
        able += sum(n >= 5 for n in by_dims.values())
        for name, policy in POLICIES.items():
            shown = policy(by_dims)
            kept[name] += sum(by_dims[dims] >= 5 for dims in shown)
            cells = vendor_cells(sizes, answers, population, shown)
            judge(broken[name], cells, seats, by_dims)
        started = time.process_time()
        table = factor_scores(population, refs, answers)
        gated = pass_gate([table], {population.key: population}, profile())
        seconds += time.process_time() - started
        means = gated.tables["factors"].column("mean")
        kept[OURS] += sum(mean is not Mark.CONFIDENTIAL for mean in means)
        judge(broken[OURS], gated.cells, seats, by_dims)
    return broken, {name: kept[name] / able for name in broken}, seconds / organisations


def judge(tally, cells, seats, names):
    for place, counts in enumerate((seats, None)):
        tally[place] += bool(attack(cells, headcounts=counts, groups=names).findings)


def large():
    population = organisation(3, people=1400, units=20, roles=12)
    refs, answers = breakdowns(population), answers_of(population, 3)
    proposals = [factor_scores(population, refs, answers, f"factor {i}") for i in range(8)]
    started = time.process_time()
    gated = pass_gate(proposals, {population.key: population}, profile())
    return time.process_time() - started, gated.audit


def main():
    organisations = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    big, audit = large()
    lines = [
        "# Privacy: recoveries and what stays visible",
        "",
        f"{organisations} generated organisations of each kind, k = 5. Breached: the attacker of `smf.attack` recovers "
        "a mean or a number of fewer than five people. The rules of other tools are reconstructions of what "
        "their makers publish.",
    ]
    for kind, make in KINDS.items():
        broken, kept, seconds = compare(organisations, make)
        lines += [
            "",
            f"## {kind}",
            "",
            "| rule | breached, attacker knows who sits where | does not know | groups of 5 or more kept |",
            "| --- | --- | --- | --- |",
        ]
        for name, (knows, guesses) in broken.items():
            lines.append(
                f"| {name} | {knows} of {organisations} | {guesses} of {organisations} | {kept[name]:.0%} |"
            )
        lines += ["", f"The gate with its own attack: {seconds:.2f} s of processor time an organisation."]
    lines += [
        "",
        "## Speed",
        "",
        f"1,400 people, 20 units x 12 roles, eight measures with shares, gate and attack: {big:.1f} s of processor "
        f"time, {audit['groups shown']} of {audit['groups large enough']} groups shown.",
        "",
        f"Command: `python benchmarks/privacy.py {organisations}`.",
    ]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
