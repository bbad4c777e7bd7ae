"""The command line, thin: every command is a sentence that a newcomer understands."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from smf_helpers.errors import SMFError

EXIT_USAGE = 1
EXIT_FAILED = 3

RELEASES = Path("private/releases")
"""Where the release of every client is kept for the pages that compare them."""

app = typer.Typer(
    name="smf",
    help="Reports on the culture of social media in organisations: survey waves and channel data in, honest interactive reports out.",
    epilog="Start with `smf new CLIENT`, then `smf check CLIENT`, then `smf report CLIENT`.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Clients = Annotated[list[str] | None, typer.Argument(help="Clients by name; all under params/ by default.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def main() -> None:
    """Run the command `smf`, with one thread for linear algebra unless the user asked for more."""
    from smf_helpers.batch.environment import ONE_THREAD

    for name, one in ONE_THREAD.items():  # before numpy is imported
        os.environ.setdefault(name, one)
    try:
        app()
    except SystemExit as ended:  # typer's own number for a wrong option is 2
        sys.exit(EXIT_USAGE if ended.code == 2 else ended.code)


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn an error that a user can cause into its sentence and exit code; a traceback needs --debug."""

    @wraps(command)
    def run(*args: Any, **more: Any) -> Any:
        try:
            return command(*args, **more)
        except SMFError as problem:
            if more.get("debug"):
                raise
            typer.echo(str(problem), err=True)
            raise typer.Exit(EXIT_USAGE) from None

    return run


@app.command()
@told
def new(client: Annotated[str, typer.Argument(help="Client id: small letters, digits, hyphens.")]) -> None:
    """Make params/CLIENT.yml and data/raw/CLIENT/ to start from."""
    from smf_helpers.params import project_root
    from smf_helpers.params.guide import scaffold_client

    made = scaffold_client(client, project_root())
    typer.echo(
        f"Made {made[0]} and {made[1]}.\nNext: put the exports into that folder, then `smf check {client}`."
    )


@app.command()
@told
def check(clients: Clients = None, debug: Debug = False) -> None:
    """Read and validate everything, run nothing.

    Every fault is told at once, each with its place and its remedy.
    """
    from smf_helpers.workbook import open_workbook

    failed = 0
    for path in _params_paths(clients):
        try:
            book = open_workbook(path)
        except SMFError as problem:
            if debug:
                raise
            failed += 1
            typer.echo(f"{path.stem}: not ready\n{problem}\n", err=True)
        else:
            typer.echo(f"{path.stem}: ready. {book!r}")
    if failed:
        raise typer.Exit(EXIT_USAGE)


@app.command()
@told
def report(
    clients: Clients = None,
    only: Annotated[list[str] | None, typer.Option(help="Only these outputs: html, pptx, xlsx, pdf.")] = None,
    out: Annotated[str, typer.Option(help="Folder of the reports, or an fsspec address.")] = "reports",
    jobs: Annotated[int | None, typer.Option(help="Clients at a time; all cores by default.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Run clients whose inputs did not change, too.")
    ] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Leave failed clients alone until something changes.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Only finish the batch that was stopped.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run and why; run nothing.")
    ] = False,
    dask: Annotated[str, typer.Option(help="Address of a Dask scheduler, or `local`.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Keep the private work files of good runs.")] = False,
    shared: Annotated[
        bool, typer.Option("--shared", help="Small pages that share one script, for a folder kept together.")
    ] = False,
    keep_frozen: Annotated[
        bool,
        typer.Option(
            "--keep-frozen",
            help="Tell released waves as they were released, without later answers or readings.",
        ),
    ] = False,
    reissue: Annotated[
        bool,
        typer.Option(
            "--reissue",
            help="Tell released waves again with the answers that came late, where enough people make the difference.",
        ),
    ] = False,
    debug: Debug = False,
) -> None:
    """Make an interactive report for every client, and a page over all of them.

    Papermill runs the notebooks of each client, in parallel; a run that was stopped goes on where it was.
    It ends with 0 when all is well, 1 when it was asked for something wrong, 3 when clients failed, 4 when the audit
    refused some, 75 when another run is at work in the folder, 130 when it was stopped.
    """
    from smf_helpers.batch.clients import OUTPUTS, report_clients
    from smf_helpers.params import project_root

    for kind in set(only or ()) - set(OUTPUTS):
        raise typer.BadParameter(
            f"'{kind}' is not an output: {', '.join(OUTPUTS)}. Clients are named without --only."
        )
    if keep_frozen and reissue:
        raise typer.BadParameter("Either --keep-frozen or --reissue: a wave is told as it was or again.")
    select = "all" if again else "resume" if resume else "changed" if changed else "needed"
    code = report_clients(
        _params_paths(clients),
        out=out,
        outputs=only,
        dry_run=dry_run,
        jobs=jobs,
        select=select,
        dask=dask,
        keep=keep,
        shared=shared,
        beside="portfolio/index.html",
        releases=project_root() / RELEASES,
        late="keep" if keep_frozen else "reissue" if reissue else "",
    )
    if not dry_run and "://" not in out and code in (0, EXIT_FAILED):
        code = _compare(out) or code
    raise typer.Exit(code)


