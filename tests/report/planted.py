"""Releases with planted numbers: every table of the catalogue filled, with cells that the gate refused."""

import datetime as dt

import numpy as np

from smf_helpers.framework import BARRIERS, FACTOR_KEYS, STAGES
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.claims import Action, Answer, Evidence, Finding
from smf_helpers.results.publication import Kind, Mark, Table
from smf_helpers.results.released import Brand, Release
from smf_helpers.results.what_if import Lever, WhatIf

WAVES = ("2024-2", "2025-1", "2025-2", "2026-1", "2026-2", "2026-3")
OPENED = ("2024-09-02", "2025-02-03", "2025-09-01", "2026-02-02", "2026-06-01", "2026-10-05")
UNITS = ("customer_service", "marketing", "grid", "it", "sales", "finance")
HEADS = {"customer_service": 210, "marketing": 46, "grid": 520, "it": 130, "sales": 180, "finance": 38}
FINNISH = {
    "customer_service": "Asiakaspalvelu",
    "marketing": "Markkinointi",
    "grid": "Verkko",
    "it": "Tietohallinto",
    "sales": "Myynti",
    "finance": "Talous",
}
ENGLISH = {
    "customer_service": "Customer service",
    "marketing": "Marketing",
    "grid": "Grid <operations>",
    "it": "IT & data",
    "sales": "Sales",
    "finance": "Finance",
}
HIDDEN = Mark.CONFIDENTIAL
SAD = Mark.UNSURE


def _round(spec, row):
    """Round a row as the gate would: shares to whole percents, the rest to the column's decimals."""
    cells = []
    for column in spec.columns:
        cell = row.get(column.name)
        if isinstance(cell, float) and column.kind is not Kind.KEY:
            cell = round(cell, 2 if column.kind is Kind.SHARE else column.decimals)
        if isinstance(cell, np.generic):
            cell = cell.item()
        cells.append(cell)
    return tuple(cells)


class Planter:
    """Collects rows by table, from one seed."""

    def __init__(self, seed, size):
        self.rng = np.random.default_rng(seed)
        self.size = size
        self.tables = {}

    def add(self, name, rows, note="", reason=""):
        spec = CATALOGUE[name]
        known = {column.name for column in spec.columns}
        for row in rows:
            assert set(row) <= known, (name, set(row) - known)
        made = tuple(_round(spec, row) for row in rows)
        self.tables[name] = Table(spec=spec, rows=made, note=note, reason=reason)

    def about(self, value, half, name="", low=None, high=None):
        stem = f"{name}_" if name else ""
        lo, hi = value - half, value + half
        return {
            f"{stem}low": float(lo if low is None else max(lo, low)),
            f"{stem}high": float(hi if high is None else min(hi, high)),
        }


LEVELS = dict(
    zip(
        FACTOR_KEYS,
        (
            (3.2, 0.12),
            (3.4, 0.08),
            (3.1, 0.1),
            (3.3, 0.06),
            (3.6, 0.02),
            (2.9, 0.05),
            (2.4, 0.02),
            (2.8, 0.14),
        ),
        strict=True,
    )
)


def _survey(plant):
    factors, change, flow, bottle, waves = [], [], [], [], []
    for place, wave in enumerate(WAVES):
        for unit in ("all", *UNITS):
            heads = 1124 if unit == "all" else HEADS[unit]
            n = int(heads * 0.62)
            opened = dt.date.fromisoformat(OPENED[place])
            waves.append(
                {
                    "wave": wave,
                    "unit": unit,
                    "opened_on": opened.isoformat(),
                    "closed_on": (opened + dt.timedelta(days=21)).isoformat(),
                    "invited": heads,
                    "n": n,
                    "response_rate": 0.6 if unit != "finance" else HIDDEN,
                }
            )
            for key in FACTOR_KEYS:
                level, slope = LEVELS[key]
                shift = 0.0 if unit == "all" else float(plant.rng.normal(0, 0.25))
                mean = min(4.8, level + slope * place + shift)
                row = {
                    "wave": wave,
                    "unit": unit,
                    "factor": key,
                    "mean": mean,
                    "favourable": (mean - 1) / 5,
                    "n": n,
                }
                row |= plant.about(mean, 2.2 / np.sqrt(n), low=1, high=5)
                if unit == "finance":
                    row |= {"mean": HIDDEN, "low": HIDDEN, "high": HIDDEN, "favourable": HIDDEN, "n": HIDDEN}
                factors.append(row)
        for cycle, value in (("internal", 3.3), ("external", 2.9), ("link", 2.8), ("whole", 2.7)):
            up = value + 0.08 * place
            flow.append(dict(wave=wave, unit="all", cycle=cycle, value=up, n=697, **plant.about(up, 0.15)))
        for key, chance in zip(FACTOR_KEYS, (0, 0, 0.01, 0, 0, 0.04, 0.91, 0.04), strict=True):
            bottle.append({"wave": wave, "unit": "all", "factor": key, "probability": chance, "n": 697})
    for unit in ("all", *UNITS):
        for place, key in enumerate(FACTOR_KEYS):
            value = (0.3, 0.2, 0.1, 0.05, -0.1, 0.0, -0.2, 0.4)[place]
            verdict = "rose" if value > 0.15 else "fell" if value < -0.15 else "equivalent"
            row = dict(
                unit=unit,
                factor=key,
                from_wave=WAVES[-2],
                to_wave=WAVES[-1],
                change=value,
                verdict=verdict if place != 3 else "not enough to say",
                design="independent",
                reason="",
                n=604,
                **plant.about(value, 0.12, "change"),
            )
            if unit == "finance":
                row |= {"change": HIDDEN, "change_low": HIDDEN, "change_high": HIDDEN, "n": HIDDEN}
            change.append(row)
    plant.add("factors", factors, note="Weighted to headcounts.")
    plant.add("factors_by_role", _roles(plant))
    told = {"incidents": 2, "value": 0.4, "low": 0.1, "high": 1.5, "status": "ok", "reason": "", "n": 1124}
    incidents = [
        {"scope": scope, "period": period, **told}
        for scope in ("internal", "public")
        for period in ("2025", "so_far")
    ]
    note = "Interval: exact Poisson limits. No incident is no proof that there is no risk."
    plant.add("self_regulation", incidents, note=note)
    plant.add("factor_change", change)
    plant.add("flow", flow)
    plant.add("bottleneck", bottle)
    plant.add("waves", waves)


