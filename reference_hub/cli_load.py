"""`reference-hub load`: a district's own export into the store of the settings.

No serve needs to run. Exit 0: nothing refused; 1: at least one file refused; 3: the set-up is at
fault or there is no XML document, and nothing was stored; 130: interrupted, and what the summary
counts is stored. A folder of events is replayed by `--timeline`; without it its files are left out.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress

from reference_hub.cli_timeline import exit_code, follow, report
from reference_hub.codec.schema import Judge, Problem, open_judge
from reference_hub.codec.timeline import INDEX, holds_timeline, read_timeline
from reference_hub.codec.xsd import compile_schema
from reference_hub.journeys.load import LOADED, REFUSED, SKIPPED, Order, Outcome
from reference_hub.journeys.load import load as load_files
from reference_hub.journeys.timeline import Replayed
from reference_hub.model.party import Application
from reference_hub.model.scope import DEFAULT_CONTEXT, Scope
from reference_hub.problems import SetupError
from reference_hub.schemas import STRICT, Registered, entry_file, model_id
from reference_hub.settings import Settings, Zone
from reference_hub.store.db import open_engine
from reference_hub.store.vendors import all_applications
from reference_hub.time_zones import clock_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

EXIT_INTERRUPTED = 130
MOST_NAMES = 5
_PATH = click.Path(path_type=Path)
_CONTEXT = re.compile(r"[A-Za-z0-9_.:-]+")


@dataclass(frozen=True, slots=True)
class _Asked:
    paths: tuple[Path, ...]
    as_json: bool
    zone: str
    context: str
    namespace: str
    schemas: tuple[Path, ...]
    model: str
    timeline: bool
    quiet: bool


def _checked(_: click.Context, __: click.Parameter, value: str) -> str:
    if _CONTEXT.fullmatch(value) is None:
        raise click.BadParameter("write at least one of the characters A-Z a-z 0-9 _ . : - only.")
    return value


@click.command("load")
@click.argument("paths", nargs=-1, required=True, type=_PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.option("--zone", default="", help="Zone (district) to load into; needed with several.")
@click.option(
    "--context",
    default=DEFAULT_CONTEXT,
    show_default=True,
    callback=_checked,
    help="Context in the zone.",
)
@click.option("--namespace", default="", metavar="URI", help="For documents that name none.")
@click.option(
    "--schema",
    "schemas",
    multiple=True,
    type=_PATH,
    metavar="PATH",
    help="Strict XSD, or its folder, for this call; repeatable.",
)
@click.option("--model", default="", metavar="ID", help="Model, where several serve a namespace.")
@click.option(
    "--timeline", is_flag=True, help="Replay the events of one folder in order (see above)."
)
@click.option("--quiet", is_flag=True, help="No progress and no notes on standard error.")
@click.pass_context
def load(context: click.Context, /, **options: Any) -> None:
    """Load SIF XML files, or folders of them, into the hub.

    A file is stored whole or not at all; an object that the hub knows is replaced. Files that are
    no XML are skipped; exit code 3 when all are. Of a refused file up to twenty problems are told.

    With --timeline PATH is one folder of SIF events and their index.json, or holds such a folder
    called timeline. Each event creates, updates or deletes as a request of a source would, whole or
    not at all. The first refused one ends the replay. Called again, it goes on behind what was
    applied.

    \b
    Examples:
      reference-hub load export/
      reference-hub load --json --schema unity-4.3/SIF_Message.xsd students.xml
      reference-hub load --timeline district/
    """
    asked = _Asked(**options)
    if asked.timeline:
        _replay(context, asked)
        return
    outcomes: list[Outcome] = []
    try:
        _run(context.obj, asked, outcomes)
    except KeyboardInterrupt:
        _report(outcomes, asked)
        click.echo("interrupted", err=True)
        context.exit(EXIT_INTERRUPTED)
    _report(outcomes, asked)
    context.exit(1 if any(outcome.state == REFUSED for outcome in outcomes) else 0)


def _replay(context: click.Context, asked: _Asked) -> None:
    if len(asked.paths) != 1 or asked.namespace:
        raise click.UsageError("--timeline takes one folder, whose documents name a namespace.")
    timeline = read_timeline(asked.paths[0], context.obj.server.max_body)
    done: list[Replayed] = []
    files = [timeline.path(event) for event in timeline.events]
    told = {"as_json": asked.as_json, "quiet": asked.quiet}
    try:
        with (
            _opened(context.obj, asked) as (engine, judge, order),
            _progress(files, asked.quiet) as on_bytes,
        ):
            follow(engine, judge, order, timeline, on_bytes, done)
    except KeyboardInterrupt:
        report(timeline, done, **told)
        click.echo("interrupted", err=True)
        context.exit(EXIT_INTERRUPTED)
    report(timeline, done, **told)
    context.exit(exit_code(done))


def _run(settings: Settings, asked: _Asked, outcomes: list[Outcome]) -> None:
    # Filled one by one, so that an interruption leaves what was done.
    files = list(_files(asked))
    with (
        _opened(settings, asked) as (engine, judge, order),
        _progress(files, asked.quiet) as on_bytes,
    ):
        for outcome in load_files(engine, judge, order, files, clock_of(settings), on_bytes):
            outcomes.append(outcome)
    _refuse_nothing(asked.paths, outcomes)


@contextmanager
def _opened(settings: Settings, asked: _Asked) -> Iterator[tuple[Engine, Judge, Order]]:
    judge = open_judge(settings, _given(asked.schemas))
    _refuse_unknown(judge, asked.model)
    engine = open_engine(settings, pool_size=1)
    try:
        with engine.connect() as connection:
            zone = choose_zone(settings, all_applications(connection), asked.zone)
        yield (
            engine,
            judge,
            Order(
                Scope(zone, asked.context),
                model=asked.model or settings.zones.get(zone, Zone()).model,
                namespace=asked.namespace,
                file_delay_seconds=settings.worker.file_delay_seconds,
                event_objects=settings.queues.event_objects,
            ),
        )
    finally:
        engine.dispose()


def _refuse_nothing(paths: Sequence[Path], outcomes: Sequence[Outcome]) -> None:
    # Without it a wrong folder would pass for a successful load.
    if any(outcome.state != SKIPPED for outcome in outcomes):
        return
    if any(holds_timeline(path) for path in paths):
        raise SetupError(
            "Nothing was loaded: the folder holds events, which only make sense in order; replay "
            "them with --timeline."
        )
    names = [_name(outcome.path) for outcome in outcomes]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    skipped = f"{', '.join(names[:MOST_NAMES])}{more} skipped: neither .xml nor begins with <, or "
    why = f"{skipped}a schema or web page" if names else "there is no file in it"
    places = ", ".join(map(_name, paths))
    raise SetupError(
        f"Nothing was loaded: no XML document in {places} ({why}). This command takes SIF XML; SIF "
        "JSON can be posted to a running hub."
    )


def _files(asked: _Asked) -> Iterator[Path]:
    for path in asked.paths:
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if not file.is_dir())
            yield from _without_timelines(found, asked.quiet)
        elif path.exists() or path.is_symlink():
            yield path
        else:
            raise SetupError(f"There is no file or folder {path}; correct the name.")


def _without_timelines(files: Sequence[Path], quiet: bool) -> Iterator[Path]:
    folders = [file.parent for file in files if file.name == INDEX and holds_timeline(file.parent)]
    for folder in folders:
        if not quiet:
            click.echo(f"{_name(folder)} holds events; replay them with --timeline.", err=True)
    yield from (file for file in files if not set(folders) & set(file.parents))


def choose_zone(settings: Settings, applications: Sequence[Application], asked: str) -> str:
    """The zone that is asked for, or the only one; raises SetupError where it is not clear."""
    # The zone of a registered application counts, since `app add` takes any.
    zones = list(dict.fromkeys([*settings.zones, *(each.scope.zone_id for each in applications)]))
    if asked in zones:
        return asked
    if not asked and len(settings.zones) == 1:
        return zones[0]
    problem = f"There is no zone {asked}" if asked else "The settings have several zones"
    raise SetupError(f"{problem}; choose with --zone among {', '.join(zones)}.")


def _given(paths: Sequence[Path]) -> list[Registered]:
    given: list[Registered] = []
    for path in paths:
        entry = entry_file(path)
        namespace = compile_schema(entry).namespace
        name = model_id(entry)
        # Two files of one release would be one model; their paths keep them apart.
        if name in {other.model for other in given}:
            name = str(entry)
        given.append(Registered(name, namespace, STRICT, str(entry)))
    return given


def _refuse_unknown(judge: Judge, model: str) -> None:
    if model and model not in judge.models():
        known = ", ".join(judge.models())
        raise SetupError(f"No schema of model {model} is registered; there are {known}.")


@contextmanager
def _progress(files: Sequence[Path], quiet: bool) -> Iterator[Callable[[int], None]]:
    # A log file needs no bar.
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    total = sum(file.stat().st_size for file in files if file.is_file())
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{len(files)} files", total=total)
        yield lambda count: progress.advance(task, count)


def _report(outcomes: Sequence[Outcome], asked: _Asked) -> None:
    states = Counter(outcome.state for outcome in outcomes)
    if asked.as_json:
        click.echo(_json(outcomes, states))
    else:
        for outcome in outcomes:
            for problem in outcome.problems:
                click.echo(_line(outcome.path, problem))
    if not (asked.as_json and asked.quiet):
        click.echo(_summary(outcomes, states), err=asked.as_json)


def _json(outcomes: Sequence[Outcome], states: Counter[str]) -> str:
    problems = [
        {
            "file": _name(outcome.path),
            "line": problem.line,
            "path": problem.path,
            "expected": problem.expected,
            "judged_by": problem.by,
        }
        for outcome in outcomes
        for problem in outcome.problems
    ]
    counts = {state: states[state] for state in (LOADED, REFUSED, SKIPPED)}
    return json.dumps({**counts, "problems": problems}, ensure_ascii=False)


def _line(file: Path, problem: Problem) -> str:
    place = f"{_name(file)}:{problem.line}" if problem.line else _name(file)
    path = f" {problem.path}:" if problem.path else ""
    by = f" [{problem.by}]" if problem.by else ""
    return f"{place}:{path} expected {problem.expected}{by}"


def _name(file: Path) -> str:
    # A file name may hold bytes that are no UTF-8, and then could not be printed.
    return str(file).encode("utf-8", "replace").decode()


def _summary(outcomes: Sequence[Outcome], states: Counter[str]) -> str:
    judged: Counter[str] = Counter()
    for outcome in outcomes:
        judged.update(outcome.judged)
    files = ", ".join(f"{states[state]} {state}" for state in (LOADED, REFUSED, SKIPPED))
    by = "; ".join(f"{number} by {name}" for name, number in sorted(judged.items()))
    return f"Files: {files}. Objects stored: {judged.total()}{f', judged: {by}' if by else ''}."