@app.command()
@told
def portfolio(
    out: Annotated[str, typer.Option(help="Folder of the reports.")] = "reports",
    debug: Debug = False,
) -> None:
    """Put clients side by side: one page over all, and one for each client beside the others.

    `smf report` does this, too. Nothing is told about any one client but on its own page.
    """
    raise typer.Exit(_compare(out))


def _compare(out: str) -> int:
    """Make the pages that compare the clients of this project; give the exit code."""
    from smf_helpers.batch.clients import compare_clients
    from smf_helpers.params import project_root
    from smf_helpers.release import write_portfolio

    root = project_root()
    clients = [path.stem for path in _params_paths(None)]
    made = write_portfolio(root / RELEASES, root / "private" / "portfolio", clients)
    outcome = compare_clients(made, out=out)
    for row in outcome.rows:
        if row.state in ("failed", "refused"):
            typer.echo(f"Side by side, {row.client}: {row.code} {row.reason} {row.remedy}", err=True)
    typer.echo(f"Side by side: {out}/portfolio/index.html")
    return outcome.exit_code


@app.command()
@told
def sample(
    folder: Annotated[Path, typer.Argument(help="Folder to make, such as try-out.")],
    clients: Annotated[int, typer.Option(help="How many small clients.", min=1, max=99)] = 12,
) -> None:
    """Make a project of generated clients to try everything on, such as the portfolio.

    They are invented, each with a seed of its own; nothing of this project is touched.
    """
    from smf_helpers.ingest.sample.dozen import write_project
    from smf_helpers.params import notebooks_folder

    made = write_project(folder, notebooks_folder(), clients)
    typer.echo(f"Made {made} clients in {folder}.\nNext: cd {folder}, then `smf keys` and `smf report`.")


@app.command()
@told
def verify(
    report: Annotated[Path, typer.Argument(help="A client's folder under reports/, or a file in it.")],
) -> None:
    """Run a finished report again and say whether it comes out the same."""
    from smf_helpers.batch.verify import verify_report

    found = verify_report(report)
    for name, same in found.same.items():
        typer.echo(f"{'same  ' if same else 'DIFFERENT'}  {name}")
    for reason in found.why:
        typer.echo(f"Since then {reason}.")
    raise typer.Exit(0 if all(found.same.values()) else 3)


@app.command()
@told
def lab(port: Annotated[int, typer.Option(help="Port on this machine.")] = 8888) -> None:
    """Open JupyterLab on the notebooks, everything ready."""
    from smf_helpers.params import notebooks_folder
    from smf_helpers.privacy.keys import create_secret_file
    from smf_helpers.widgets.lab import lab_command
    from smf_helpers.workbook import SECRET_FILE

    notebooks = notebooks_folder()
    if not os.environ.get("SMF_SECRET"):
        create_secret_file(notebooks.parent / SECRET_FILE)
    command = lab_command(notebooks.parent, port)
    os.execv(command[0], command)


@app.command("map")
@told
def map_columns(
    file: Annotated[Path, typer.Argument(help="An export of no known format.")],
    table: Annotated[
        str | None, typer.Option(help="Canonical table it holds, where that cannot be told.")
    ] = None,
) -> None:
    """Suggest a mapping for an unknown table.

    What it prints goes under `sources:` in the client's YAML; correct what it guessed wrong.
    """
    from smf_helpers.ingest import suggest_mapping

    typer.echo(suggest_mapping(file, table=table))


@app.command()
@told
def workshop(
    share: Annotated[bool, typer.Option("--share", help="Let phones in the room's network vote.")] = False,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8765,
    language: Annotated[str, typer.Option(help="en or fi.")] = "en",
    client: Annotated[
        str,
        typer.Option(
            help="A client whose what-if and learning curve are shown, as in its last report; an invented one by default."
        ),
    ] = "",
    release: Annotated[Path | None, typer.Option(help="The same from a release file.")] = None,
) -> None:
    """Open the trainer's page for the projector; the room votes by phone.

    It listens to this computer only until you say --share. Votes are anonymous and survive a crash.
    """
    from smf_helpers.params import project_root
    from smf_helpers.workshop import serve_workshop

    shown: Any = release
    if client:
        (path,) = _params_paths([client])
        shown = project_root() / RELEASES / f"{path.stem}.json"
        if not shown.is_file():
            from smf_helpers.release import make_release
            from smf_helpers.workbook import open_workbook

            typer.echo(f"{client} has no report yet (`smf report {client}`): reading it, a minute or two …")
            shown = make_release(open_workbook(path))
    serve_workshop(project_root(), share=share, port=port, language=language, release=shown)


