"""What the gate decides, what the attacker finds, and what the audit of the delivered files says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from smf_helpers.results.publication import Dims, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCell:
    """One published figure about a group of people, as an attacker reads it.

    Attributes
    ----------
    measure : what was measured; cells of one measure and wave can be combined.
    wave : population or wave; cells of different waves are never combined.
    dims : the group, as sorted (dimension, value) pairs; empty for everybody.
    n_low, n_high : bounds of the published number of people (equal when exact).
    low, high : bounds of the mean that the published figure allows, rounding included.
    scale : lowest and highest possible answer.
    answers : how many people answered, as the gate knows; an attacker has `n_low` and `n_high`.
    """

    measure: str
    wave: str
    dims: Dims
    n_low: int
    n_high: int
    low: float
    high: float
    scale: tuple[float, float] = (1.0, 5.0)
    answers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Something about fewer people than the minimum that the published cells give away.

    Attributes
    ----------
    attack : ``span``, ``support``, ``count``, ``interval``, ``items``, ``comments`` or ``unanimity``.
    measure, wave : where.
    target : the group found out, in words.
    n : people in it; None where only their number is bounded.
    low, high : what the attacker knows of their mean; None where only a count is known.
    """

    attack: str
    measure: str
    wave: str
    target: str
    n: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """What the attacker tried and what he found.

    Attributes
    ----------
    findings : every breach; empty when nothing about a small group can be found.
    tried : attack → number of targets tried.
    advisories : what he may suppose, no proof: the answer of one to four newcomers or leavers of a group between
        two waves, if nobody else changed an answer.
    """

    findings: tuple[Breach, ...]
    tried: Mapping[str, int] = field(default_factory=dict)
    advisories: tuple[Breach, ...] = ()

    def __repr__(self) -> str:
        return f"Attack({len(self.findings)} found, {sum(self.tried.values())} tried)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedGroup:
    """A group of a population that has been made public, for the ledger.

    Attributes
    ----------
    population : key of the population.
    dims : the group.
    members : pseudonyms of its people, sorted.
    figures : what was published about it, sorted by measure; None in a ledger that did not keep figures yet.
    issue : digest of the answers it was made from, where these are others than those at hand; else empty.
    """

    population: str
    dims: Dims
    members: tuple[str, ...]
    figures: tuple[PublishedCell, ...] | None = None
    issue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """What the gate lets through.

    Attributes
    ----------
    tables : the released tables by name, rounded, refused cells marked.
    groups : every group of people that becomes public with them.
    audit : what was proposed, shown, hidden, tried and found, as text values.
    cells : the published figures about people, as the attacker reads them.
    """

    tables: Mapping[str, Table]
    groups: tuple[ReleasedGroup, ...]
    audit: Mapping[str, str]
    cells: tuple[PublishedCell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAudit:
    """What the audit of the delivered files says.

    Attributes
    ----------
    files : names of the files that were read.
    numbers : numbers that were traced.
    surplus : places of numbers that the release does not hold.
    leaks : places of tokens of respondents or of other clients; the tokens themselves are not told.
    dangers : places of scripts, formulas, outside addresses and other things a file must not hold.
    attack : what the attacker found over everything that was delivered.
    """

    files: tuple[str, ...]
    numbers: int
    surplus: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    dangers: tuple[str, ...] = ()
    attack: Attack = Attack(findings=())

    @property
    def passed(self) -> bool:
        """Whether the files may be delivered."""
        return not (self.surplus or self.leaks or self.dangers or self.attack.findings)