def _roles(plant):
    rows = []
    for place, wave in enumerate(WAVES):
        for role, shift in (("team lead", 0.2), ("specialist", -0.3), ("executive", 0.0)):
            for key in FACTOR_KEYS:
                mean = min(4.8, LEVELS[key][0] + LEVELS[key][1] * place + shift)
                row = {"wave": wave, "role": role, "factor": key, "mean": mean, "favourable": (mean - 1) / 5}
                row |= {"n": 120, **plant.about(mean, 0.2, low=1, high=5)}
                if role == "executive":
                    row |= dict.fromkeys(("mean", "low", "high", "favourable", "n"), HIDDEN)
                rows.append(row)
    return rows


def _survey_more(plant):
    needs = []
    for unit in ("all", *UNITS[:3]):
        for place, key in enumerate(FACTOR_KEYS):
            need = (0.6, 0.4, 0.5, 0.2, 0.1, 1.0, 1.4, 1.1)[place]
            needs.append(
                dict(
                    unit=unit,
                    factor=key,
                    importance=3.2 + need,
                    performance=3.2,
                    need=need,
                    verdict="need" if need > 0.3 else "no need",
                    n=412,
                    **plant.about(need, 0.2, "need"),
                )
            )
    plant.add("needs", needs)
    plant.add(
        "reliability",
        [
            {
                "factor": key,
                "omega": 0.8 + 0.01 * place,
                "omega_low": 0.76,
                "omega_high": 0.86,
                "alpha": 0.78,
                "alpha_low": 0.74,
                "alpha_high": 0.82,
                "n_items": 4,
                "status": "ok",
                "reason": "",
                "n": 697,
            }
            for place, key in enumerate(FACTOR_KEYS)
        ],
    )
    plant.add(
        "drivers",
        [
            dict(factor=key, weight=w, n=640, status="ok", reason="", **plant.about(w, 0.05, "weight", low=0))
            for key, w in zip(FACTOR_KEYS, (0.08, 0.06, 0.1, 0.12, 0.09, 0.19, 0.07, 0.29), strict=True)
        ],
    )
    plant.add(
        "recommendation",
        [
            dict(
                wave=wave,
                unit="all",
                value=-12.0 + 6 * place,
                promoters=0.2 + 0.03 * place,
                detractors=0.32 - 0.03 * place,
                n=690,
                **plant.about(-12.0 + 6 * place, 5),
            )
            for place, wave in enumerate(WAVES)
        ],
    )
    shares = (0.21, 0.3, 0.34, 0.44, 0.16, 0.12, 0.52)
    barriers = []
    for place, wave in enumerate(WAVES):
        for unit in ("all", *UNITS):
            for key, share in zip(BARRIERS, shares, strict=True):
                now = share - 0.01 * place
                row = dict(wave=wave, unit=unit, barrier=key, share=now, n=697, **plant.about(now, 0.04))
                if unit == "finance":
                    row |= {"share": HIDDEN, "low": HIDDEN, "high": HIDDEN, "n": HIDDEN}
                barriers.append(row)
    plant.add("barriers", barriers)
    verdicts = ("reason", "reason", "not enough to say", "reason", "not enough to say", "excuse", "excuse")
    tests = []
    for key, verdict in zip(BARRIERS, verdicts, strict=True):
        known = verdict != "not enough to say"
        tests.append(
            {
                "barrier": key,
                "odds_ratio": 1.9 if known else SAD,
                "odds_ratio_low": 1.2 if known else SAD,
                "odds_ratio_high": 2.9 if known else SAD,
                "remedy_effect": -0.09 if known else SAD,
                "remedy_effect_low": -0.15 if known else SAD,
                "remedy_effect_high": -0.02 if known else SAD,
                "later_use": "less" if known else "not enough to say",
                "verdict": verdict,
                "reason": "" if known else "Fewer than 30 people named it.",
                "n": 640,
            }
        )
    plant.add("barrier_tests", tests)


