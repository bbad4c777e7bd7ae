"""What a batch takes and gives: the clients' tasks, the plan, the rows of the outcome. No behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

RunPath = Literal["direct", "warm_kernel", "cold_kernel"]
"""How a notebook was run: in a forked process, in a forked kernel, in a kernel started from nothing."""

State = Literal["ok", "unchanged", "skipped", "failed", "refused", "interrupted"]
Select = Literal["needed", "changed", "resume", "all"]

EXIT_OK, EXIT_USAGE, EXIT_FAILED, EXIT_REFUSED, EXIT_LOCKED, EXIT_INTERRUPTED = 0, 1, 3, 4, 75, 130


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTask:
    """One client's share of a batch.

    Attributes
    ----------
    client : validated id; names the folder of its report.
    params_path : the client's YAML, handed to the private notebook; None where a notebook needs none.
    input_paths : raw files and folders whose content decides whether the report is up to date.
    parameters : further values for the parameters cell of the first notebook.
    outputs : names of the batch's outputs that this client gets; all of them when empty.
    names : what the client calls itself and its parts; no other client's files may hold these words.
    """

    client: str
    params_path: Path | None = None
    input_paths: tuple[Path, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One file that a client gets.

    Attributes
    ----------
    file : plain file name inside the client's folder.
    by : ``nbconvert:NAME`` for a registered exporter (it gets the executed public notebook), or
        ``package.module:function`` called as ``function(release, path)`` in the public process.
    """

    file: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may use before it is stopped.

    Attributes
    ----------
    seconds : wall time of one notebook with its outputs.
    memory : bytes of address space of a process, and of private memory of the whole run.
    output : bytes that the cells of one notebook may print and display.
    processes : processes alive at once inside one run.
    """

    seconds: float = 600.0
    memory: int = 2 * 1024**3
    output: int = 20_000_000
    processes: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOptions:
    """How a batch runs.

    Attributes
    ----------
    out : folder, or ``fsspec`` address (``s3://bucket/reports``), that receives one folder a client.
    report : the public notebook. With `analysis` its only input is the release.
    analysis : the private notebook, which writes the release; None runs the public one alone.
    outputs : files made of the executed public notebook and the release.
    audit : ``package.module:function(release, folder)`` that may refuse the finished files, or empty.
    warm : functions without arguments, as ``package.module:function``, called before processes are forked.
    secrets : names of environment variables that the private notebook may see, and nobody else.
    path : the fastest way allowed; slower ones are taken where a notebook needs them.
    jobs : clients at work at once; None takes every core this process may use. One that only waits leaves its
        place to another.
    limits : what one run may use.
    select : ``needed`` runs what is new, changed, failed or unfinished; ``changed`` leaves failed clients
        alone until something of theirs changes; ``resume`` only finishes the last batch; ``all`` runs all.
    only : ids to run, all when empty.
    verify : how inputs and finished files are compared: by ``stat``, or by ``content``.
    dask : address of a scheduler, ``local`` for a cluster of this machine, or empty.
    state : folder of journal, lock and logs; `out` itself unless that is an address.
    retries : further attempts for a client whose worker was lost; never for one that failed by itself.
    index : name of the page over all clients, or empty.
    beside : address, seen from that page, of a page over several clients that it names; or empty.
    keep : keep executed notebooks and logs of clients that went well.
    releases : private folder that keeps the release of every client that went well; None keeps none.
    private : folder that keeps each client's audit sheet, or None.
    """

    out: str
    report: Path
    analysis: Path | None = None
    outputs: tuple[Output, ...] = (Output(file="report.html", by="nbconvert:html"),)
    audit: str = ""
    warm: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ("SMF_SECRET",)
    path: RunPath = "direct"
    jobs: int | None = None
    limits: Limits = Limits()
    select: Select = "needed"
    only: tuple[str, ...] = ()
    verify: Literal["stat", "content"] = "stat"
    dask: str = ""
    state: Path | None = None
    retries: int = 3
    index: str = "index.html"
    beside: str = ""
    keep: bool = False
    releases: Path | None = None
    private: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedClient:
    """What would happen to one client, and why.

    Attributes
    ----------
    task : the client's task.
    run : True when it would run.
    why : one phrase: ``new``, ``inputs changed``, ``failed last time``, ``unchanged``, …
    key : fingerprint of everything that the report depends on.
    parts : fingerprint of each of these things by name.
    inputs : stamp and SHA-256 of each input by its absolute path.
    parameters : values as they will be injected, already of the declared types.
    """

    task: ClientTask
    run: bool
    why: str
    key: str
    parts: Mapping[str, str]
    inputs: Mapping[str, tuple[str, str]]
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The clients of a batch in their order, each with what would happen to it."""

    clients: tuple[PlannedClient, ...]
    options: BatchOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRow:
    """One line of the closing table.

    Attributes
    ----------
    client : id.
    state : ``ok``, ``unchanged``, ``skipped``, ``failed``, ``refused`` or ``interrupted``.
    code : code of the fault, empty when there is none.
    seconds : wall time of the run.
    page : the client's page, or the page that says why there is none.
    reason : one line: which cell, why.
    remedy : what to do.
    path : how its notebooks were run, empty when they were not.
    key : fingerprint of what the page shows.
    """

    client: str
    state: State
    code: str = ""
    seconds: float = 0.0
    page: str = ""
    reason: str = ""
    remedy: str = ""
    path: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """What became of a batch.

    Attributes
    ----------
    rows : one row a client, in the order of the plan.
    exit_code : 0 all well, 1 usage, 3 some clients failed, 4 some were refused by the audit, 75 another run
        holds the folder, 130 interrupted.
    seconds : wall time.
    note : one line about the batch as a whole, or empty.
    """

    rows: tuple[ClientRow, ...]
    exit_code: int
    seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEvent:
    """Something happened: a client started or ended.

    Attributes
    ----------
    kind : ``started``, ``again`` (its worker was lost) or ``ended``.
    client : id.
    row : its row, when it ended.
    done, total : clients ended and clients to run.
    per_minute : clients a minute so far.
    left : seconds left at that rate, None before the first client ended.
    """

    kind: Literal["started", "again", "ended"]
    client: str
    row: ClientRow | None
    done: int
    total: int
    per_minute: float
    left: float | None
