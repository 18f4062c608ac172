"""An Ed-Fi host is brought to what it should hold: upserts in its order, deletes backwards.

`reconcile` gets the rows whose state at the host differs from ours and says what became of each.
It writes nothing down: the caller keeps an outcome before it takes the next, and after a crash the
same rows are sent again, which changes nothing (POST is an upsert, DELETE of nothing is 404).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from reference_hub.translate.ledger import Loss
from reference_hub.vendors import edfi_order, edfi_problems, edfi_readback
from reference_hub.vendors.edfi_codes import Codes, mapped
from reference_hub.vendors.edfi_moves import Move, moves
from reference_hub.vendors.edfi_parents import Missing, key_parts
from reference_hub.vendors.edfi_rows import (
    AGAIN,
    DELETED,
    EVERY,
    GONE,
    HELD,
    MOVED,
    READY,
    REFUSED,
    SENT,
    WAITING,
    Outcome,
    Paused,
    Row,
    Settings,
)
from reference_hub.vendors.edfi_session import Session, document
from reference_hub.workers import backoff
from reference_hub.workers.transport import Answer, Http

# More rows to send, in portions, in the order of a host.
Portions = Callable[[edfi_order.Order], Iterable[Sequence[Row]]]
# Kept in mind until the end of a run, in case what they wait for comes.
_MOST_WAITING = 10_000
# Rows in a row that the host failed at, after which it is left alone for a while.
_FAILURES = 3
_STATES = {
    edfi_problems.UNRESOLVED: WAITING,
    edfi_problems.DEPENDENT: WAITING,
    edfi_problems.TROUBLE: AGAIN,
}


@dataclass(frozen=True, slots=True)
class Host:
    """A host that was asked for its version, order and codes; may be kept for later runs.

    To be made anew now and then: codes and order may change at the host.
    """

    session: Session
    order: edfi_order.Order
    codes: Codes

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a district should know of this host, in sentences."""
        told = (self.order.remark,) if self.order.remark else ()
        return (*told, *self.codes.remarks)


@dataclass(slots=True)
class _Run:
    host: Host
    settings: Settings
    missing: Missing
    left: dict[tuple[str, str], Row]
    read: set[str] = field(default_factory=set)
    failures: int = 0
    does_not_move: set[str] = field(default_factory=set)


def connect(http: Http, settings: Settings) -> Host:
    """Ask a host what it is. Raises HostRefused (wrong version, wrong key) and Paused."""
    session = Session(http, settings)
    return Host(session, edfi_order.ask(session), Codes(session))


def reconcile(
    rows: Iterable[Row],
    http: Http,
    settings: Settings,
    host: Host | None = None,
    later: Portions | None = None,
) -> Iterator[Outcome]:
    """Send what differs and say, row by row, what became of it; each row has one outcome.

    Rows may come in any order. `later` gives more rows to send, portion by portion in the host's
    order, for those that are too many to be held at once. Raises HostRefused before anything is
    sent, and Paused where the host can take nothing and no row was begun.
    """
    todo = [row for row in rows if _differs(row, settings)]
    if not todo and later is None:
        return
    left = {(row.collection, row.key): row for row in todo}
    try:
        run = _Run(host or connect(http, settings), settings, Missing(settings.keys), left)
        for outcome in _all(run, todo, later(run.host.order) if later else ()):
            left.pop((outcome.row.collection, outcome.row.key), None)
            yield outcome
    except Paused as pause:
        if not left:
            raise
        for row in left.values():
            yield Outcome(row, AGAIN, row.remote_id, str(pause), pause.not_before, asked=False)


def chosen(rows: Iterable[Row], collection: str, key: str = "") -> Iterator[Row]:
    """The rows of a targeted resync: of one resource, or the one of it with that key."""
    return (row for row in rows if row.collection == collection and key in ("", row.key))


def _differs(row: Row, settings: Settings) -> bool:
    if row.state == GONE:
        return bool(row.remote_id or row.sent_hash or row.attempts)
    # A held row lacks something: what the host has of it stays.
    return row.state == READY and (settings.resync or row.hash != row.sent_hash)