def _people(plant):
    segments, conditions = [], []
    for place, wave in enumerate(WAVES):
        parts = (0.06 + 0.01 * place, 0.28 + 0.02 * place, 0.44 - 0.02 * place, 0.22 - 0.01 * place)
        names = ("champions", "participants", "bystanders", "held_back")
        for name, share in zip(names, parts, strict=True):
            segments.append(
                dict(
                    wave=wave,
                    segment=name,
                    share=share,
                    share_strict=share - 0.03,
                    share_lenient=share + 0.03,
                    n=697,
                    **plant.about(share, 0.02),
                )
            )
        levels = (0.35 + 0.07 * place, 0.3 + 0.1 * place, 0.7, 0.18 + 0.06 * place, 0.2 + 0.03 * place)
        named = ("policy_clarity", "owner_known", "access_open", "executives_seen", "email_replaced")
        for name, share in zip(named, levels, strict=True):
            conditions.append(
                dict(wave=wave, unit="all", condition=name, share=share, n=697, **plant.about(share, 0.04))
            )
    plant.add("segments", segments)
    plant.add("conditions", conditions)
    plant.add(
        "comment_themes",
        [
            dict(wave=wave, theme=name, share=share, n=412, **plant.about(share, 0.05))
            for wave in WAVES[-2:]
            for name, share in (("workload", 0.31), ("training", 0.22), ("tools", 0.12), ("rules", 0.08))
        ],
    )
    plant.add("comments", [{"wave": WAVES[-1], "comment": "Ask [removed], she knows <b>everything</b>."}])
    personas = ("engager", "catalyst", "responder", "broadcaster", "observer")
    plant.add(
        "personas",
        [
            dict(
                persona=name,
                share=share,
                share_strict=share - 0.02,
                share_lenient=share + 0.02,
                n=840,
                **plant.about(share, 0.02),
            )
            for name, share in zip(personas, (0.08, 0.05, 0.14, 0.11, 0.62), strict=True)
        ],
    )
    mixing = []
    for source in UNITS[:5]:
        for target in UNITS[:5]:
            share = 0.55 if source == target else 0.11
            cell = HIDDEN if "it" in (source, target) and source != target else share
            mixing.append({"source_unit": source, "target_unit": target, "share": cell, "n": 42})
    plant.add("mixing", mixing)
    plant.add(
        "champions",
        [
            {"removed": r, "left": left, "connected": c, "n": n}
            for r, left, c, n in ((0.01, 0.84, 0.95, "5-9"), (0.05, 0.52, 0.78, 42), (0.1, 0.31, 0.55, 84))
        ],
    )
    plant.add(
        "network_summary",
        _quantities(
            plant,
            ("reciprocity", 0.41, "share"),
            ("openness", 0.63, "share"),
            ("between_units", 0.22, "share"),
            ("concentration", SAD, "share"),
        ),
    )


def _quantities(plant, *named):
    rows = []
    for name, value, unit in named:
        if isinstance(value, Mark):
            rows.append(
                {
                    "quantity": name,
                    "value": value,
                    "low": value,
                    "high": value,
                    "unit_of": unit,
                    "status": "insufficient_data",
                    "reason": "Fewer than 30 people.",
                    "n": value,
                }
            )
            continue
        half = abs(value) * 0.12 + 0.01
        rows.append(
            dict(
                quantity=name,
                value=value,
                unit_of=unit,
                status="ok",
                reason="",
                n=412,
                **plant.about(value, half),
            )
        )
    return rows


