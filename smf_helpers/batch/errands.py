"""From a planned client to what an executor is given, and from its end to what is published."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from smf_helpers.batch import files, fingerprint
from smf_helpers.batch.job import Job
from smf_helpers.batch.journal import stamp
from smf_helpers.batch.runs import Ended, Errand
from smf_helpers.batch.targets import MANIFEST, open_target
from smf_helpers.errors import BatchError
from smf_helpers.results.batch import BatchOptions, PlannedClient

SHEET = "audit.html"
"""What the audit says of the finished files, for the consultant to sign; never delivered."""


def complete(end: Ended, planned: PlannedClient, options: BatchOptions, work: Path) -> Ended:
    """Publish what a good run has staged, after a last look at its inputs."""
    end = _same_inputs(end, planned)
    if not end.ok:
        return end
    folder = work / end.client
    digests = dict(end.files or {})
    manifest = manifest_of(planned, digests)
    staged = {file: folder / "final" / file for file in digests}
    try:
        stamps = open_target(options).publish(end.client, staged, manifest)
    except BatchError as refused:
        told = refused.faults[0]
        return replace(end, ok=False, code=told.code, reason=f"{told.where}: {told.what}", remedy=told.remedy)
    except OSError as refused:
        what = (
            f"The finished report could not be put in place ({refused.strerror or type(refused).__name__})."
        )
        return replace(end, ok=False, code="B311", reason=what, remedy="Make room, check rights.")
    if options.releases is not None and options.analysis is not None:
        files.make_folder(options.releases, mode=0o700)
        release = (folder / "release.json").read_bytes()
        files.write_atomic(options.releases / f"{end.client}.json", release)
    with suppress(OSError):
        if options.private is not None and (folder / SHEET).exists():
            kept = files.make_folder(options.private / end.client, mode=0o700)
            (folder / SHEET).replace(kept / SHEET)
        if not options.keep:
            files.remove_tree(folder)
    digests[MANIFEST] = hashlib.sha256(manifest.encode()).hexdigest()
    return replace(
        end, manifest=manifest, finals={file: (digests[file], when) for file, when in stamps.items()}
    )


def _same_inputs(end: Ended, planned: PlannedClient) -> Ended:
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
        "parameters": {
            n: v
            for n, v in planned.parameters.items()
            if n in planned.task.parameters and n != "release"  # a path, and its content is an input
        },
        "inputs": [{"name": name, "sha256": sha} for name, sha in inputs],
        "files": dict(digests),
    }
    return json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def errand_of(planned: PlannedClient, options: BatchOptions, work: Path) -> Errand:
    """Turn a planned client into jobs: the private notebook here, the public one in an empty folder."""
    client = planned.task.client
    folder = (work / client).absolute()
    parameters = dict(planned.parameters)
    if options.analysis is None:
        release = str(parameters.get("release", ""))
    else:
        release = str(folder / "release.json")
        if "release" in parameters:
            parameters["release"] = release
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
    jobs: tuple[Job, ...] = (job("report", options.report, parameters, empty),)
    if options.analysis is not None:
        jobs = (
            job("analysis", options.analysis, parameters, Path.cwd()),
            job("report", options.report, {"release": release}, empty),
        )
    return Errand(
        client=client, jobs=jobs, limits=options.limits, secrets=options.secrets, folder=str(folder)
    )
