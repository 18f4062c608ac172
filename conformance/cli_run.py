"""Commands around a run: init, run, report."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
import tempfile
import threading
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.problems import UsageFault

if TYPE_CHECKING:
    from conformance.change import Change
    from conformance.runfile import Run
    from conformance.session import Outcome
    from conformance.target import TargetConfig

TARGET = click.option(
    "--target",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("conformance.toml"),
    show_default=True,
    help="The file that says who is judged; `conformance init` writes one.",
)


@click.command()
@click.argument(
    "path", type=click.Path(path_type=Path, dir_okay=False), default=Path("conformance.toml")
)
@click.option("--role", default="receiver", show_default=True, help="Who is to be judged.")
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
def init(path: Path, role: str, force: bool) -> None:
    """Write a commented target file that fits the simulator of the role.

    \b
    Examples:
      conformance init
      conformance init --role consumer staging.toml
    """
    _refuse_unknown_role(role)
    if path.exists() and not force:
        raise UsageFault(f"{path} exists already; --force overwrites it")
    name = "target_template.toml" if role == "receiver" else f"target_template_{role}.toml"
    text = resources.files("conformance").joinpath(name).read_bytes()
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_bytes(text)
        draft.replace(path)
    except OSError as error:
        raise UsageFault(f"cannot write {path} ({error.strerror}); name another place") from None
    names = "CONFORMANCE_SECRET"
    if role == "broker":
        names += " and CONFORMANCE_SECOND_SECRET"
    where = "" if path == Path("conformance.toml") else f" --target {path}"
    click.echo(f"{path} is written. Next: set {names}, then conformance doctor{where}.")


@click.command()
@TARGET
@click.option("--seed", type=int, help="Draw the same synthetic data as an earlier run.")
@click.option("--only", multiple=True, metavar="ID", help="A requirement, check or area; repeat.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports/runs"),
    show_default=True,
    help="Where the folder of the run is made.",
)
@click.option("--role", help="Judge in this role instead of the one in the file.")
@click.option(
    "--tier", type=click.Choice(["minimal", "core", "full"]), help="Judge up to this tier."
)
@click.option(
    "--attest",
    "form",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The attestation form; its answers stand beside the verdicts and change none.",
)
@click.option("--quick", is_flag=True, help="Two checks of each area: a first look in seconds.")
@click.option("--keep", is_flag=True, help="Leave at the target what the run created, to look at.")
@click.option("--read-only", is_flag=True, help="Send nothing that changes data at the target.")
@click.option(
    "--load",
    type=click.IntRange(1, 200),
    default=8,
    show_default=True,
    help="How many requests come at the same time where that is judged.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 16),
    default=1,
    show_default=True,
    help="How many areas are judged at the same time, where checks are independent.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
@click.option("--quiet", is_flag=True, help="No progress on stderr, only the last line.")
@click.option(
    "--progress",
    "style",
    type=click.Choice(["bar", "plain", "json", "none"]),
    help="How progress stands on stderr; a bar on a terminal, else plain.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["must", "should"]),
    default="must",
    show_default=True,
    help="Which levels make the exit code 1.",
)
@click.option(
    "--changed-since",
    "earlier",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="RUN",
    help="Say in words what changed since the run in this folder; the exit code stays.",
)
@click.pass_context
def run(
    context: click.Context,
    target: Path,
    seed: int | None,
    only: tuple[str, ...],
    out: Path,
    role: str | None,
    tier: str | None,
    form: Path | None,
    quick: bool,
    keep: bool,
    read_only: bool,
    load: int,
    jobs: int,
    as_json: bool,
    quiet: bool,
    style: str | None,
    fail_on: str,
    earlier: Path | None,
) -> None:
    """Judge the target and write its run: verdict.json, report.html, junit.xml, results.sarif.

    \b
    Examples:
      conformance run
      conformance run --seed 7 --only INF-CRE-001
      conformance run --only sif/paging --json > result.json
      conformance run --quick
      conformance run --seed 7 --changed-since reports/runs/20261125T221912Z-54c2c5
    """
    from conformance import cli_show, session
    from conformance.jobs import conducting

    config = _restrained(load_target(target, role), keep=keep, read_only=read_only, load=load)
    conduct = conducting(config.vendor.role, jobs, config.capabilities)
    if quick:
        only = (*only, "quick")
    before = _earlier(earlier) if earlier else None
    _prepare(out)
    if threading.current_thread() is threading.main_thread():
        # A cancelled CI job must clean up at the target as Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with cli_show.progress("none" if quiet else style) as report:
        outcome = session.run(
            config,
            seed=seed,
            only=only,
            out=out,
            role=role,
            tier=tier,
            fail_on=fail_on,
            progress=report,
            tell=tell,
            form=form,
            conduct=conduct,
        )
    files = _write_reports(outcome, config)
    change = _changes(before, outcome) if before else None
    _show(outcome, files, change, as_json=as_json, quiet=quiet)
    context.exit(outcome.exit_code)


def _show(
    outcome: Outcome, files: dict[str, str], change: Change | None, *, as_json: bool, quiet: bool
) -> None:
    from conformance import cli_show

    try:
        if as_json:
            click.echo(cli_show.as_json(outcome, files, change))
        else:
            cli_show.summary(outcome, files, quiet, change)
        sys.stdout.flush()
    except (OSError, SystemExit):  # the reader of the pipe has gone; the verdict stands
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.command()
@click.argument(
    "run_dir", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="RUN_DIR"
)
def report(run_dir: Path) -> None:
    """Render report.html, summary.html, forms.html, junit.xml, results.sarif of a run again.

    \b
    Example:
      conformance report reports/runs/20261125T221912Z-54c2c5
    """
    from conformance.runfile import RunFileError
    from reports.forms import write_forms
    from reports.junit import write_junit
    from reports.render import write_report
    from reports.sarif import write_sarif
    from reports.summary import write_summaries

    try:
        pages = (write_report(run_dir), *write_summaries(run_dir), *write_forms(run_dir))
        written = (*pages, write_junit(run_dir), write_sarif(run_dir))
    except (RunFileError, FileNotFoundError) as error:
        raise UsageFault(str(error)) from None
    for file in written:
        click.echo(str(file))


def _prepare(out: Path) -> None:
    """Make the folder for runs before anybody is asked anything."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            return
    except OSError as error:
        text = f"cannot write to {out} ({error.strerror}); name another folder with --out"
        raise UsageFault(text) from None


