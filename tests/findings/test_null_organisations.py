"""Organisations in which nothing changed: at most one in twenty is told that something rose or fell."""

import os

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from smf_helpers.findings import conclude
from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.measures import compare_waves, score_factors
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import Table

FULL = bool(os.environ.get("SMF_FULL"))
ORGANISATIONS = 1000 if FULL else 25
UNITS = ("A", "B", "C", "D")
ITEMS = pd.DataFrame(
    [(f"{factor}{k}", factor, 1.0, 5.0, k == 2) for factor in FACTOR_KEYS for k in range(3)],
    columns=["item", "module", "scale_min", "scale_max", "reverse"],
)


def organisation(rng: np.random.Generator, panel: bool) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Give two waves of 40 to 200 people whose means stay: people differ, answers are cut to 1-5 and some are missing."""
    n, codes = int(rng.integers(40, 200)), ITEMS["item"].to_numpy()
    level = np.repeat(rng.uniform(2.2, 4.0, len(FACTOR_KEYS)), 3)
    unit = rng.integers(0, len(UNITS), n)
    own = (
        rng.normal(0, 0.5, (n, 1))
        + rng.normal(0, 0.3, (n, len(codes)))
        + rng.normal(0, 0.3, len(UNITS))[unit][:, None]
    )
    rows, people = [], []
    for number, wave in enumerate(("w1", "w2")):
        if not panel:
            own = own[rng.permutation(n)]
        said = np.clip(np.round(level + own + rng.normal(0, 0.75, own.shape)), 1, 5)
        turned = np.where(ITEMS["reverse"].to_numpy(), 6 - said, said)
        here = rng.random(n) < 0.6
        names = np.char.add("p" if panel else f"p{number}_", np.arange(n).astype(str))
        told = here[:, None] & (rng.random(turned.shape) < 0.97)
        who, what = np.nonzero(told)
        rows.append(
            pd.DataFrame({"wave": wave, "respondent": names[who], "item": codes[what], "value": turned[told]})
        )
        people.append(pd.DataFrame({"wave": wave, "respondent": names, "unit": np.array(UNITS)[unit]})[here])
    waves = pd.DataFrame({"wave": ["w1", "w2"], "opened_on": ["2025-03-01", "2025-09-01"]})
    return pd.concat(rows), pd.concat(people), waves.assign(key_kind="panel" if panel else "none")


@pytest.mark.parametrize("panel", [True, False], ids=["panel", "anonymous"])
def test_at_most_one_null_organisation_in_twenty_gets_a_change(panel: bool) -> None:
    called, unsound = 0, 0
    for seed in range(ORGANISATIONS):
        responses, people, waves = organisation(np.random.default_rng([5, seed]), panel)
        scores = score_factors(responses, ITEMS, respondents=people, waves=waves)
        changes = compare_waves(scores).changes
        called += bool(changes["verdict"].isin(["rose", "fell"]).any())
        spec = CATALOGUE["factor_change"]
        table = changes.rename(columns={"low": "change_low", "high": "change_high"})
        rows = tuple(map(tuple, table[[column.name for column in spec.columns]].to_numpy(dtype=object)))
        _, answers, _ = conclude({"factor_change": Table(spec=spec, rows=rows)})
        unsound += answers[0].verdict in ("yes", "no") or answers[1].verdict in ("yes", "no")
    assert called <= binom.ppf(0.999, ORGANISATIONS, 0.05)
    assert unsound <= binom.ppf(0.999, ORGANISATIONS, 0.02)


def test_a_real_change_is_called_in_the_same_organisations() -> None:
    found = 0
    for seed in range(12):
        responses, people, waves = organisation(np.random.default_rng([6, seed]), True)
        rising = responses["item"].isin(["listening0", "listening1"]) & (responses["wave"] == "w2")
        responses.loc[rising, "value"] = np.minimum(responses.loc[rising, "value"] + 1, 5)
        changes = compare_waves(score_factors(responses, ITEMS, respondents=people, waves=waves)).changes
        row = changes[(changes["unit"] == "all") & (changes["factor"] == "listening")].iloc[0]
        found += row["verdict"] == "rose"
    assert found >= 10