@app.command()
@told
def questionnaire(
    out: Annotated[Path, typer.Argument(help="File to write, such as survey.xlsx.")],
    form: Annotated[
        str,
        typer.Option(
            "--format", help="limesurvey, qualtrics, xlsx or docx; by the file's name if not given."
        ),
    ] = "",
    client: Annotated[
        str, typer.Option(help="Ask for the units of this client, in its language unless another is given.")
    ] = "",
    language: Annotated[str, typer.Option(help="en or fi.")] = "",
    role: Annotated[bool, typer.Option("--role", help="Ask for the role too.")] = False,
) -> None:
    """Write the ready-made survey, to load into a survey tool."""
    from smf_helpers.ingest.questionnaire import write_questionnaire
    from smf_helpers.params import load_params

    params = load_params(client) if client else None
    units = [unit.name for unit in params.organisation.units] if params else []
    write_questionnaire(
        form or _form(out),
        language or (params.language if params else "en"),
        out,
        units=units,
        roles=role,
    )
    typer.echo(f"Wrote {out}. What comes back from the survey tool is read without a mapping.")
    if units or role:
        typer.echo("Export the results with full answers: with answer codes a unit or role is a bare number.")
    if not units:
        typer.echo("It does not ask for the unit: name the client (--client) to ask for its units.")


@app.command()
@told
def keys() -> None:
    """Make the secret that keys the pseudonyms, if there is none.

    It stays in private/secret, which git ignores; SMF_SECRET in the environment goes before it. Keep a copy in a
    safe place: without it the waves to come cannot be linked with those of today.
    """
    from smf_helpers.params import project_root
    from smf_helpers.privacy.keys import create_secret_file
    from smf_helpers.workbook import SECRET_FILE

    file = project_root() / SECRET_FILE
    typer.echo(f"{'Kept' if file.exists() else 'Made'} {create_secret_file(file)}.")


@app.command()
@told
def rekey(
    clients: Clients = None,
    old: Annotated[Path, typer.Option(help="File with the secret of the earlier waves.")] = Path(
        "private/secret.old"
    ),
    debug: Debug = False,
) -> None:
    """Change the secret: turn the pseudonyms in the clients' ledgers into those of the new one.

    Move private/secret to private/secret.old, type `smf keys`, then `smf rekey`; destroy the old secret when all went
    well.
    """
    from smf_helpers.workbook.rotation import rekey_client

    for path in _params_paths(clients):
        client, people, left = rekey_client(path, old)
        typer.echo(f"{client}: {people} people have new keys; {left} who are in no file any more keep none.")


@app.command()
def doctor() -> None:
    """Say whether this machine can do all of it.

    Where something is missing, it says what to type.
    """
    from smf_helpers.doctor import examine

    findings = examine()
    for part in findings:
        typer.echo(f"{'ok     ' if part.fine else 'missing'}  {part.name}: {part.what}")
        if not part.fine:
            typer.echo(f"         {part.remedy}")
    raise typer.Exit(0 if all(part.fine or not part.needed for part in findings) else EXIT_USAGE)


@app.command("params-guide", hidden=True)
def params_guide() -> None:
    """Write the table of params."""
    from smf_helpers.params.guide import params_guide as guide

    sys.stdout.write(guide())


def _params_paths(clients: Sequence[str] | None) -> list[Path]:
    """Give the params files of the named clients, or of all."""
    from smf_helpers.errors import Fault, ParamsError
    from smf_helpers.params import project_root

    folder = project_root() / "params"
    if not clients:
        found = sorted(folder.glob("*.yml"))
        if not found:
            raise ParamsError(
                Fault(
                    code="Y000", where=str(folder), what="There is no client.", remedy="Type: smf new CLIENT"
                )
            )
        return found
    known = {path.stem for path in folder.glob("*.yml")}
    faults, paths = [], []
    for client in clients:
        path = Path(client) if client.endswith((".yml", ".yaml")) else folder / f"{client}.yml"
        paths.append(path)
        if not path.exists():
            from difflib import get_close_matches

            near = get_close_matches(client, known, n=1)
            remedy = f"Did you mean '{near[0]}'?" if near else f"Type: smf new {client}"
            faults.append(Fault(code="Y000", where=str(path), what="There is no such client.", remedy=remedy))
    if faults:
        raise ParamsError(*faults)
    return paths


def _form(out: Path) -> str:
    return {".txt": "qualtrics", ".tsv": "limesurvey"}.get(out.suffix, out.suffix.lstrip("."))
