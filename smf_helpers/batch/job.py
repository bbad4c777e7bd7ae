"""What a process is told to do, and what it says it did: two plain texts."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from smf_helpers.results.batch import RunPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one process has to do.

    Attributes
    ----------
    client : client's id.
    stage : ``analysis`` (private) or ``report`` (public).
    notebook : path of the template.
    parameters : values for its parameters cell.
    path : how to run it.
    cwd : working directory.
    release : where the release is, or will be; empty when there is none.
    folder : private folder for the executed notebook and scratch files.
    staging : folder for finished outputs.
    outputs : pairs of file name and maker.
    audit : function that may refuse the outputs, or empty.
    output_limit : bytes that the cells may say.
    memory : bytes of address space allowed.
    """

    client: str
    stage: str
    notebook: str
    parameters: Mapping[str, Any]
    path: RunPath
    cwd: str
    release: str
    folder: str
    staging: str
    outputs: tuple[tuple[str, str], ...]
    audit: str
    output_limit: int
    memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one process says about its job.

    Attributes
    ----------
    ok : everything was done.
    code : code of the fault.
    reason : one line, without anybody's words.
    remedy : what to do.
    path : how it was run.
    files : digest of each finished file by name.
    modules : modules that were imported on the way.
    slower : the next slower path when this one cannot do it, else None.
    """

    ok: bool
    path: RunPath
    code: str = ""
    reason: str = ""
    remedy: str = ""
    files: Mapping[str, str] | None = None
    modules: tuple[str, ...] = ()
    slower: RunPath | None = None


def write_text(value: Job | Report) -> str:
    """Write a job or a report as JSON."""
    return json.dumps(asdict(value))


def read_report(text: str) -> Report | None:
    """Read a report from its JSON; None when the process said nothing whole."""
    try:
        return Report(**json.loads(text))
    except (ValueError, TypeError):
        return None