def _learning(plant):
    curve, measured = [], []
    for week in range(27):
        level = 4.1 - 2.0 * float(np.exp(-week / 6))
        curve.append(
            dict(
                week=float(week),
                level=level,
                people_low=level - 0.7,
                people_high=min(level + 0.6, 4.9),
                n=286,
                **plant.about(level, 0.09 + 0.004 * week),
            )
        )
    for unit in ("all", *UNITS[:3]):
        for week in (0, 1, 2, 3, 4, 12, 26):
            level = 4.1 - 2.0 * float(np.exp(-week / 6)) + float(plant.rng.normal(0, 0.05))
            measured.append(
                dict(
                    week=float(week),
                    unit=unit,
                    mean=level,
                    complete=1 - 0.012 * week,
                    n=int(286 - 3 * week),
                    **plant.about(level, 0.12),
                )
            )
    plant.add("learning_curve", curve)
    plant.add("learning_waves", measured)
    plant.add(
        "learning_spread",
        [
            dict(quantile=q, weeks_to_80=w, n=286, **plant.about(w, 0.15 * w, "weeks_to_80"))
            for q, w in zip(
                [0.05 + 0.1 * tenth for tenth in range(10)],
                [2.6, 3.8, 4.9, 5.9, 7.3, 8.8, 10.9, 13.4, 17.5, 23.0],
                strict=True,
            )
        ],
    )
    plant.add(
        "learning_summary",
        _quantities(
            plant,
            ("half_life", 4.2, "weeks"),
            ("gain", 1.9, "scale points"),
            ("retention", 0.71, "share"),
            ("transfer", SAD, "share"),
        ),
    )
    plant.add(
        "learning_units",
        [
            {
                "unit": unit,
                "level": 3.9 - 0.2 * place if unit != "finance" else HIDDEN,
                "low": 3.7 - 0.2 * place if unit != "finance" else HIDDEN,
                "high": 4.1 - 0.2 * place if unit != "finance" else HIDDEN,
                "gain": 0.1 + 0.06 * place if unit != "finance" else HIDDEN,
                "gain_low": 0.02 + 0.05 * place if unit != "finance" else HIDDEN,
                "gain_high": 0.2 + 0.08 * place if unit != "finance" else HIDDEN,
                "status": "ok",
                "reason": "",
                "n": 60 if unit != "finance" else HIDDEN,
            }
            for place, unit in enumerate(UNITS)
        ],
    )
    plant.add(
        "learning_family",
        [
            {"family": "exponential", "weight": 0.81, "verdict": "supported", "reason": ""},
            {"family": "power", "weight": 0.17, "verdict": "leaning", "reason": ""},
            {"family": "logistic", "weight": 0.02, "verdict": "leaning", "reason": ""},
            {
                "family": "three_phase",
                "weight": SAD,
                "verdict": "not tried",
                "reason": "Needs eight time points.",
            },
        ],
    )
    weekly = [
        dict(
            unit=unit,
            group=group,
            week=float(week),
            mean=level,
            complete=1 - 0.02 * week,
            n=34,
            **plant.about(level, 0.14),
        )
        for unit, group, gain in (
            (UNITS[0], "in_pilot", 1.6),
            (UNITS[0], "not_yet", 0.1),
            (UNITS[1], "in_pilot", 1.2),
        )
        for week in range(5)
        for level in [2.1 + gain * (1 - float(np.exp(-week / 2)))]
    ]
    plant.add("pilot_weeks", weekly)
    plant.add(
        "pilot_paths",
        [
            {
                "unit": unit,
                "started_on": "2024-01-15",
                "change": change,
                "change_low": change - 0.2,
                "change_high": change + 0.2,
                "waiting": 0.1 if place == 0 else SAD,
                "waiting_low": -0.05 if place == 0 else None,
                "waiting_high": 0.25 if place == 0 else None,
                "difference": change - 0.1 if place == 0 else SAD,
                "difference_low": change - 0.35 if place == 0 else None,
                "difference_high": change + 0.15 if place == 0 else None,
                "moving_up": 0.74,
                "holding": 0.15,
                "falling_back": 0.03,
                "left": 0.08,
                "status": "ok",
                "reason": "",
                "n": 34,
            }
            for place, (unit, change) in enumerate(((UNITS[0], 1.4), (UNITS[1], 1.0)))
        ],
    )
    plant.add(
        "organisation_beside",
        [
            {
                "wave": wave,
                "week": 26.0 * place,
                "organisation": 2.6 + 0.2 * place,
                "organisation_low": 2.5 + 0.2 * place,
                "organisation_high": 2.7 + 0.2 * place,
                "people": 2.4 + 0.3 * place,
                "followed": 2.58 + 0.2 * place,
                "n": 412,
            }
            for place, wave in enumerate(WAVES)
        ],
    )
    plant.add("organisation_lag", _quantities(plant, ("lag", 9.0, "weeks"), ("correlation", 0.46, "")))
    plant.add(
        "experience",
        [
            dict(
                team="customer_service",
                measure="answer_time",
                progress_ratio=0.86,
                n_posts=2140,
                status="ok",
                reason="",
                **plant.about(0.86, 0.05, "progress_ratio"),
            ),
            dict(
                team="marketing",
                measure="engagement",
                progress_ratio=1.07,
                n_posts=812,
                status="ok",
                reason="",
                **plant.about(1.07, 0.04, "progress_ratio"),
            ),
            {
                "team": "sales",
                "measure": "engagement",
                "progress_ratio": SAD,
                "n_posts": 44,
                "status": "insufficient_data",
                "reason": "Experience only doubled once.",
                "progress_ratio_low": SAD,
                "progress_ratio_high": SAD,
            },
        ],
    )


