"""One person's data: which vendor holds which fields of it, under which agreement, since when.

Fields and counts only. What went out is known of connections that the hub delivers to; of a vendor
that comes for its data it is known what it may read, not whom it read (profile).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference_hub.codec.lookup_words import PEOPLE, STUDENTS, numbers_in, plain
from reference_hub.codec.xml import fold, read
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.privacy.filter import compiled, prune
from reference_hub.privacy.tally import fields_of
from reference_hub.store import console_people, deletions, exclusions
from reference_hub.store.console_people import Party, Stored, Trace
from reference_hub.store.deletions import Deletion

if TYPE_CHECKING:
    from sqlalchemy import Connection

# What is known of a vendor and a student: it has something, something is on its way, it may have
# read, it has nothing any more.
HOLDS, WAITS, MAY, GONE = STATES = "holds", "waits", "may", "gone"
REQUIRED = "required"
# Kinds of people, and the object types that each is described by.
STUDENT = "student"
KINDS = {STUDENT: STUDENTS, "staff": PEOPLE[2:4], "contact": PEOPLE[4:6]}
_LOCAL_IDS = ("{*}localId", "{*}LocalId", "{*}PersonInfo/{*}LocalId")
# So many vendors are looked at closely; a page shows no more, so that it stays below 200 KB.
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Holding:
    """One vendor. `paths`: granted paths of which the student's objects hold anything; `columns`:
    what the vendor was told in rows of its own form; `barred`: never to get it again."""

    party: Party
    state: str
    trace: Trace
    paths: tuple[str, ...]
    columns: tuple[str, ...]
    barred: bool
    deletion: Deletion | None = None

    @property
    def pod(self) -> Pod | None:
        """The POD that it acknowledged last."""
        return self.party.pod


@dataclass(frozen=True, slots=True)
class Subject:
    """A person as found by a number: the folded RefIds of its own objects, the object types about
    it, the first vendors, those that hold most first, and how many there are by state."""

    refids: tuple[str, ...]
    kinds: tuple[tuple[str, int], ...]
    holdings: tuple[Holding, ...]
    numbers: Counter[str]

    @property
    def hidden(self) -> int:
        """How many vendors are not among `holdings`."""
        return max(sum(self.numbers.values()) - len(self.holdings), 0)


def found(
    connection: Connection, scope: Scope, number: str, kind: str = STUDENT
) -> tuple[str, ...]:
    """The folded RefIds of people of that kind with that local number; where nobody has it, with
    that state number, else with that RefId. () for none."""
    types, wanted = KINDS[kind], plain(number)
    told = console_people.holding(connection, scope, wanted, types)
    refids = {each.refid for each in told if _local_id(each) == wanted}
    refids |= set() if refids else {each.refid for each in told if wanted in _numbers(each)}
    if not refids:
        own = console_people.own(connection, scope, fold(number), types)
        refids = {each.refid for each in own}
    return tuple(sorted(refids))


def _numbers(each: Stored) -> tuple[str, ...]:
    return numbers_in(each.object_type, read(each.body))


def _local_id(each: Stored) -> str:
    root = read(each.body)
    told = (root.findtext(path) for path in _LOCAL_IDS)
    return plain(next(filter(None, told), ""))


def local_ids(connection: Connection, scope: Scope, refid: str) -> tuple[str, ...]:
    """The local numbers of a student, () where the hub has it no more."""
    stored = console_people.own(connection, scope, refid, STUDENTS)
    return tuple(sorted({number for each in stored if (number := _local_id(each))}))


def subject(
    connection: Connection,
    scope: Scope,
    refids: Sequence[str],
    *,
    vendor_id: int | None = None,
    most: int = SHOWN,
) -> Subject:
    """Everything known of the person with these RefIds; with `vendor_id` at that vendor only."""
    objects = console_people.about(connection, scope, refids)
    every = sorted({*refids, *(each.refid for each in objects)})
    traces = console_people.traces(connection, scope, refids, every)
    states = {
        each: state
        for each, trace in traces.items()
        if vendor_id in (None, each) and (state := _state(trace))
    }
    first = sorted(states, key=lambda each: (STATES.index(states[each]), each))[:most]
    barred = barred_vendors(connection, scope, refids)
    asked = {each.vendor_id: each for each in deletions.in_scope(connection, scope)}
    holdings = [
        _holding(each, states[each.id], traces[each.id], objects, barred, asked.get(each.id))
        for each in console_people.parties(connection, scope, first)
    ]
    # Who comes, and may read nothing of the student, is left out.
    shown = [each for each in holdings if each.state != MAY or each.paths]
    shown.sort(key=lambda each: STATES.index(each.state))
    numbers = Counter(states.values())
    numbers[MAY] -= len(holdings) - len(shown)
    kinds = Counter(stored.object_type for stored in objects)
    return Subject(tuple(refids), tuple(sorted(kinds.items())), tuple(shown), numbers)


def barred_vendors(
    connection: Connection, scope: Scope, refids: Sequence[str]
) -> frozenset[int | None]:
    """The vendors that must never get the student again; None among them: every vendor."""
    listed = exclusions.everyone(connection, scope)
    return frozenset(each.vendor_id for each in listed if each.refid in refids)


def _holding(
    party: Party,
    state: str,
    trace: Trace,
    objects: Sequence[Stored],
    barred: frozenset[int | None],
    deletion: Deletion | None,
) -> Holding:
    is_barred = bool(barred & {None, party.id})
    paths = () if state == GONE else tuple(sorted(set(_paths(party, trace, objects))))
    # What was deleted counts only where nothing was delivered after it was asked for.
    late = deletion is not None and trace.last is not None and trace.last > deletion.asked
    told = None if late else deletion
    return Holding(party, state, trace, paths, trace.fields, is_barred, told)


def _state(trace: Trace) -> str:
    if trace.there:
        return HOLDS
    if trace.gone is not None:
        return GONE
    if trace.deliveries:
        return HOLDS
    if trace.waiting:
        return WAITS
    return MAY if trace.came is not None else ""


def _paths(party: Party, trace: Trace, objects: Sequence[Stored]) -> Iterator[str]:
    """The granted paths that show anything of the student, whatever object they are of."""
    for each in objects:
        if trace.types and each.object_type not in trace.types:
            continue
        if party.pod is not None:
            yield from _shown(party.pod, each)
        elif party.pod_policy != REQUIRED:
            yield each.object_type


def _shown(pod: Pod, each: Stored) -> Iterator[str]:
    for terms in pod.entries:
        grants = compiled(pod.under(terms))
        pruned = prune(read(each.body), grants)
        if pruned is not None:
            yield from fields_of(pruned, grants)
