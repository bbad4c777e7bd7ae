"""One client, private: the workbook, and the proposers that turn its results into tables for the gate."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Literal

from smf_helpers.params import ClientParams, client_folder, load_params, project_root
from smf_helpers.workbook.book import Workbook
from smf_helpers.workbook.comments import comment_texts, redacted
from smf_helpers.workbook.late import as_released, ledger_of
from smf_helpers.workbook.proposing import PROPOSERS, Row, estimated, propose, quantity

__all__ = ["PROPOSERS", "Row", "Workbook", "estimated", "open_workbook", "propose", "quantity"]


for _module in iter_modules(__path__):  # a proposer is added by adding its module
    import_module(f"{__name__}.{_module.name}")

SECRET_FILE = "private/secret"
"""Where `smf keys` keeps the secret of this folder, for those who do not set ``SMF_SECRET``."""


def open_workbook(
    client: str | Path | ClientParams, *, late: Literal["", "keep", "reissue"] = ""
) -> Workbook:
    """Open a client's private workbook: read every source, check it, keep it.

    Parameters
    ----------
    client : a client's name (its file under ``params/``), the path of a YAML, or loaded params.
    late : what to do with answers that came after their wave was released: nothing, which refuses the release;
        ``keep`` the wave as it was released, its people and its answers; or ``reissue`` the wave, where nobody
        can be found out by comparing.

    Raises
    ------
    ParamsError, InputError, TableError
        All faults of the params, or of all files, at once.
    """
    from smf_helpers.ingest import load_client_tables  # type: ignore[attr-defined]
    from smf_helpers.privacy.keys import client_key, load_secret
    from smf_helpers.tables import check
    from smf_helpers.texts import marks_of

    path = Path(client) if not isinstance(client, ClientParams) else None
    if path is not None and path.suffix not in {".yml", ".yaml"}:
        path = project_root() / "params" / f"{path}.yml"
    params = client if isinstance(client, ClientParams) else load_params(str(path))
    root = project_root(path.parent if path else None)
    key = client_key(params.client, load_secret(file=root / SECRET_FILE))
    ids: set[str] = set()

    def pseudonym(person: str) -> str:
        ids.add(person.rpartition("\x1f")[2])
        return key.pseudonym(person)

    tables, log = load_client_tables(params, client_folder(params, root), pseudonym)
    check(tables)
    said = [] if params.privacy.comments == "verbatims" else comment_texts(tables)
    if late == "keep":
        tables = as_released(tables, ledger_of(root, params.client))
        check(tables)
    return Workbook(
        params,
        redacted(tables, ids),
        log=log,
        key_id=key.kid,
        root=str(root),
        marks=marks_of(ids, comments=said),
        order=key.pseudonym,
        late=late,
    )