def _adoption(plant):
    curve = []
    start = dt.date(2024, 9, 9)
    for step in range(0, 150, 2):
        share = 0.72 / (1 + float(np.exp(-(step - 62) / 17)))
        known = step <= 108
        half = 0.012 if known else 0.02 + 0.0022 * (step - 108)
        curve.append(
            dict(
                at=(start + dt.timedelta(weeks=step)).isoformat(),
                unit="all",
                observed=max(0.0, share + float(plant.rng.normal(0, 0.008))) if known else None,
                fitted=share,
                phase="observed" if known else "forecast",
                n=1124,
                **plant.about(share, half, low=0, high=1),
            )
        )
    plant.add("adoption_curve", curve)
    plant.add(
        "adoption_summary",
        _quantities(
            plant,
            ("p", 0.0021, "per week"),
            ("q", 0.061, "per week"),
            ("m", 0.74, "share"),
            ("peak", 62.0, "weeks"),
        ),
    )
    plant.add(
        "adoption_units",
        [
            {
                "unit": unit,
                "share": 0.74 - 0.09 * place if unit != "finance" else HIDDEN,
                "low": 0.7 - 0.09 * place if unit != "finance" else HIDDEN,
                "high": 0.78 - 0.09 * place if unit != "finance" else HIDDEN,
                "p": 0.002 if unit != "finance" else HIDDEN,
                "q": 0.05 if unit != "finance" else HIDDEN,
                "status": "ok",
                "reason": "",
                "n": HEADS[unit] if unit != "finance" else HIDDEN,
            }
            for place, unit in enumerate(UNITS)
        ],
    )
    plant.add(
        "adoption_backtest",
        [
            {
                "made_on": "2025-06-30",
                "for_date": "2025-12-29",
                "predicted": 0.38,
                "predicted_low": 0.29,
                "predicted_high": 0.48,
                "observed": 0.35,
                "verdict": "inside",
                "skill": 0.42,
                "n": 1124,
            },
            {
                "made_on": "2025-12-29",
                "for_date": "2026-06-29",
                "predicted": 0.58,
                "predicted_low": 0.52,
                "predicted_high": 0.64,
                "observed": 0.66,
                "verdict": "outside",
                "skill": -0.08,
                "n": 1124,
            },
        ],
    )
    weeks = []
    for step in range(0, 110, 2):
        active = 0.45 / (1 + float(np.exp(-(step - 58) / 18))) + float(plant.rng.normal(0, 0.01))
        weeks.append(
            {
                "week": (start + dt.timedelta(weeks=step)).isoformat(),
                "unit": "all",
                "active": max(active, 0.0),
                "new": 0.012,
                "resurrected": 0.02,
                "lapsed": 0.025,
                "depth": 4.2,
                "n": 1124,
            }
        )
    plant.add("participation", weeks)
    plant.add("sustain", _quantities(plant, ("reproduction", 1.18, ""), ("half_life", 31.0, "weeks")))
    plant.add(
        "adoption_sources",
        [
            dict(source=key, share=s, status=st, reason=r, n=412, **plant.about(s, 0.08, low=0))
            for key, s, st, r in (
                ("programme", 0.24, "ok", ""),
                ("organisation", 0.31, "ok", ""),
                ("network", 0.38, "ok", ""),
                ("executives", 0.07, "boundary", "The estimate sits at zero in half of the draws."),
            )
        ],
    )
    plant.add(
        "adoption_tests",
        [
            {
                "test": "permuted_network",
                "value": 0.02,
                "low": 0.0,
                "high": 0.05,
                "verdict": "survives",
                "reason": "",
                "n": 412,
            },
            {
                "test": "future_exposure",
                "value": 0.31,
                "low": 0.12,
                "high": 0.5,
                "verdict": "fails",
                "reason": "",
                "n": 412,
            },
        ],
    )
    plant.add(
        "readiness",
        [
            dict(trait=trait, group=group, ratio=r, status="ok", n=n, **plant.about(r, 0.3, "ratio", low=0))
            for trait, group, r, n in (
                ("role", "manager", 1.5, 71),
                ("role", "executive", 0.8, 14),
                ("tenure", "ten years longer", 1.02, 1124),
            )
        ],
        note="Consistent with the trait, not caused by it. Roles are held against the largest: specialist; a role "
        "also brings its own work and company.",
    )
    plant.add(
        "adopter_classes",
        [
            dict(adopter_class=key, share=s, n=520, **plant.about(s, 0.03, low=0))
            for key, s in (("early", 0.14), ("in_step", 0.6), ("late", 0.26))
        ],
    )


