"""`load_client_tables`: all sources of a client → canonical tables, joined, pseudonymous, and one load log."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.catalogue import ItemCatalogue, own_items
from smf_helpers.ingest.joining import Ids, join_people, pseudonymous
from smf_helpers.ingest.reading import read_source
from smf_helpers.ingest.remote import open_query, open_url
from smf_helpers.ingest.settling import settle
from smf_helpers.ingest.sources import ReadOptions, Source, open_source
from smf_helpers.ingest.surveys.respondents import out_of_order
from smf_helpers.params import ClientParams
from smf_helpers.params.schema import Source as SourceParams
from smf_helpers.params.schema import Wave
from smf_helpers.results.ingest import LOG_COLUMNS, Export

if TYPE_CHECKING:
    import pandas as pd

Pseudonym = Callable[[str], str]
_MAGIC: Final = ("*", "?", "[")


def load_client_tables(
    params: ClientParams, folder: str | Path, pseudonym: Pseudonym
) -> tuple[dict[str, "pd.DataFrame"], "pd.DataFrame"]:
    """Read every source of a client into canonical tables.

    People are joined over all files through the people list (employee number, e-mail, survey token), and every
    id is replaced by its pseudonym before the tables are handed out. Units are called as the params call them.

    Parameters
    ----------
    params : the client's params.
    folder : folder of the client's files.
    pseudonym : keyed hash of a raw id; the raw id is forgotten right after it.

    Returns
    -------
    tables
        Canonical table → frame, conforming to its schema.
    log
        The load log, one row a file and table (see ``LOG_COLUMNS``).

    Raises
    ------
    InputError
        All faults of all files at once.
    """
    import pandas as pd

    exports, faults = read_sources(params, Path(folder))
    errors = [fault for fault in faults if fault.severity == "error"]
    if errors:
        raise InputError(*errors)
    ids = Ids()
    people = join_people([export.tables["people"] for export in exports if "people" in export.tables], ids)
    tables = settle(params, exports, people, ids)
    anonymous = {wave.wave for wave in params.waves if wave.anonymous}
    tables = pseudonymous(tables, ids, pseudonym, anonymous)
    logs = [export.log for export in exports]
    log = pd.concat(logs, ignore_index=True) if logs else pd.DataFrame(columns=list(LOG_COLUMNS))
    if late := out_of_order(tables["waves"]):
        note = (
            f"S405 {', '.join(late)} opened before a wave with a smaller number: check the dates of the waves"
        )
        here = log["table"] == "waves"
        log.loc[here, "notes"] = [f"{said}; {note}" if said else note for said in log.loc[here, "notes"]]
    return tables, log


def read_sources(params: ClientParams, folder: Path) -> tuple[list[Export], list[Fault]]:
    """Read every source of a client; faults of one file do not keep the others from being read."""
    catalogue = own_items(params.items, ItemCatalogue.ready_made())
    waves = {wave.wave: wave for wave in params.waves}
    exports: list[Export] = []
    faults: list[Fault] = []
    for about in params.sources:
        try:
            if about.log is not None:
                exports.append(_counted(about, params, folder))
                continue
            sources = _open(about, folder, _options(params, about, waves, catalogue))
        except InputError as problem:
            faults += problem.faults
            continue
        for source in sources:
            try:
                export, found = read_source(source(), about.format)
            except InputError as problem:
                faults += problem.faults
                continue
            exports.append(export)
            faults += found
    return exports, faults


def _counted(about: SourceParams, params: ClientParams, folder: Path) -> Export:
    """Count a log that is too large to be read whole."""
    from smf_helpers.ingest.large import log_export

    assert about.log is not None
    zone, platform = about.timezone or params.timezone, about.platform or "internal"
    columns = about.log.model_dump()
    return log_export(folder, about.path or "", columns, platform=platform, timezone=zone)


def _options(
    params: ClientParams, about: SourceParams, waves: dict[str, Wave], catalogue: ItemCatalogue
) -> ReadOptions:
    wave = waves.get(about.wave or "")
    return ReadOptions(
        mapping=about.mapping,
        encoding=about.encoding,
        separator=about.separator,
        date_format=about.date_format,
        timezone=about.timezone or params.timezone,
        sheet=about.sheet,
        wave=about.wave,
        wave_column=about.wave_column,
        channel=about.channel,
        platform=about.platform,
        missing_codes=about.missing_codes,
        not_comparable=wave.not_comparable if wave else (),
        catalogue=catalogue,
    )


def _open(about: SourceParams, folder: Path, options: ReadOptions) -> list[Callable[[], Source]]:
    """Give what opens each file of a source, in the order of the names."""
    if about.query is not None:
        query, database = about.query, about.database or ""
        return [lambda: open_query(query, database, options)]
    if about.url is not None:
        url = about.url
        return [lambda: open_url(url, options)]
    path = about.path or ""
    if any(mark in path for mark in _MAGIC) and not (folder / path).exists():
        files = sorted(file for file in folder.glob(path) if not file.name.startswith((".", "~$")))
        if not files:
            what = "No file matches this path."
            raise InputError(Fault(code="S000", where=path, what=what, remedy="Put the export there."))
    else:
        files = [folder / path]
    return [
        lambda file=file: open_source(file, options, label=_label(file, folder))  # type: ignore[misc]
        for file in files
    ]


def _label(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.name