def _all(run: _Run, todo: Sequence[Row], later: Iterable[Sequence[Row]]) -> Iterator[Outcome]:
    pairs = moves(todo, run.settings.keys)
    paired = {id(row) for move in pairs for row in (move.old, move.new)}
    rest = [row for row in todo if id(row) not in paired]
    for move in sorted(pairs, key=lambda move: run.host.order.of(move.new.collection, True)):
        moved = _move(run, move)
        yield from moved
        if not moved:
            rest += [move.old, move.new]
    gone = [row for row in rest if row.state == GONE]
    ready = [row for row in rest if row.state != GONE]
    still = yield from _deletes(run, gone)
    yield from _upserts(run, _portions(run, ready, later))
    # What a row that changed no longer points to can go now.
    for row, answer in (yield from _deletes(run, [row for row, _ in still])):
        yield _refusal(run, row, answer, "DELETE")


def _move(run: _Run, move: Move) -> list[Outcome]:
    """Change a key in place where the host does so, cascading to what points to it."""
    old, new = move.old, move.new
    if new.collection in run.does_not_move or run.host.codes.unknown(new):
        return []
    moved = replace(new, remote_id=old.remote_id)
    answer = _send(run, "PUT", moved)
    if 200 <= answer.status < 300:
        return [_sent(run, moved, answer), Outcome(old, MOVED, old.remote_id)]
    if edfi_problems.family(answer, "PUT") == edfi_problems.TROUBLE:
        refusal = _refusal(run, moved, answer, "PUT")
        return [refusal, replace(refusal, row=old)]
    run.does_not_move.add(new.collection)
    return []


def _deletes(run: _Run, rows: Sequence[Row]) -> Generator[Outcome, None, list[tuple[Row, Answer]]]:
    """Children first; a 409 is tried again as long as others go. Gives what could not go."""
    left = sorted(rows, key=lambda row: -run.host.order.of(row.collection, False))
    while left:
        stuck: list[tuple[Row, Answer]] = []
        for row in left:
            answer = _delete(run, row)
            if answer is None or answer.status in (200, 204, 404):
                run.failures = 0
                yield Outcome(row, DELETED, asked=answer is not None)
            elif edfi_problems.family(answer, "DELETE") == edfi_problems.DEPENDENT:
                stuck.append((row, answer))
            else:
                yield _refusal(run, row, answer, "DELETE")
        if len(stuck) == len(left):
            return stuck
        left = [row for row, _ in stuck]
    return []


def _delete(run: _Run, row: Row) -> Answer | None:
    session = run.host.session
    found = row.remote_id or _look_up(run, row)
    return session.ask("DELETE", session.resource(row.collection, found)) if found else None


def _look_up(run: _Run, row: Row) -> str:
    """The host's id of a row that was sent without its id being kept; '' if it is not there."""
    parts = dict(key_parts(row, run.settings.keys))
    url = f"{run.host.session.resource(row.collection)}?{urlencode(parts, quote_via=quote)}"
    found = document(run.host.session.ask("GET", url))
    if not parts or not isinstance(found, list) or len(found) != 1:
        return ""
    return str(found[0].get("id", ""))


def _portions(
    run: _Run, first: Sequence[Row], later: Iterable[Sequence[Row]]
) -> Iterator[list[Row]]:
    """What is sent together, in the host's order; nothing twice."""
    order, known = run.host.order, set(run.left)
    yield sorted(first, key=lambda row: order.of(row.collection, bool(row.remote_id)))
    for rows in later:
        names = {(row.collection, row.key): row for row in rows if _differs(row, run.settings)}
        fresh = {name: row for name, row in names.items() if name not in known}
        run.left.update(fresh)
        yield list(fresh.values())


def _upserts(run: _Run, portions: Iterable[list[Row]]) -> Iterator[Outcome]:
    """Portion by portion; what waits for a parent is tried again while others arrive."""
    waiting: list[Outcome] = []
    with ThreadPoolExecutor(run.settings.at_once, "edfi") as pool:
        for rows in portions:
            for row in rows:
                if not row.remote_id:
                    run.missing.add(row)
            still = yield from _as_far_as_possible(run, rows, pool)
            room = _MOST_WAITING - len(waiting)
            waiting += still[:room]
            yield from still[room:]
        yield from (yield from _as_far_as_possible(run, [each.row for each in waiting], pool))


