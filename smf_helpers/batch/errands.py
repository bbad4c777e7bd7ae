"""From a planned client to what an executor is given, and from its end to what is published."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from smf_helpers.batch import files, fingerprint
from smf_helpers.batch.job import Job
from smf_helpers.batch.journal import stamp
from smf_helpers.batch.runs import Ended, Errand
from smf_helpers.results.batch import BatchOptions, PlannedClient


def same_inputs(end: Ended, planned: PlannedClient) -> Ended:
    """Fail a good run whose inputs are no longer those of its key."""
    if not end.ok:
        return end
    changed = [Path(name).name for name, mark in planned.inputs.items() if not _is_still(Path(name), mark)]
    if not changed:
        return end
    what = f"Input changed during run: {', '.join(changed[:5])}{' …' if len(changed) > 5 else ''}."
    return replace(end, ok=False, code="B308", reason=what, remedy="Run again when nobody writes to it.")


def _is_still(path: Path, mark: tuple[str, str]) -> bool:
    try:
        return stamp(path) == mark[0] or files.digest_of(path) == mark[1]
    except OSError:
        return mark[0] == "absent" and not path.exists()


def manifest_of(planned: PlannedClient, digests: Mapping[str, str]) -> str:
    """Write what a client's folder holds and what it was made of: digests and values, no paths."""
    inputs = sorted((Path(name).name, sha) for name, (_, sha) in planned.inputs.items())
    known = {
        "client": planned.task.client,
        "key": planned.key,
        "parts": dict(planned.parts),
        "code": fingerprint.code_version(),
        "parameters": {n: v for n, v in planned.parameters.items() if n in planned.task.parameters},
        "inputs": [{"name": name, "sha256": sha} for name, sha in inputs],
        "files": dict(digests),
    }
    return json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def errand_of(planned: PlannedClient, options: BatchOptions, work: Path) -> Errand:
    """Turn a planned client into jobs: the private notebook here, the public one in an empty folder."""
    client = planned.task.client
    folder = (work / client).absolute()
    release = str(folder / "release.json") if options.analysis else ""
    wanted = planned.task.outputs or tuple(output.file for output in options.outputs)

    def job(stage: str, notebook: Path, parameters: Mapping[str, object], cwd: Path) -> Job:
        return Job(
            client=client,
            stage=stage,
            notebook=str(notebook.absolute()),
            parameters=parameters,
            path=options.path,
            cwd=str(cwd),
            release=release,
            folder=str(folder / stage),
            staging=str(folder / "final"),
            outputs=tuple((output.file, output.by) for output in options.outputs if output.file in wanted),
            audit=options.audit,
            output_limit=options.limits.output,
            memory=options.limits.memory,
        )

    empty = folder / "cwd"
    jobs: tuple[Job, ...] = (job("report", options.report, planned.parameters, empty),)
    if options.analysis is not None:
        jobs = (
            job("analysis", options.analysis, planned.parameters, Path.cwd()),
            job("report", options.report, {"release": release}, empty),
        )
    return Errand(
        client=client, jobs=jobs, limits=options.limits, secrets=options.secrets, folder=str(folder)
    )
