"""What the trainer shows beside the votes: an invented organisation, or the release of their own client."""

import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from smf_helpers.release.file import open_release
from smf_helpers.results.released import Release

_SAMPLE: Final = Path(__file__).parents[1] / "assets" / "what_if_vectors.json"
SAMPLE_HALF_LIFE, SAMPLE_WEEKS = 4.0, 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The what-if and the learning curve that the wall shows.

    Attributes
    ----------
    what_if : the model's specification.
    curve : level of the typical learner by week.
    name : whose curve it is; empty for the invented organisation.
    invented : what a release did not hold, in words, so that the invented organisation stands in.
    """

    what_if: dict[str, Any]
    curve: tuple[tuple[float, float], ...]
    name: str = ""
    invented: tuple[str, ...] = ()


def sample_material() -> Material:
    """Give an invented organisation, whose learners halve what they have left to learn every four weeks."""
    vectors = json.loads(_SAMPLE.read_text(encoding="utf-8"))
    spec = max((each["what_if"] for each in vectors), key=lambda each: len(each["levers"]))
    spec["centre"] = [statistics.median(drawn) for drawn in zip(*spec["draws"], strict=True)]
    weeks = range(SAMPLE_WEEKS + 1)
    return Material(
        what_if=spec, curve=tuple((float(week), 1 - 2 ** (-week / SAMPLE_HALF_LIFE)) for week in weeks)
    )


def open_material(source: Path | Release | None) -> Material:
    """Take what the wall shows from a release; what it does not hold comes from the invented organisation.

    Parameters
    ----------
    source : a release, the path of one, or None for the invented organisation.

    Raises
    ------
    SMFError : the file cannot be read as a release.
    """
    sample = sample_material()
    if source is None:
        return sample
    release = open_release(source) if isinstance(source, Path) else source
    table = release.tables.get("learning_curve")
    rows = table.records() if table else []
    curve = tuple((float(r["week"]), float(r["level"])) for r in rows if isinstance(r["level"], int | float))
    told = len(curve) > 2
    lacking = (("the what-if", release.what_if is None), ("the learning curve", not told))
    return Material(
        what_if=asdict(release.what_if) if release.what_if else sample.what_if,
        curve=curve if told else sample.curve,
        name=release.name if told else "",
        invented=tuple(words for words, lacks in lacking if lacks),
    )
