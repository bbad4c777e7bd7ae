"""Another secret: the pseudonyms of a client's ledger, turned into those of the new one."""

from pathlib import Path


def rekey_client(params_path: Path, old: str | Path) -> tuple[str, int, int]:
    """Rewrite a client's ledger for the secret that is in force now.

    Parameters
    ----------
    params_path : the client's YAML; the raw files are read, since a pseudonym cannot be turned back.
    old : file with the secret that made the ledger.

    Returns
    -------
    client, number of people with new pseudonyms, number of people of the ledger that are in no file any more.

    Raises
    ------
    PrivacyError
        When a secret is missing or unfit, the ledger is broken (L002), or was made with another secret (K010).
    """
    from smf_helpers.ingest import load_client_tables
    from smf_helpers.params import client_folder, load_params, project_root
    from smf_helpers.privacy.keys import client_key, load_secret, rekey
    from smf_helpers.privacy.ledger import Ledger, nobody
    from smf_helpers.workbook import SECRET_FILE
    from smf_helpers.workbook.late import ledger_of, rename_frozen

    params = load_params(str(params_path))
    root = project_root(params_path.parent)
    before = client_key(params.client, load_secret({}, file=old))
    after = client_key(params.client, load_secret(file=root / SECRET_FILE))
    made: dict[str, str] = {}

    def pseudonym(person: str) -> str:
        return made.setdefault(person, before.pseudonym(person))

    load_client_tables(params, client_folder(params, root), pseudonym)
    ledger = Ledger(ledger_of(root, params.client))
    names = rekey(made, before, after)
    left = ledger.rekey(names, before.kid, after.kid)
    rename_frozen(ledger.path.parent, lambda person: names.get(person) or nobody(person))
    return params.client, len(made), left
