"""The plan: which clients would run, and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smf_helpers.batch import files, fingerprint
from smf_helpers.batch.journal import Entry, open_quietly, stamp
from smf_helpers.batch.parameters import Parameter, check_parameters, read_schema
from smf_helpers.batch.targets import Target, open_target, state_folder
from smf_helpers.errors import BatchError, Fault, raise_errors
from smf_helpers.results.batch import BatchOptions, ClientTask, Plan, PlannedClient

_CLIENT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_WORDS = {
    "template": "notebook changed",
    "parameters": "parameters changed",
    "inputs": "inputs changed",
    "outputs": "outputs changed",
    "environment": "code or packages changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known before the clients are looked at one by one."""

    schema: Mapping[str, Parameter]
    wired: frozenset[str]
    parts: Mapping[str, str]
    entries: Mapping[str, Entry]
    finals: Mapping[str, Mapping[str, tuple[str, str]]]
    digests: Mapping[str, tuple[str, str]]
    batch: frozenset[str]
    target: Target
    options: BatchOptions


def plan_batch(clients: Sequence[ClientTask], options: BatchOptions) -> Plan:
    """Say which clients would run, and why; start nothing and write nothing.

    Parameters
    ----------
    clients : the clients in the order of the closing table.
    options : how the batch would run.

    Returns
    -------
    The plan that `run_batch` takes.

    Raises
    ------
    BatchError
        With every fault of every client at once: an id that is not one or is listed twice, a parameter
        that is unknown, missing or of another type, a notebook that cannot be read.
    """
    faults = [*_ids(clients), *_only(clients, options), *_files(options)]
    notebooks = [path for path in (options.analysis, options.report) if path is not None]
    schema: dict[str, Parameter] = {}
    try:
        parts = {
            "template": fingerprint.of_notebooks(notebooks),
            "environment": fingerprint.of_environment(),
            "outputs": fingerprint.of_outputs(options.outputs, options.audit),
        }
        schema = read_schema(fingerprint.read_cells(notebooks[0]))
    except (OSError, ValueError, KeyError, SyntaxError) as broken:
        what = f"A notebook of the batch cannot be read ({type(broken).__name__})."
        faults.append(
            Fault(code="B101", where=notebooks[0].name, what=what, remedy="Check its path and format.")
        )
    raise_errors(BatchError, faults)
    known = _known(options, schema, parts)
    planned = []
    for task in clients:
        given = {name: value for name, value in _wired(task, known).items() if name in schema}
        values, wrong = check_parameters(schema, {**task.parameters, **given}, where=task.client)
        faults += wrong
        if not faults:
            planned.append(_planned(task, values, known))
    raise_errors(BatchError, faults)
    return Plan(clients=tuple(planned), options=options)


def _known(options: BatchOptions, schema: Mapping[str, Parameter], parts: Mapping[str, str]) -> _Known:
    journal = open_quietly(journal_path(options))
    target = open_target(options)
    wired = frozenset({"client", "params", "release"} if options.analysis else ())
    fixed: dict[str, Any] = {
        "schema": schema,
        "wired": wired,
        "parts": parts,
        "target": target,
        "options": options,
    }
    if journal is None:
        return _Known(entries={}, finals={}, digests={}, batch=frozenset(), **fixed)
    with journal:
        return _Known(
            entries=journal.entries(),
            finals=journal.finals(),
            digests=journal.digests(),
            batch=frozenset(journal.note("batch") or ()),
            **fixed,
        )


def journal_path(options: BatchOptions) -> Path:
    """Give the path of the batch's journal."""
    return state_folder(options) / ".journal.sqlite"


def work_folder(options: BatchOptions) -> Path:
    """Give the private folder in which runs are staged."""
    return state_folder(options) / ".work"


def _wired(task: ClientTask, known: _Known) -> dict[str, object]:
    """Give what the batch itself hands to the first notebook, where that declares it."""
    release = work_folder(known.options) / task.client / "release.json"
    values: dict[str, object] = {
        "client": task.client,
        "params": "" if task.params_path is None else str(task.params_path.absolute()),
        "release": str(release.absolute()),
    }
    return {name: value for name, value in values.items() if name in known.wired}


