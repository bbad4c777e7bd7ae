"""What an attacker recovers under the rules of survey tools and under ours, and what stays visible.

Run: ``python -m benchmarks.privacy [organisations]``; it goes on where it was stopped (the rows so far lie in
``.cache/``) and writes ``benchmarks/results/privacy.md`` down to its notes, which stay. The full count is ``make privacy``.

Each organisation is a client over time (`tests.privacy.programme`): a wave, its re-issue with late answers, the
next wave; the attacker reads the delivered sheets, all together. The rules of other tools are reconstructions
of what their makers publish, not their code. The organisations are generated: 25 to 400 people (evenly on the
scale of logarithms), 3 to 10 units, 2 to 6 roles of uneven size, published by unit, by role and by both.
"""

import hashlib
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from smf_helpers.privacy import attack, profile
from smf_helpers.privacy.gate import pass_gate
from tests.privacy.organisations import (
    answers_of,
    breakdowns,
    factor_scores,
    inside,
    organisation,
    uneven,
)
from tests.privacy.policies import POLICIES
from tests.privacy.programme import run_programme

HOME = Path(__file__).parents[1]
RESULTS = HOME / "benchmarks" / "results" / "privacy.md"
NOTES = "\n## Notes\n"
"""From here on the results are written by hand and kept."""
BESIDE = {"canaries", "comments", "delivery", "extract", "keys", "portfolio"}
"""Modules that no figure of a programme passes."""
COMPARED = 200
"""Organisations on which the rules of others are tried as well; their attacker gets more, and takes longer."""


def code_digest():
    """Digest of the code whose results are kept between runs."""
    files = [
        *(path for path in sorted((HOME / "smf_helpers/privacy").glob("*.py")) if path.stem not in BESIDE),
        *sorted((HOME / "tests/privacy").glob("[op]*.py")),
    ]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def others(seed):
    """Which rules of others are broken in the first wave of this organisation, and what they keep."""
    population = uneven(seed)
    refs, answers = breakdowns(population), answers_of(population, seed)
    sizes = {ref.dims: int(inside(population, ref).sum()) for ref in refs}
    means = {ref.dims: round(float(answers[inside(population, ref)].mean()), 1) for ref in refs}
    roles, units = population.dimensions["role"], population.dimensions["unit"]
    seats = Counter((("role", str(r)), ("unit", str(u))) for u, r in zip(units, roles, strict=True))
    told = {"able": sum(n >= 5 for n in sizes.values())}
    for name, policy in POLICIES.items():
        shown = policy(sizes)
        cells = [{"dims": dims, "mean": means[dims], "n": sizes[dims]} for dims in sorted(shown)]
        told[name] = [
            sum(sizes[dims] >= 5 for dims in shown),
            *(bool(attack(cells, headcounts=known, groups=sizes).findings) for known in (seats, None)),
        ]
    return told


def measured(organisations):
    """Give a row for each organisation, those of an earlier run included; first ours, then the rules of others."""
    kept = HOME / ".cache" / f"privacy-{code_digest()}.jsonl"
    kept.parent.mkdir(exist_ok=True)
    rows = {}
    for line in kept.read_text("utf-8").splitlines() if kept.exists() else ():
        row = json.loads(line)
        rows.setdefault(row["seed"], {}).update(row)
    with kept.open("a", encoding="utf-8") as file:

        def keep(seed, **row):
            file.write(json.dumps({"seed": seed, **row}) + "\n")
            file.flush()
            rows.setdefault(seed, {}).update(row)

        for seed in range(organisations):
            if "knows" not in rows.get(seed, ()):
                started = time.process_time()
                with tempfile.TemporaryDirectory() as folder:
                    row = run_programme(uneven, seed, Path(folder))
                keep(**row, seconds=round(time.process_time() - started, 2))
        for seed in range(min(organisations, COMPARED)):
            if not rows[seed].get("others"):
                keep(seed, others=others(seed))
    return [rows[seed] for seed in range(organisations)]


def large():
    population = organisation(3, people=1400, units=20, roles=12)
    refs, answers = breakdowns(population), answers_of(population, 3)
    proposals = [factor_scores(population, refs, answers, f"factor {i}") for i in range(8)]
    started = time.process_time()
    gated = pass_gate(proposals, {population.key: population}, profile())
    return time.process_time() - started, gated.audit


def told(rows, big, audit):
    n = len(rows)
    compared = [row["others"] for row in rows if row.get("others")]
    able = sum(each["able"] for each in compared)
    lines = [
        "# Privacy: recoveries and what stays visible",
        "",
        f"{n} generated clients, each a survey wave, its re-issue with late answers and a second wave, delivered as sheets "
        f"({sum(row['files'] for row in rows)} files, {sum(row['reissued'] for row in rows)} re-issues accepted, the others "
        "refused, since few people would have been found out by comparing). 25 to 400 people, 3 to 10 units, 2 to 6 "
        "roles, k = 5. Breached: from everything ever delivered `smf.attack` recovers a mean, a share or a number of fewer "
        f"than five people; {sum(row['tried'] for row in rows):,} targets were tried on {sum(row['cells'] for row in rows):,} "
        "published figures.",
        "",
        "| | breached, attacker knows who sits where | does not know | groups of 5 or more kept |",
        "| --- | --- | --- | --- |",
        f"| ours (gate), {n} clients | {sum(row['knows'] > 0 for row in rows)} of {n} | "
        f"{sum(row['guesses'] > 0 for row in rows)} of {n} | "
        f"{sum(row['kept'] for row in rows) / sum(row['able'] for row in rows):.0%} |",
    ]
    for name in POLICIES:
        held, knows, guesses = (sum(each[name][place] for each in compared) for place in range(3))
        lines.append(
            f"| {name}, first wave of {len(compared)} | {knows} of {len(compared)} | {guesses} of {len(compared)} | {held / able:.0%} |"
        )
    lines += [
        "",
        "The rules of other tools are reconstructions of what their makers publish, and are attacked on one wave only. Ours is "
        "the best choice there is wherever the mixed-integer program of `smf_helpers/privacy/optimum.py` is solved to its end, "
        "less what the interval rule takes away.",
        "",
        f"A client with three releases, their files and all attacks: {sum(row['seconds'] for row in rows) / n:.1f} s of processor time.",
        f"1,400 people, 20 units x 12 roles, eight measures with shares, gate and attack: {big:.1f} s of processor time, "
        f"{audit['groups shown']} of {audit['groups large enough']} groups shown.",
        "",
        f"Command: `make privacy` (`python -m benchmarks.privacy {n}`).",
    ]
    return "\n".join(lines) + "\n"


def main():
    organisations = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    rows = measured(organisations)
    big, audit = large()
    _, mark, notes = RESULTS.read_text(encoding="utf-8").partition(NOTES) if RESULTS.exists() else ("",) * 3
    text = told(rows, big, audit) + mark + notes
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