def load_target(path: Path, role: str | None = None) -> TargetConfig:
    """The target file of a command; UsageFault for an unknown role."""
    from conformance import target

    _refuse_unknown_role(role)
    return target.load(path, role=role)


def _restrained(config: TargetConfig, *, keep: bool, read_only: bool, load: int) -> TargetConfig:
    route = dataclasses.replace(config.route, read_only=read_only)
    return dataclasses.replace(config, keep=keep, load=load, route=route)


def tell(text: str) -> None:
    """What a person has to do stands on stderr, also in a quiet run."""
    click.echo(text, err=True)


def _refuse_unknown_role(role: str | None) -> None:
    from conformance.claims import ROLES

    if role is not None and role not in ROLES:
        raise UsageFault(f"--role {role}: use one of {', '.join(ROLES)}")


def _write_reports(outcome: Outcome, config: TargetConfig) -> dict[str, str]:
    from reports.forms import write_forms
    from reports.junit import write_junit
    from reports.render import write_report
    from reports.sarif import write_sarif
    from reports.summary import write_summaries

    directory = outcome.directory
    if directory is None:
        return {}
    _write_repeats(directory, config)
    return {
        "run": str(directory / "run.jsonl"),
        "verdict": str(directory / "verdict.json"),
        "report": str(write_report(directory)),
        "summary": str(write_summaries(directory)[0]),
        "forms": str(write_forms(directory)[0]),
        "junit": str(write_junit(directory)),
        "sarif": str(write_sarif(directory)),
    }


def _earlier(folder: Path) -> Run:
    from conformance.runfile import RunFileError, read_run

    try:
        return read_run(folder / "run.jsonl")
    except (RunFileError, OSError) as error:
        raise UsageFault(f"--changed-since {folder} is no finished run: {error}") from None


def _changes(before: Run, outcome: Outcome) -> Change | None:
    from conformance.change import changes
    from conformance.runfile import read_run

    directory = outcome.directory
    return changes(before, read_run(directory / "run.jsonl")) if directory else None


def _write_repeats(directory: Path, config: TargetConfig) -> None:
    from conformance.repeats import write_repeats

    try:
        write_repeats(directory, config)
    except Exception as error:  # the verdict stands, whatever happens to its convenience
        tell(f"no script to reproduce a failure was written: {type(error).__name__}")


COMMANDS: tuple[click.Command, ...] = (init, run, report)
