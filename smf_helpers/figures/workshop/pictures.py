"""What the wall shows of a tally: the group's double cycle, its guesses, its barriers. Nothing is estimated."""

from collections.abc import Sequence
from html import escape

from smf_helpers.figures import sketch, svg
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.vocabulary import LABELS, SHORT
from smf_helpers.figures.workshop.ballots import CURVES, EXCUSE, REASON, Tally
from smf_helpers.figures.workshop.words import CURVE_NAMES, DRAWING, PAGE, REMEDIES
from smf_helpers.framework import BARRIERS, FACTORS, LINK
from smf_helpers.language import Language

CLEAR = 0.1
"""Scale points by which the weakest factor must lie below the next to be called the bottleneck."""

WIDE, HIGH = 360.0, 190.0


def means(tally: Tally) -> dict[str, float | None]:
    """Give the mean answer of each item, None where it is not shown.

    Examples
    --------
    >>> means({"listening": {1: 2, 5: 2}, "engaging": {}})
    {'listening': 3.0, 'engaging': None}
    """
    found: dict[str, float | None] = {}
    for item, counts in tally.items():
        n = sum(counts.values())
        found[item] = sum(choice * count for choice, count in counts.items()) / n if n else None
    return found


def bottleneck(scores: dict[str, float | None]) -> str:
    """Name the weakest factor when it lies clearly below the next, else nothing.

    Examples
    --------
    >>> bottleneck({"listening": 2.0, "engaging": 3.0}), bottleneck({"listening": 2.0, "engaging": 2.05})
    ('listening', '')
    """
    told = sorted((score, item) for item, score in scores.items() if score is not None)
    return told[0][1] if len(told) > 1 and told[1][0] - told[0][0] >= CLEAR else ""


def cycle_picture(scores: dict[str, float | None], language: Language) -> str:
    """Draw the double cycle of a group as SVG, from its mean for each factor."""
    if not any(score is not None for score in scores.values()):
        return ""
    weakest = bottleneck(scores)
    stations = [
        {
            "key": factor.key,
            "name": language.text(
                factor.label if factor.key == LINK else SHORT.get(factor.key, factor.short)
            ),
            "value": scores[factor.key],
            "low": scores[factor.key],
            "high": scores[factor.key],
            "score": "–" if (score := scores[factor.key]) is None else language.number(score, 1),
            "range": "",
            "held": factor.key == weakest,
        }
        for factor in FACTORS
    ]
    cycles = []
    for key, (name, kind) in DRAWING.items():
        told = [s for f in FACTORS if f.cycle == key and (s := scores[f.key]) is not None]
        flow = language.number(sum(told) / len(told), 1) if told else "–"
        words = {"name": language.text(name), "kind": language.text(kind)}
        cycles.append({"key": key, **words, "flow": language.text("flow {flow}", flow=flow)})
    drawing = {
        "stations": stations,
        "cycles": cycles,
        "held": language.text("holds the flow back"),
    }
    return sketch(Plate(name="double_cycle", headline="", shape="drawing", drawing=drawing))


def barrier_picture(tally: Tally, language: Language) -> str:
    """Lay out reason against excuse, barrier by barrier, each with its remedy."""
    lines = []
    for barrier in BARRIERS:
        counts = tally.get(barrier, {})
        n = sum(counts.values())
        if not n:
            continue
        share = counts[REASON] / n
        reason, excuse = language.percent(share), language.percent(counts[EXCUSE] / n)
        lines.append(
            f'<div class="split"><b>{escape(language.text(LABELS[barrier]))}</b>'
            f'<span class="bar"><i style="width:{100 * share:.0f}%"></i></span>'
            f'<span class="ends"><span>{escape(language.text(PAGE["reason"]))} {reason}</span>'
            f"<span>{escape(language.text(PAGE['excuse']))} {excuse}</span></span>"
            f"<em>{escape(language.text(REMEDIES[barrier]))}</em></div>"
        )
    return "".join(lines)


def shape(name: str, at: float) -> float:
    """Give the height in [0, 1] of one of the four shapes at a time in [0, 1].

    Examples
    --------
    >>> [shape(name, 0.0) for name in CURVES], shape("straight", 1.0)
    ([0.0, 0.0, 0.0, 0.0], 1.0)
    """
    if name == "straight":
        return at
    if name == "late":
        return 0.0 if at == 0 else at**4 / (at**4 + (1 - at) ** 4)
    halvings = 8.0 if name == "fast" else 3.0
    return float((1 - 2.0 ** (-halvings * at)) / (1 - 2.0**-halvings))


def curves_picture(
    tally: Tally, language: Language, truth: Sequence[tuple[float, float]] = (), name: str = ""
) -> str:
    """Draw the four shapes with the guesses, and the measured curve over each once it is revealed."""
    counts = tally.get("curve", {})
    drawn = [
        _curve(key, language, counts.get(place, 0) if counts else None, truth)
        for place, key in enumerate(CURVES, start=1)
    ]
    if truth:
        drawn.append(f'<p class="measured">{escape(language.text(PAGE["measured"], name=name))}</p>')
    return "".join(drawn)


def _curve(key: str, language: Language, n: int | None, truth: Sequence[tuple[float, float]]) -> str:
    points = [(20 + (WIDE - 40) * t / 60, HIGH - 20 - (HIGH - 40) * shape(key, t / 60)) for t in range(61)]
    parts = [svg.element("path", d=svg.path(points), class_="guess")]
    if truth:
        parts.append(svg.element("path", d=svg.path(_scaled(truth)), class_="truth"))
    title = escape(language.text(CURVE_NAMES[key]))
    said = "" if n is None else escape(language.text(PAGE["guessed"], n=language.number(n, 0)))
    box = {"viewBox": f"0 0 {WIDE:.0f} {HIGH:.0f}", "preserveAspectRatio": "none"}
    drawn = svg.element("svg", *parts, **box, class_="curve")
    return f'<figure class="shape"><figcaption>{title}</figcaption>{drawn}<p>{said}</p></figure>'


def _scaled(truth: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Put a measured curve into the frame of the four shapes: its first level at the foot, its last at the top."""
    last = truth[-1][0] or 1.0
    foot, top = truth[0][1], truth[-1][1]
    rise = (top - foot) or 1.0
    return [
        (20 + (WIDE - 40) * week / last, HIGH - 20 - (HIGH - 40) * (level - foot) / rise)
        for week, level in truth
    ]
