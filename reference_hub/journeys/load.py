"""A district loads its own export: each file is stored whole or not at all.

A file is judged object by object while it streams. The first refusal rolls its transaction back;
the rest of the file is then only judged, so that one run names up to twenty problems.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.codec.lines import line_of, locate, relined
from reference_hub.codec.lookup_words import numbers_in
from reference_hub.codec.prolog import NotXml
from reference_hub.codec.schema import Judge, Judged, Problem
from reference_hub.codec.stream import Member, Source, Spliced, look, read
from reference_hub.codec.xml import MalformedDocument, fold, local_name, refid_of, tostring
from reference_hub.journeys.accept import AlreadyThere, accept, existing
from reference_hub.model.change import CREATE, UPDATE, Change
from reference_hub.model.scope import Scope
from reference_hub.store import statistics

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

LOADED = "loaded"
REFUSED = "refused"
SKIPPED = "skipped"
MOST_PROBLEMS = 20
_BATCH = 500
# Where no schema judges, an id of any length would reach the key of the store.
_LONGEST_ID = 100
# A create can lose against a running serve; then the file is read again.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What one call asks for. `namespace` is for documents that name none; `model` chooses among
    several schemas of one namespace; `file_delay_seconds`, `event_objects`: see journeys.accept."""

    scope: Scope
    model: str = ""
    namespace: str = ""
    source_key: str = "load"
    file_delay_seconds: float = 2.0
    event_objects: int = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `judged` counts its stored objects by the judging schema."""

    path: Path
    state: str
    judged: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def load(
    engine: Engine,
    judge: Judge,
    order: Order,
    files: Sequence[Path],
    clock: Clock,
    on_bytes: Callable[[int], None] = lambda _: None,
) -> Iterator[Outcome]:
    """Load files one by one, each in a transaction of its own; `on_bytes` is told of progress.

    Raises AmbiguousModel before anything is stored.
    """
    looked = [_look(path, order) for path in files]
    # An unclear choice is a fault of the set-up: it ends the call while the store is untouched.
    for namespace in {found.namespace for found in looked if isinstance(found, Source)}:
        judge.choose(namespace, model=order.model, partial=False)
    writer = _Writer(order, clock)
    for found in looked:
        if isinstance(found, Source):
            found = _load(engine, judge, writer, found, on_bytes)
        yield found


@dataclass(slots=True)
class _Writer:
    """Hands batches of changes to the store; counts them over all files of the call."""

    order: Order
    clock: Clock
    batches: int = 0

    def write(self, connection: Connection, batch: Sequence[Change]) -> None:
        """Store objects of one type: those that are known as updates, the others as creates."""
        if not batch:
            return
        scope = self.order.scope
        known = existing(connection, scope, batch[0].object_type, [each.refid for each in batch])
        changes: list[Change] = []
        for change in batch:
            changes.append(change if change.refid in known else replace(change, action=CREATE))
            # The second of two objects with one id is an update, also within a file.
            known.add(change.refid)
        delay = self.order.file_delay_seconds
        accept(
            connection,
            scope,
            self.order.source_key,
            changes,
            self.clock,
            file_delay_seconds=delay,
            event_objects=self.order.event_objects,
        )
        self._count(connection)

    def _count(self, connection: Connection) -> None:
        self.batches += 1
        # The second, the fourth, the eighth: a large load pays it seldom, a small one never.
        if self.batches > 1 and self.batches.bit_count() == 1:
            statistics.refresh(connection)


def _look(path: Path, order: Order) -> Source | Outcome:
    # Before it is opened: the reader of a pipe waits for a writer.
    if not path.is_file():
        return _refused(path, [Problem(0, "", f"a regular file or a folder; found {_kind(path)}")])
    try:
        source = look(path, order.namespace)
    except NotXml:
        return Outcome(path, SKIPPED)
    except MalformedDocument as error:
        return _refused(path, [_malformed(error)])
    except OSError as error:
        return _refused(path, [Problem(0, "", f"a readable file ({error.strerror})")])
    if not source.namespace:
        return _refused(path, [_nameless(source)])
    return source


def _kind(path: Path) -> str:
    if not path.exists():
        return "a link that leads nowhere" if path.is_symlink() else "nothing of this name"
    return "a pipe" if path.is_fifo() else "a device, a socket or the like"


def _load(
    engine: Engine,
    judge: Judge,
    writer: _Writer,
    source: Source,
    on_bytes: Callable[[int], None],
) -> Outcome:
    for _ in range(_ATTEMPTS):
        try:
            found = _judged(judge, writer.order, source, on_bytes)
            return _attempt(engine, writer, source, found)
        except AlreadyThere:
            continue
    busy = "objects that nobody else creates at the same time; load the file again"
    return _refused(source.path, [Problem(0, "", busy)])


def _attempt(
    engine: Engine, writer: _Writer, source: Source, found: Iterator[Change | Problem]
) -> Outcome:
    tally: Counter[str] = Counter()
    with engine.connect() as connection, connection.begin() as transaction:
        problem = _store(connection, writer, found, tally)
        # At once: judging the rest of a large file must hold no locks.
        if problem:
            transaction.rollback()
    if not problem:
        return Outcome(source.path, LOADED, tally)
    more = islice((item for item in found if isinstance(item, Problem)), MOST_PROBLEMS - 1)
    return _refused(source.path, _exact(source, [problem, *more]))


def _store(
    connection: Connection,
    writer: _Writer,
    found: Iterator[Change | Problem],
    tally: Counter[str],
) -> Problem | None:
    batch: list[Change] = []
    for item in found:
        if isinstance(item, Problem):
            return item
        batch.append(item)
        tally[item.judged_by] += 1
        if len(batch) == _BATCH:
            writer.write(connection, batch)
            batch = []
    writer.write(connection, batch)
    return None


def _judged(
    judge: Judge, order: Order, source: Source, on_bytes: Callable[[int], None]
) -> Iterator[Change | Problem]:
    try:
        for item in read(source, on_bytes):
            if isinstance(item, Problem):
                yield item
            elif item.collection:
                yield from _of_collection(judge, order, item)
            else:
                yield from _of_object(judge, order, item)
    except MalformedDocument as error:
        yield _malformed(error)
    except OSError as error:
        yield Problem(0, "", f"a file that can be read to its end ({error.strerror})")


def _of_object(judge: Judge, order: Order, member: Member) -> Iterator[Change | Problem]:
    element = member.element
    verdict = judge.judge(element, model=order.model)
    refid = fold(refid_of(element))
    if verdict.problems:
        yield from _placed(verdict, member)
    elif not 0 < len(refid) <= _LONGEST_ID:
        wanted = (
            f"an attribute refId or RefId of 1 to {_LONGEST_ID} characters; the hub keeps by it"
        )
        yield Problem(line_of(element), member.path, wanted, member.steps)
    else:
        name, body = local_name(element), tostring(element)
        numbers = numbers_in(name, element)
        yield Change(UPDATE, name, refid, body, verdict.by, numbers=numbers)


def _of_collection(judge: Judge, order: Order, member: Member) -> Iterator[Problem]:
    if judge.declares(member.element, model=order.model):
        verdict = judge.judge(member.element, model=order.model)
        yield from _placed(verdict, member)


def _placed(verdict: Judged, member: Member) -> Iterator[Problem]:
    for problem in verdict.problems:
        within = problem.path.removeprefix("/").partition("/")[2]
        path = f"{member.path}/{within}" if within else member.path
        steps = member.steps + problem.steps
        yield Problem(problem.line, path, problem.expected, steps, verdict.by)


def _exact(source: Source, problems: Sequence[Problem]) -> list[Problem]:
    with Spliced(source) as file:
        lines = locate(file.chunks(), {problem.steps for problem in problems if problem.path})
    return [relined(problem, lines) if problem.path else problem for problem in problems]


def _malformed(error: MalformedDocument) -> Problem:
    return Problem(error.line, "", f"well-formed XML in UTF-8; found {error.reason}")


def _nameless(source: Source) -> Problem:
    return Problem(
        1,
        f"/{source.root}",
        "a namespace; the document names none: give it with --namespace URI",
    )


def _refused(path: Path, problems: Iterable[Problem]) -> Outcome:
    return Outcome(path, REFUSED, {}, tuple(problems))
