"""One client, private: tables, measures, fits, findings, each computed once, when first asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from smf_helpers.errors import SMFError
from smf_helpers.params import ClientParams, client_folder
from smf_helpers.params.look import LOOK_FILES, look_address
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.claims import Action, Answer, Finding
from smf_helpers.results.publication import GroupRef, Population, Proposal, Table
from smf_helpers.results.released import Brand, Release
from smf_helpers.results.what_if import WhatIf
from smf_helpers.workbook.proposing import ALL, PROPOSER_OF, PROPOSERS

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


class Workbook:
    """A client's private workbook.

    Parameters
    ----------
    params : the client's params.
    tables : canonical tables by name; a table that the client has no data for may be absent.
    log : the load log, one row a file.
    key_id : digest of the client's key, kept with the waves.
    root : the project's top folder.
    order : keyed hash by which comments are sorted, so that their order tells nothing.
    late : what was asked for answers that came after their wave was released.
    marks : digests of ids and comments, which the audit looks for in the finished files.
    """

    def __init__(
        self,
        params: ClientParams,
        tables: "Mapping[str, pd.DataFrame]",
        *,
        log: "pd.DataFrame | None" = None,
        key_id: str = "",
        root: str = ".",
        marks: Sequence[str] = (),
        order: Callable[[str], str] = str,
        late: str = "",
    ) -> None:
        self.params = params
        self.log = log
        self.key_id = key_id
        self.root = root
        self.marks = tuple(marks)
        self.order = order
        self.late = late
        self._tables = dict(tables)
        self._made: dict[str, Any] = {}

    def __repr__(self) -> str:
        held = ", ".join(f"{name} {len(rows)}" for name, rows in self._tables.items() if len(rows))
        return f"Workbook({self.params.client}: {held})"

    def rows(self, name: str) -> "pd.DataFrame":
        """Give the canonical table of that name, empty where the client has no such data."""
        from smf_helpers.tables import empty

        if name not in self._tables:
            self._tables[name] = empty(name)
        return self._tables[name]

    def behind(self, name: str, **where: Any) -> "pd.DataFrame":
        """Give the canonical rows behind a table, or behind one of its rows: ``behind("factors", factor="listening")``."""
        from smf_helpers.workbook.behind import rows_behind

        return rows_behind(self, name, **where)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Compute something once: the second call with the same name gives the first result."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]  # type: ignore[no-any-return]

    @cached_property
    def waves(self) -> list[str]:
        """Survey waves in the order in which they were opened."""
        frame = self.rows("waves").sort_values(["opened_on", "wave"])
        return [str(wave) for wave in frame["wave"]]

    @cached_property
    def units(self) -> list[str]:
        """Units as the params order them, then those that only the data know."""
        declared = [unit.name for unit in self.params.organisation.units]
        seen = self.rows("units")["unit"].astype(str).tolist()
        return [*declared, *sorted(set(seen) - set(declared))]

    @cached_property
    def headcounts(self) -> dict[str, int]:
        """Headcount by unit where it is known; ``all`` is the whole organisation."""
        units = self.rows("units").dropna(subset=["headcount"])
        known = {str(unit): int(n) for unit, n in zip(units["unit"], units["headcount"], strict=True)}
        whole = self.params.organisation.headcount or (sum(known.values()) if known else 0)
        return {**known, ALL: whole} if whole else known

    def group(self, population: str, unit: str = ALL) -> tuple[GroupRef, ...]:
        """Name the people of a unit in a population; everybody by default."""
        return (GroupRef(population=population, dims=() if unit == ALL else (("unit", unit),)),)

    def populations(self) -> dict[str, Population]:
        """Give everybody whom a published number may be about, population by population."""
        from smf_helpers.workbook.people import populations

        return self.once("populations", lambda: populations(self))

    def proposals(self) -> list[Proposal]:
        """Give everything that could be published, over all sections and waves."""
        return [proposal for subject in PROPOSERS for proposal in self._proposed(subject)]

    def _proposed(self, subject: str, until: str = "") -> list[Proposal]:
        """Give what a subject has proposed, computed no further than the table `until`; everything where it is empty."""
        key = f"proposals of {subject}"
        coming, made = self.once(key, lambda: (PROPOSERS[subject](self), list[Proposal]()))
        try:
            while not any(proposal.table.spec.name == until for proposal in made):
                made.append(next(coming))
        except StopIteration:
            pass
        except BaseException:
            del self._made[key]  # half a subject must not pass for the whole
            raise
        return made

    def table(self, name: str) -> Table:
        """Give one table, ungated: for the private side only. Nothing is computed that it does not need."""
        if name in PROPOSER_OF:
            for proposal in self._proposed(PROPOSER_OF[name], until=name):
                if proposal.table.spec.name == name:
                    return proposal.table
        if name in CATALOGUE:
            return Table(spec=CATALOGUE[name], rows=(), reason="This client has no data for it.")
        near = get_close_matches(name, CATALOGUE, n=1)
        raise SMFError(f"There is no table '{name}'. {f'Did you mean {near[0]!r}?' if near else ''}".strip())

    def frame(self, name: str) -> "pd.DataFrame":
        """Give one table, ungated, as a frame to look at and to compute with."""
        import pandas as pd

        table = self.table(name)
        return pd.DataFrame(list(table.rows), columns=[column.name for column in table.spec.columns])

    def conclude(
        self, tables: Mapping[str, Table]
    ) -> tuple[Sequence[Finding], Sequence[Answer], Sequence[Action]]:
        """Write findings, answers and actions from tables: those of a release, or the private ones."""
        from smf_helpers.findings import conclude

        return conclude(tables, language=self.params.language, labels=self.labels())

    def preview(self) -> Release:
        """Give the report as it would be without the gate: for the private side only, never for a client.

        Each part is computed when it is first looked at.
        """
        from smf_helpers.workbook.preview import Preview

        return Preview(self)

    def what_if(self, tables: Mapping[str, Table]) -> WhatIf | None:
        """Give the calibrated what-if, from figures that passed the gate only."""
        from smf_helpers.workbook.scenario import what_if

        return what_if(self, tables)

    def labels(self) -> dict[str, str]:
        """Give labels for keys that the client named."""
        channels = {key: channel.name or key for key, channel in self.params.channels.items()}
        roles = set(self.rows("respondents")["role"].dropna().astype(str))
        offered = roles if "role" in self.params.publish.breakdowns else ()
        return {**channels, **{name: name for name in (*sorted(offered), *self.units)}}

    def brand(self) -> Brand:
        """Give the client's look: colours and words, logo and template as data that need no path."""
        look, folder = self.params.brand, client_folder(self.params, Path(self.root))
        files = {
            name: look_address(name, folder / path)
            for name in LOOK_FILES
            if (path := getattr(look, name)) is not None
        }
        return Brand(
            primary=look.primary,
            accent=look.accent,
            font=look.font,
            greeting=look.greeting,
            title=self.params.publish.title or "",
            **files,
        )

    def freeze(self, folder: Path, populations: Iterable[str]) -> None:
        """Keep the rows of the waves that were released, beside the ledger."""
        from smf_helpers.workbook.late import freeze_waves

        freeze_waves({name: self.rows(name) for name in ("respondents", "responses")}, folder, populations)

    def method(self) -> dict[str, str]:
        """Say what ran: digests of inputs and params, versions, seed."""
        from smf_helpers.workbook.provenance import method

        return method(self)
