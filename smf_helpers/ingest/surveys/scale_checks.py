"""Answers outside the scale of a described item, and texts that are no answer on it, are refused."""

from typing import Final

import numpy as np

from smf_helpers.ingest.catalogue import ItemSpec
from smf_helpers.ingest.readers import Reading
from smf_helpers.ingest.surveys.answers import Answers
from smf_helpers.ingest.surveys.layout import SurveyTable

_SHOWN: Final = 5


def check_scale(spec: ItemSpec, answers: Answers, table: SurveyTable, reading: Reading) -> None:
    """Refuse answers outside the scale of a described item, and texts that are no answer on it."""
    if not spec.module or spec.low is None or spec.high is None:
        return
    place, lines = table.grid.place, table.grid.line_numbers()
    if answers.unknown.any():
        where = ", ".join(str(line) for line in lines[answers.unknown][:_SHOWN])
        what = f"{spec.item}: {int(answers.unknown.sum())} answers are no numbers and no known labels (lines {where})."
        reading.fail("S203", place, what, "Give `labels:` for this item: answer text → number.")
    values = answers.values
    seen = answers.distinct if answers.distinct is not None else values
    points = seen[np.isfinite(seen)]
    whole = spec.composite or spec.high - spec.low > 10 or bool((points == np.rint(points)).all())
    if whole and len(points) and spec.low <= points.min() and points.max() <= spec.high:
        return
    with np.errstate(invalid="ignore"):
        outside = (values < spec.low) | (values > spec.high)
        split = (
            np.isfinite(values)
            & (values != np.rint(values))
            & (spec.high - spec.low <= 10)
            & (not spec.composite)
        )
    if outside.any():
        found = np.unique(values[np.isfinite(values)])
        guess = _other_scale(found, spec)
        where = ", ".join(str(line) for line in lines[outside][:_SHOWN])
        scale = f"{spec.low:g}-{spec.high:g}"
        if guess:
            reading.fail(
                "S202", place, f"{spec.item}: the scale looks like {guess}, not {scale}.",
                "Set `scale:` of the item, or name it under `not_comparable:` of the wave.",
            )  # fmt: skip
        else:
            what = f"{spec.item}: {int(outside.sum())} values outside {scale} (lines {where})."
            reading.fail("S201", place, what, "Set `missing_codes:` if they mean no answer.")
    if split.any():
        where = ", ".join(str(line) for line in lines[split][:_SHOWN])
        what = f"{spec.item}: {int(split.sum())} answers lie between the points of the scale (lines {where})."
        reading.fail("S204", place, what, "Export single answers, not means.")
    if not np.isfinite(values).any() and len(values) and not answers.unknown.any():
        reading.warn("S126", place, f"{spec.item}: nobody answered; it is left out of the scores.")


def _other_scale(found: np.ndarray, spec: ItemSpec) -> str:
    """Name the scale that the values fit when they do not fit the item's own."""
    if spec.low is None or spec.high is None or len(found) < 4 or not np.all(found == np.rint(found)):
        return ""
    low, high = found.min(), found.max()
    if low == 0 and high == spec.high - 1:
        return f"0-{high:g}"
    return next((f"1-{top}" for top in (6, 7, 10) if low >= 1 and spec.high < high == top), "")