def _ids(clients: Sequence[ClientTask]) -> list[Fault]:
    faults = []
    seen: set[str] = set()
    for place, task in enumerate(clients, start=1):
        where = f"client {place}"
        if not _CLIENT.fullmatch(task.client) or task.client in _RESERVED or task.client.endswith("-"):
            remedy = "Use up to 63 of a-z, 0-9 and '-', beginning with a letter or digit."
            faults.append(
                Fault(code="Y003", where=where, what="The client's id cannot name a folder.", remedy=remedy)
            )
        elif task.client in seen:
            what = f"'{task.client}' is listed twice."
            faults.append(Fault(code="B204", where=where, what=what, remedy="List each client once."))
        seen.add(task.client)
    return faults


def _only(clients: Sequence[ClientTask], options: BatchOptions) -> list[Fault]:
    strange = sorted(set(options.only) - {task.client for task in clients})
    remedy = f"Known: {', '.join(task.client for task in clients[:10])}{' …' if len(clients) > 10 else ''}."
    return [
        Fault(code="B205", where="--only", what=f"There is no client '{name[:63]}'.", remedy=remedy)
        for name in strange
    ]


def _files(options: BatchOptions) -> list[Fault]:
    names = [output.file for output in options.outputs]
    taken = {"manifest.json", "failure.html"}
    return [
        Fault(
            code="B206",
            where="outputs",
            what=f"Output {place} has a file name that cannot be used.",
            remedy="Use a plain name that is not taken twice, without folders.",
        )
        for place, name in enumerate(names, start=1)
        if not _FILE.fullmatch(name)
        or name.lower() in taken
        or [n.lower() for n in names].count(name.lower()) > 1
    ]


def _planned(task: ClientTask, values: Mapping[str, object], known: _Known) -> PlannedClient:
    inputs = _digests(task, known)
    own = {name: value for name, value in values.items() if name not in known.wired}
    parts = {
        **known.parts,
        "parameters": fingerprint.of({"client": task.client, "outputs": task.outputs, **own}),
        "inputs": fingerprint.of([(Path(name).name, sha) for name, (_, sha) in inputs.items()]),
    }
    key = fingerprint.key_of(parts)
    run, why = _verdict(task.client, key, parts, known)
    return PlannedClient(task=task, run=run, why=why, key=key, parts=parts, inputs=inputs, parameters=values)


def input_paths(task: ClientTask) -> list[Path]:
    """Give every path whose content the client's report depends on."""
    return [path for path in (task.params_path, *task.input_paths) if path is not None]


def _digests(task: ClientTask, known: _Known) -> dict[str, tuple[str, str]]:
    found = {}
    for path in input_paths(task):
        name = str(path.absolute())
        if not path.exists():
            found[name] = ("absent", "absent")
            continue
        when = stamp(path)
        before = known.digests.get(name)
        if known.options.verify == "stat" and before is not None and before[0] == when:
            found[name] = before
        else:
            found[name] = (when, files.digest_of(path))
    return found


def _verdict(client: str, key: str, parts: Mapping[str, str], known: _Known) -> tuple[bool, str]:
    """Say whether the client runs, and why."""
    options, entry = known.options, known.entries.get(client)
    if options.only and client not in options.only:
        return False, "not asked for"
    if options.select == "all":
        return True, "asked for"
    if options.select == "resume" and client not in known.batch:
        return False, "not in the last batch"
    if entry is None:
        return True, "new"
    if entry.state in ("queued", "running"):
        return True, "not finished"
    if entry.key != key:
        return True, ", ".join(
            words for part, words in _WORDS.items() if entry.parts.get(part) != parts[part]
        )
    if entry.state != "ok":
        words = "refused" if entry.state == "refused" else "failed"
        again = options.select == "needed"
        return again, f"{words} last time" if again else f"{words} before, unchanged"
    finals = known.finals.get(client, {})
    if not finals or not all(known.target.holds(client, file, *mark) for file, mark in finals.items()):
        return True, "report missing or altered"
    return False, "unchanged"