def _path(plant):
    occupancy = []
    for place, wave in enumerate(OPENED):
        shares = (0.46 - 0.06 * place, 0.24 - 0.01 * place, 0.22 + 0.04 * place, 0.08 + 0.03 * place)
        for unit in ("all", "customer_service"):
            for stage, share in zip(STAGES, shares, strict=True):
                occupancy.append(
                    dict(at=wave, unit=unit, stage=stage, share=share, n=690, **plant.about(share, 0.03))
                )
    plant.add("path_occupancy", occupancy)
    flows = []
    moves = (
        ("none", "personal", 0.42),
        ("personal", "internal", 0.61),
        ("internal", "customer", 0.24),
        ("personal", "none", 0.1),
        ("internal", "personal", 0.18),
        ("customer", "internal", 0.12),
        ("none", "internal", 0.15),
    )
    for source, target, rate in moves:
        flows.append(
            dict(
                from_stage=source,
                to_stage=target,
                rate=rate,
                n=84,
                status="ok",
                reason="",
                **plant.about(rate, 0.06, "rate", low=0),
            )
        )
    flows.append(
        {
            "from_stage": "personal",
            "to_stage": "customer",
            "rate": SAD,
            "rate_low": SAD,
            "rate_high": SAD,
            "n": "5-9",
            "status": "not_identified",
            "reason": "Nine people moved so; too few to tell.",
        }
    )
    plant.add("path_flows", flows)
    plant.add(
        "path_outlook",
        [
            dict(
                stage=stage,
                months=12.0,
                probability=p,
                status="ok",
                reason="",
                n=690,
                **plant.about(p, 0.05, "probability", low=0),
            )
            for stage, p in zip(STAGES[:3], (0.08, 0.17, 0.31), strict=True)
        ],
    )
    plant.add(
        "path_time",
        [
            dict(stage=stage, time=t, n=80, status="ok", reason="", **plant.about(t, t / 4, "time"))
            for stage, t in zip(STAGES, (31.0, 14.0, 19.0, 26.0), strict=True)
        ],
    )
    plant.add(
        "path_drivers",
        [
            dict(
                kind="owner_appointed",
                direction=way,
                ratio=r,
                n=34,
                status="ok",
                reason="",
                **plant.about(r, r / 4, "ratio"),
            )
            for way, r in (("forward", 1.6), ("back", 0.9))
        ],
    )
    plant.add("link_test", _quantities(plant, ("link_to_internal", 0.34, ""), ("link_to_external", 0.22, "")))


def _channels(plant):
    channels, weeks, kinds, response = [], [], [], []
    for channel, rate in (("linkedin", 0.031), ("viva_engage", 0.12)):
        for metric, value, unit in (
            ("engagement_by_impressions", rate * 100, "% of impressions"),
            ("posts", 412.0, "posts"),
        ):
            channels.append(
                dict(
                    channel=channel,
                    metric=metric,
                    value=value,
                    unit_of=unit,
                    n_posts=412,
                    status="ok",
                    reason="",
                    **plant.about(value, value * 0.1),
                )
            )
        for month in range(1, 23):
            level = rate * (1 + 0.015 * month) + float(plant.rng.normal(0, rate * 0.08))
            weeks.append(
                dict(
                    channel=channel,
                    month=f"{2025 + (month - 1) // 12}-{(month - 1) % 12 + 1:02d}-01",
                    posts=18,
                    engagement_rate=level,
                    **plant.about(level, rate * 0.18, "engagement_rate", low=0),
                )
            )
        for kind, factor in (("video", 1.4), ("image", 1.1), ("link", 0.7), ("text", 0.9)):
            kinds.append(
                dict(
                    channel=channel,
                    kind=kind,
                    engagement_rate=rate * factor,
                    n_posts=90,
                    **plant.about(rate * factor, rate * 0.2, "engagement_rate"),
                )
            )
        for kind, hours, status in (("all", 5.2, "ok"), ("crisis", 1.4, "insufficient_data")):
            shown = status == "ok"
            response.append(
                {
                    "channel": channel,
                    "kind": kind,
                    "median_hours": hours if shown else SAD,
                    "median_hours_low": hours - 1 if shown else SAD,
                    "median_hours_high": hours + 1.5 if shown else SAD,
                    "answered": 0.84 if shown else SAD,
                    "n_messages": 640 if shown else 6,
                    "status": status,
                    "reason": "" if shown else "Six crisis messages in two years.",
                }
            )
    plant.add("channels", channels)
    plant.add("channel_weeks", weeks)
    plant.add("channel_kinds", kinds)
    plant.add("response", response)


def _actions(plant):
    ledger = []
    for name, kind, on, scope, outcome, effect, half, verdict in (
        ("policy", "policy_published", "2025-03-03", "all", "active_share", 0.04, 0.03, "rose"),
        ("policy", "policy_published", "2025-03-03", "all", "legal", -0.08, 0.05, "fell"),
        ("owner", "owner_appointed", "2025-05-12", "all", "active_share", 0.02, 0.035, "no effect seen"),
        ("training", "training_held", "2025-09-15", "customer_service", "active_share", 0.09, 0.04, "rose"),
        ("ceo", "executive_joined", "2026-01-19", "all", "active_share", None, None, "cannot be told"),
        ("grid_joins", "unit_joined", "2026-03-02", "grid", "active_share", 0.06, 0.04, "rose"),
    ):
        known = effect is not None
        ledger.append(
            dict(
                intervention=name,
                kind=kind,
                starts_on=on,
                scope=scope,
                outcome=outcome,
                design="interrupted series" if scope == "all" else "compared with waiting units",
                effect=effect if known else SAD,
                slope=0.0012 if known else SAD,
                placebo=0.06 if known else SAD,
                detectable=0.05 if known else SAD,
                verdict=verdict,
                reason="" if known else "Another intervention began two weeks before.",
                n=1124,
                **(plant.about(effect, half, "effect") if known else {"effect_low": SAD, "effect_high": SAD}),
            )
        )
    plant.add("interventions", ledger)
    verdicts = ("ahead", "ahead", "level", "not enough to say", "waiting", "waiting")
    rollout = []
    for place, (unit, verdict) in enumerate(zip(UNITS, verdicts, strict=True)):
        joined = verdict != "waiting"
        rollout.append(
            {
                "unit": unit,
                "headcount": HEADS[unit],
                "joined_on": (dt.date(2024, 9, 9) + dt.timedelta(weeks=20 * place)).isoformat()
                if joined
                else "",
                "change": 0.5 - 0.1 * place if joined else None,
                "change_low": 0.3 - 0.1 * place if joined else None,
                "change_high": 0.7 - 0.1 * place if joined else None,
                "waiting": 0.1 if joined else None,
                "waiting_low": -0.05 if joined else None,
                "waiting_high": 0.25 if joined else None,
                "verdict": verdict,
                "n": int(HEADS[unit] * 0.6) if unit != "finance" else HIDDEN,
            }
        )
    plant.add("rollout", rollout)


