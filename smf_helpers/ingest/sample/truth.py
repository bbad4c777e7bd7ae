"""What is true of a sample client: known to the tests, never written beside the data or into a report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Diffusion:
    """The Bass process behind the internal platform: outside push `p`, imitation `q`, `eligible` people."""

    launched_on: date
    p: float
    q: float
    eligible: int
    pushes: Mapping[date, float] = field(default_factory=dict)
    adopters: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTruth:
    """The planted truths of one sample client.

    Attributes
    ----------
    name : the client.
    seed : seed of the generator.
    units : unit → headcount.
    waves : wave → (first day, last day).
    factor_means : wave → factor → mean over everybody employed, respondents or not, on 1-5.
    unit_means : wave → unit → factor → the same in a unit.
    barrier_shares : wave → barrier → share of everybody employed who name it.
    respondents : wave → number of answers in the export.
    rising, bottleneck : the factor that rises, the weakest factor.
    remedied_barrier : barrier and the name of the intervention after which it falls, or None.
    unchanged_units : units whose factors have the same planted mean in every wave.
    effects : name of an intervention → what it truly changed (0 for none), in the words of `effect_of`.
    effect_of : what the effects are measured on.
    diffusion : the process behind the internal platform, if there is one.
    learners : learner → (first level, last level, rate a week) of the planted learning curves.
    answer_hours : planted mean hours to an answer, outside and inside the crisis.
    experience : exponent of the channel's experience curve (log engagement rate on log number of posts).
    counts : canonical table → rows that the exports hold when read without loss.
    """

    name: str
    seed: int
    units: Mapping[str, int]
    waves: Mapping[str, tuple[date, date]]
    factor_means: Mapping[str, Mapping[str, float]]
    unit_means: Mapping[str, Mapping[str, Mapping[str, float]]]
    barrier_shares: Mapping[str, Mapping[str, float]]
    respondents: Mapping[str, int]
    rising: str | None = None
    bottleneck: str | None = None
    remedied_barrier: tuple[str, str] | None = None
    unchanged_units: tuple[str, ...] = ()
    effects: Mapping[str, float] = field(default_factory=dict)
    effect_of: str = ""
    diffusion: Diffusion | None = None
    learners: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    answer_hours: tuple[float, float] | None = None
    experience: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample client: its files as path below the client's folder → bytes, and its truth."""

    name: str
    files: Mapping[str, bytes]
    truth: SampleTruth
