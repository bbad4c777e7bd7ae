"""From looks at people to pairs of looks: the bookkeeping before a path is fitted."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import Fault, ModelError
from smf_helpers.models.path_likelihood import Ints, Pairs
from smf_helpers.results.path import Floats

if TYPE_CHECKING:
    import pandas as pd

DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Every look at a person, sorted by person and time.

    Attributes
    ----------
    person : index of the person, -1 for all where people are unknown.
    names : key of each person, by index.
    at : time of the look in `unit`.
    label : the time as the caller wrote it.
    stage : index of the stage.
    unit : ``year`` for dates, else the caller's own unit.
    note : what had to be settled on the way, in words.
    """

    person: Ints
    names: npt.NDArray[Any]
    at: Floats
    label: npt.NDArray[Any]
    stage: Ints
    unit: str
    note: str = ""

    @property
    def anonymous(self) -> bool:
        """Whether nobody can be followed from one look to the next."""
        return len(self.person) == 0 or bool(np.all(self.person < 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRecords:
    """Consecutive looks at the same people, one entry a pair; `stayed` is -1 for a first pair."""

    person: Ints
    begin: Floats
    end: Floats
    source: Ints
    target: Ints
    stayed: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """Covariates as steps in time: each distinct history once, and which person has which."""

    names: tuple[str, ...]
    histories: tuple[tuple[Floats, Floats], ...]
    of_person: Ints

    def at(self, history: int, when: float) -> Floats:
        """Give the values that hold from `when` on; 0 before the first step."""
        times, values = self.histories[history]
        k = int(np.searchsorted(times, when, side="right")) - 1
        return values[k] if k >= 0 else np.zeros(len(self.names))


def clock(values: "pd.Series[Any]") -> tuple[Floats, str]:
    """Give times as numbers: years for dates, the numbers themselves otherwise."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan), "unit"
    moments = pd.to_datetime(values, utc=True)
    days = (moments - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
    return days.to_numpy(dtype=float) / DAYS_A_YEAR, "year"


def read_looks(observations: "pd.DataFrame", stages: tuple[str, ...]) -> Looks:
    """Check and sort the observations; of several looks at one time the furthest stage counts.

    Raises
    ------
    ModelError
        When a column is missing or a stage is not one of `stages`; says how many rows.
    """
    import pandas as pd

    missing = [name for name in ("at", "stage") if name not in observations]
    if missing:
        raise ModelError(
            *(
                Fault(code="M301", where="observations", what=f"The column '{name}' is missing.")
                for name in missing
            )
        )
    known = observations["stage"].notna() & observations["at"].notna()
    rows = observations[known]
    place = pd.Series({stage: k for k, stage in enumerate(stages)}, dtype="int64")
    stage = rows["stage"].map(place)
    if stage.isna().any():
        what = f"{int(stage.isna().sum())} rows hold a stage that is not on the path."
        raise ModelError(
            Fault(code="M302", where="observations.stage", what=what, remedy=f"Use: {', '.join(stages)}.")
        )
    at, unit = clock(rows["at"])
    if "person" in rows and rows["person"].notna().any():
        keep = rows["person"].notna().to_numpy()
        person, names = pd.factorize(rows["person"][keep].astype(str), sort=True)
    else:
        keep = np.ones(len(rows), dtype=bool)
        person, names = np.full(len(rows), -1), np.empty(0, dtype=object)
    at, label = at[keep], rows["at"].to_numpy()[keep]
    place_of = stage.to_numpy(dtype=int)[keep]
    order = np.lexsort((place_of, at, person))
    person, at, place_of, label = person[order], at[order], place_of[order], label[order]
    notes = []
    if not keep.all():
        notes.append(f"{int((~keep).sum())} looks at unknown people are left out")
    if len(names):
        again = np.append((person[1:] == person[:-1]) & (at[1:] == at[:-1]), False)
        if again.any():
            notes.append(f"of {int(again.sum())} repeated looks the furthest stage counts")
        person, at, place_of, label = (column[~again] for column in (person, at, place_of, label))
    return Looks(
        person=person,
        names=np.asarray(names),
        at=at,
        label=label,
        stage=place_of,
        unit=unit,
        note="; ".join(notes),
    )


def pair_up(looks: Looks) -> PairRecords:
    """Join each look to the next one at the same person."""
    same = looks.person[1:] == looks.person[:-1] if not looks.anonymous else np.zeros(0, dtype=bool)
    first = np.flatnonzero(same)
    follows = np.zeros(len(same) + 1, dtype=bool)
    follows[1:] = same
    before = np.where(follows[first], first - 1, first)
    stayed = np.where(follows[first], (looks.stage[before] == looks.stage[first]).astype(int), -1)
    return PairRecords(
        person=looks.person[first],
        begin=looks.at[first],
        end=looks.at[first + 1],
        source=looks.stage[first],
        target=looks.stage[first + 1],
        stayed=stayed,
    )


def read_tracks(covariates: "pd.DataFrame | None", looks: Looks) -> Tracks:
    """Read covariates that change in time: a row says what holds from ``at`` on.

    Rows without a person hold for everybody; people who are not named have 0 throughout.
    """
    if covariates is None or not len(covariates):
        return Tracks(
            names=(),
            histories=((np.empty(0), np.empty((0, 0))),),
            of_person=np.zeros(len(looks.names), dtype=int),
        )
    if "at" not in covariates:
        raise ModelError(Fault(code="M301", where="covariates", what="The column 'at' is missing."))
    names = tuple(str(name) for name in covariates.columns if name not in ("at", "person"))
    at, _ = clock(covariates["at"])
    values = covariates[list(names)].to_numpy(dtype=float, na_value=0.0)
    if "person" not in covariates:
        order = np.argsort(at, kind="stable")
        return Tracks(
            names=names,
            histories=((at[order], values[order]),),
            of_person=np.zeros(len(looks.names), dtype=int),
        )
    histories: list[tuple[Floats, Floats]] = [(np.empty(0), np.empty((0, len(names))))]
    known: dict[bytes, int] = {b"": 0}
    of_person = np.zeros(len(looks.names), dtype=int)
    place = {name: k for k, name in enumerate(looks.names)}
    for person, rows in covariates.assign(_row=np.arange(len(covariates))).groupby("person")["_row"]:
        if str(person) not in place:
            continue
        index = rows.to_numpy()
        index = index[np.argsort(at[index], kind="stable")]
        key = at[index].tobytes() + values[index].tobytes()
        if key not in known:
            known[key] = len(histories)
            histories.append((at[index], values[index]))
        of_person[place[str(person)]] = known[key]
    return Tracks(names=names, histories=tuple(histories), of_person=of_person)


def group_pairs(records: PairRecords, tracks: Tracks, n_stages: int, *, by_stay: bool = False) -> Pairs:
    """Count pairs alike in times and covariates; cut each where a covariate changes.

    With `by_stay` the last covariate says whether the person was seen in the same stage before.
    """
    history = tracks.of_person[records.person] if len(tracks.names) else np.zeros_like(records.person)
    gap = np.round(records.end - records.begin, 9)
    begin = np.where(len(tracks.names) > 0, records.begin, 0.0)
    flag = records.stayed if by_stay else np.zeros_like(records.stayed)
    keys = np.stack([begin, gap, history.astype(float), flag.astype(float)], axis=1)
    groups, index = np.unique(keys, axis=0, return_inverse=True)
    index = index.ravel()
    cell = (index * n_stages + records.source) * n_stages + records.target
    counts = np.bincount(cell, minlength=len(groups) * n_stages**2)
    known: dict[tuple[float, ...], int] = {}
    chains: list[list[int]] = []
    for start, length, track, stay in groups:
        chain = []
        times = tracks.histories[int(track)][0]
        cuts = times[(times > start) & (times < start + length)]
        edges = np.unique(np.concatenate([[start], cuts, [start + length]]))
        for left, right in pairwise(edges):
            level = tuple(tracks.at(int(track), float(left))) + ((float(stay),) if by_stay else ())
            key = (round(float(right - left), 9), *level)
            chain.append(known.setdefault(key, len(known)))
        chains.append(chain)
    widest = max((len(chain) for chain in chains), default=1)
    pieces = np.full((len(chains), widest), -1)
    for row, chain in zip(pieces, chains, strict=True):
        row[: len(chain)] = chain
    table = np.array(list(known)).reshape(len(known), 1 + len(tracks.names) + by_stay)
    return Pairs(
        counts=counts.reshape(len(groups), n_stages, n_stages).astype(float),
        pieces=pieces,
        length=table[:, 0],
        level=table[:, 1:],
    )