def _data(plant):
    plant.add(
        "sources",
        [
            {
                "file": "survey_2026-3.csv",
                "format": "qualtrics",
                "variant": "three header rows",
                "table": "responses",
                "rows_in": 30_112,
                "rows_out": 29_874,
                "notes": "238 answers outside the scale left out.",
                "digest": "0f3a9c1b22de",
            },
            {
                "file": "viva_engage.csv",
                "format": "viva_engage",
                "variant": "en",
                "table": "activity",
                "rows_in": 81_220,
                "rows_out": 81_220,
                "notes": "",
                "digest": "77aa01c2e9f4",
            },
        ],
    )
    plant.add(
        "missing_methods",
        [{"part": "comments", "reason": "The client did not opt in to comments."}],
    )


def _claims(fi):
    evidence = Evidence(
        table="learning_curve",
        where=(("week", "26"),),
        text="4.1 of 5 (3.9 to 4.3), 286 people" if not fi else "4,1 / 5 (3,9–4,3), 286 henkilöä",
    )
    findings = (
        Finding(
            key="learning:gain",
            kind="learning",
            question=1,
            claim="People learn: the typical learner gains two points of five in half a year."
            if not fi
            else "Ihmiset oppivat: tyypillinen oppija nousee puolessa vuodessa kaksi pistettä.",
            evidence=(evidence,),
            grade="measured",
            overturn="A tested skill that stays flat." if not fi else "Testattu taito, joka ei nouse.",
            tone="good",
            weight=0.9,
        ),
        Finding(
            key="bottleneck",
            kind="flow",
            question=2,
            claim="Measuring and evaluating holds the flow back."
            if not fi
            else "Mittaaminen ja arviointi pidättelee virtausta.",
            evidence=(
                Evidence(
                    table="bottleneck",
                    where=(("factor", "measuring"),),
                    text="weakest in 91 % of the draws" if not fi else "heikoin 91 %:ssa arvonnoista",
                ),
            ),
            grade="measured",
            overturn="A wave in which another factor is weaker."
            if not fi
            else "Aalto, jossa toinen tekijä on heikompi.",
            remedy="Agree on three figures a month, and who looks at them."
            if not fi
            else "Sopikaa kolmesta kuukausiluvusta ja siitä, kuka ne katsoo.",
            factor="measuring",
            tone="bad",
            weight=0.95,
            caveat="Self-rated." if not fi else "Itse arvioitu.",
        ),
        Finding(
            key="barrier:time",
            kind="barriers",
            question=3,
            claim="Half of the people say they are too busy, and most of it is an excuse."
            if not fi
            else "Puolet sanoo olevansa liian kiireisiä, ja suurin osa siitä on tekosyytä.",
            evidence=(
                Evidence(table="barriers", text="47 % (43 to 51), 697 people" if not fi else "47 % (43–51)"),
            ),
            grade="tested",
            overturn="Diaries that show no free hour." if not fi else "Päiväkirjat ilman vapaata tuntia.",
            remedy="Let an executive set an hour a week aside, and take part."
            if not fi
            else "Johtaja varatkoon tunnin viikossa ja osallistukoon itse.",
            tone="bad",
            weight=0.8,
        ),
    )
    said = (
        (
            1,
            "yes",
            "Yes: people learn, the typical learner twice as much as in the first pilot.",
            "Kyllä: ihmiset oppivat, tyypillinen oppija kaksi kertaa niin paljon kuin ensimmäisessä "
            "pilotissa.",
            "learning:gain",
        ),
        (
            2,
            "partly",
            "Partly: the link grows stronger, but measuring stands still.",
            "Osittain: linkki vahvistuu, mutta mittaaminen polkee paikallaan.",
            "bottleneck",
        ),
        (
            3,
            "act",
            "Start measuring what you do, and give people an hour a week.",
            "Alkakaa mitata tekemistänne ja antakaa ihmisille tunti viikossa.",
            "barrier:time",
        ),
    )
    answers = tuple(
        Answer(
            question=question,
            verdict=verdict,
            headline=finnish if fi else english,
            because="It rests on 286 learners over 26 weeks and on six waves."
            if not fi
            else "Perustuu 286 oppijaan 26 viikon ajalta ja kuuteen aaltoon.",
            uncertainty="Fairly sure: the interval is narrow, but skills are self-rated."
            if not fi
            else "Melko varma: väli on kapea, mutta taidot ovat itse arvioituja.",
            findings=(key,),
        )
        for question, verdict, english, finnish, key in said
    )
    actions = tuple(
        Action(what=what, why=why, finding=finding, factor=factor, when=when)
        for what, why, finding, factor, when in (
            (
                "Agree on three figures a month" if not fi else "Sopikaa kolmesta kuukausiluvusta",
                "Measuring is the weakest factor." if not fi else "Mittaaminen on heikoin tekijä.",
                "bottleneck",
                "measuring",
                "before January" if not fi else "ennen tammikuuta",
            ),
            (
                "Give every team an hour a week" if not fi else "Antakaa joka tiimille tunti viikossa",
                "Time is named most." if not fi else "Kiire mainitaan useimmin.",
                "barrier:time",
                "learning_culture",
                "from February" if not fi else "helmikuusta alkaen",
            ),
            (
                "Repeat the pilot in Grid" if not fi else "Toistakaa pilotti Verkossa",
                "It worked in Customer service." if not fi else "Se toimi Asiakaspalvelussa.",
                "learning:gain",
                "",
                "",
            ),
        )
    )
    return findings, answers, actions