def _as_far_as_possible(
    run: _Run, rows: Sequence[Row], pool: Executor
) -> Generator[Outcome, None, list[Outcome]]:
    """Gives what waits for rows that are not there."""
    left, waiting = list(rows), [Outcome(row, WAITING) for row in rows]
    while left:
        waiting = []
        for row, outcome in _sending(run, left, pool):
            if outcome.state == SENT:
                run.missing.discard(row)
            if outcome.state == WAITING:
                waiting.append(outcome)
            else:
                yield outcome
        if len(waiting) == len(left):
            break
        left = [outcome.row for outcome in waiting]
    return waiting


def _sending(run: _Run, rows: Sequence[Row], pool: Executor) -> Iterator[tuple[Row, Outcome]]:
    """Each row and what became of it; as many at the same time as the connection allows."""
    for start in range(0, len(rows), run.settings.at_once):
        part = rows[start : start + run.settings.at_once]
        early = {id(row): _unasked(run, row) for row in part}
        asked = [row for row in part if early[id(row)] is None]
        several = map if len(asked) == 1 else pool.map
        came = several(lambda row: _upsert(run, row), asked)
        for row in part:
            yield row, early[id(row)] or next(came)


def _unasked(run: _Run, row: Row) -> Outcome | None:
    """Why a row cannot be sent now; None where it can."""
    if parent := run.missing.parent_of(row):
        words = f"{parent} names a record that the host does not have yet"
        return Outcome(row, WAITING, row.remote_id, words, asked=False)
    if unknown := run.host.codes.unknown(row):
        return Outcome(row, HELD, row.remote_id, unknown, asked=False)
    return None


def _upsert(run: _Run, row: Row) -> Outcome:
    answer = _send(run, "PUT" if row.remote_id else "POST", row)
    if row.remote_id and answer.status == 404:
        # Somebody deleted it at the host.
        answer = _send(run, "POST", row)
    if 200 <= answer.status < 300:
        return _sent(run, row, answer)
    return _refusal(run, row, answer, "POST")


def _send(run: _Run, method: str, row: Row) -> Answer:
    session, body = run.host.session, mapped(row.body, run.settings.descriptors)
    if method == "POST":
        return session.ask("POST", session.resource(row.collection), body)
    url = session.resource(row.collection, row.remote_id)
    return session.ask("PUT", url, {"id": row.remote_id, **body})


def _sent(run: _Run, row: Row, answer: Answer) -> Outcome:
    run.failures = 0
    found = answer.header("Location").rstrip("/").rpartition("/")[2] or row.remote_id
    if not found:
        found = _look_up(run, row)
    return Outcome(row, SENT, found, losses=_read_back(run, row, found))


def _read_back(run: _Run, row: Row, remote_id: str) -> tuple[Loss, ...]:
    is_wanted = run.settings.read_back == EVERY or row.collection not in run.read
    if not remote_id or not is_wanted:
        return ()
    run.read.add(row.collection)
    session = run.host.session
    answer = session.ask("GET", session.resource(row.collection, remote_id))
    found = document(answer)
    if answer.status != 200 or not isinstance(found, dict):
        return ()
    return edfi_readback.losses(row, found, run.settings)


def _refusal(run: _Run, row: Row, answer: Answer, method: str) -> Outcome:
    kind = edfi_problems.family(answer, method)
    said = edfi_problems.words(answer, row.body)
    state = _STATES.get(kind, REFUSED)
    if state != AGAIN:
        run.failures = 0
        if kind == edfi_problems.FORBIDDEN:
            said = f"the host does not allow this record to our key: {said}"
        return Outcome(row, state, row.remote_id, said)
    later = backoff.next_try("", row.attempts + 1, run.settings.clock.now(), run.settings.rng)
    run.failures += 1
    if run.failures >= _FAILURES:
        raise Paused(f"the host fails: {said}", later)
    return Outcome(row, AGAIN, row.remote_id, said, later)