def planted_release(language="en", *, seed=20261122, brand=None):
    """Give a release in which every table of the catalogue holds plausible planted numbers."""
    fi = language == "fi"
    plant = Planter(seed, 1124)
    for fill in (
        _survey,
        _survey_more,
        _people,
        _learning,
        _adoption,
        _path,
        _channels,
        _actions,
        _data,
    ):
        fill(plant)
    clients = {name for name, spec in CATALOGUE.items() if spec.section != "portfolio"}
    assert set(plant.tables) == clients, clients - set(plant.tables)
    findings, answers, actions = _claims(fi)
    labels = dict(FINNISH if fi else ENGLISH)
    labels |= dict(zip(WAVES, WAVES, strict=True))
    labels |= {
        "policy": "Someohje" if fi else "Social media policy",
        "owner": "Yhteisömanageri" if fi else "Community manager",
        "training": "Pilottikoulutus" if fi else "Pilot training",
        "ceo": "Toimitusjohtaja mukaan" if fi else "CEO joins",
        "grid_joins": "Verkko mukaan" if fi else "Grid joins",
        "linkedin": "LinkedIn",
        "viva_engage": "Viva Engage",
    }
    return Release(
        client="northern_grid",
        name="Pohjolan Verkko" if fi else "Northern Grid & Partners",
        language=language,
        as_of="2026-11-15",
        brand=brand or Brand(),
        tables=plant.tables,
        labels=labels,
        findings=findings,
        answers=answers,
        actions=actions,
        what_if=WhatIf(
            start=(0.31, 0.42, 0.27),
            centre=(0.002, 0.06, 0.01, 0.02, 0.015, 0.9),
            draws=tuple(
                tuple(float(v) for v in np.round(row, 5))
                for row in plant.rng.normal((0.002, 0.06, 0.01, 0.02, 0.015, 0.9), 0.0004, (24, 6))
            ),
            assumed=("e", "r"),
            levers=(
                Lever(key="push", acts_on="u", now=1.0, low=0.0, high=2.0, step=0.1, source="estimated"),
            ),
            starts_on="2026-11-16",
            eligible=1120,
        ),
        method={"params": "3f2a90c1", "version": "0.1.0", "seed": "20261122", "python": "3.11"},
        audit={"proposed": "2,412", "shown": "2,190", "hidden": "222", "attacks": "12", "found": "0"},
    )


def silent_release(language="en"):
    """Give a release in which no table holds a number: every one refused, with its reason."""
    tables = {
        name: Table(spec=spec, rows=(), reason="Two waves are too few for this.")
        for name, spec in CATALOGUE.items()
        if spec.section != "portfolio"
    }
    return Release(
        client="tiny", name="Tiny Firm", language=language, as_of="2026-11-15", brand=Brand(), tables=tables
    )


def veiled_release(language="en"):
    """Give the planted release with every number hidden by the gate, row by row."""
    full = planted_release(language)
    tables = {}
    for name, table in full.tables.items():
        rows = tuple(
            tuple(
                HIDDEN if isinstance(cell, int | float) and not isinstance(cell, bool) else cell
                for cell in row
            )
            for row in table.rows
        )
        tables[name] = Table(spec=table.spec, rows=rows, note=table.note)
    return Release(
        client="veiled", name="Veiled", language=language, as_of="2026-11-15", brand=Brand(), tables=tables
    )
