"""People whom a vendor must never hear of: kept with the documents that say so, or by an operator.

A PersonPrivacyObligationDocument names parties in words. They are compared with name and party of
the zone's vendors; one that no vendor has yet counts from the day on which a vendor gets it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec.xml import fold, read
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from reference_hub.model.party import Vendor
from reference_hub.model.scope import Scope
from reference_hub.privacy.exclusion import exclusions_of, without
from reference_hub.store import audits, exclusions, objects, outbox, vendors, withdrawals
from reference_hub.store.withdrawals import Mentioning, Step

if TYPE_CHECKING:
    from sqlalchemy import Connection

DOCUMENT = "PersonPrivacyObligationDocument"
OPERATOR = "operator"
_PAGE = 500


def keep_wishes(
    connection: Connection, scope: Scope, changes: Sequence[Change], clock: Clock
) -> None:
    """Follow what these changes say of people, in their own transaction; others are passed over."""
    documents = [each for each in changes if each.object_type == DOCUMENT]
    if not documents:
        return
    known = _vendors_in(connection, scope)
    with _followed(connection, scope, known, clock):
        for each in documents:
            _note(connection, scope, each.refid, each.body, known)


def review(connection: Connection, scope: Scope, clock: Clock) -> None:
    """Read all documents of the scope anew, after a vendor was added or got another party."""
    known = _vendors_in(connection, scope)
    with _followed(connection, scope, known, clock):
        for found in objects.each_page(connection, scope, DOCUMENT, _PAGE):
            for each in found:
                _note(connection, scope, each.refid, each.body, known)


def exclude(
    connection: Connection, scope: Scope, refid: str, vendor: Vendor | None, clock: Clock
) -> bool:
    """Exclude a person by an operator's word, None from every vendor; False where it was so."""
    with _followed(connection, scope, _vendors_in(connection, scope), clock):
        wanted = [vendor.id if vendor else None]
        return exclusions.add(connection, scope, fold(refid), wanted, OPERATOR) > 0


def include(
    connection: Connection, scope: Scope, refid: str, vendor: Vendor | None, clock: Clock
) -> bool:
    """Take an operator's word back; False where there was none. Documents stay as they are."""
    with _followed(connection, scope, _vendors_in(connection, scope), clock):
        vendor_id = vendor.id if vendor else None
        return exclusions.remove(connection, scope, fold(refid), vendor_id, OPERATOR)


def _note(
    connection: Connection, scope: Scope, source: str, body: bytes | None, known: Sequence[Vendor]
) -> None:
    exclusions.forget(connection, scope, source)
    said = exclusions_of(read(body)) if body else None
    if said is None:
        return
    named = {_plain(party) for party in said.parties}
    barred = [each.id for each in known if named & {_plain(each.name), _plain(each.party_id)}]
    wanted: list[int | None] = [*barred, *([None] if said.everyone else [])]
    exclusions.add(connection, scope, said.person, wanted, source)


@contextmanager
def _followed(
    connection: Connection, scope: Scope, known: Sequence[Vendor], clock: Clock
) -> Iterator[None]:
    """Around a change of exclusions: vendors lose, or get again, what it concerns."""
    before = _pairs(connection, scope, known)
    yield
    after = _pairs(connection, scope, known)
    barred, freed = after - before, before - after
    steps = [
        *_steps(connection, scope, barred, _taken_back),
        *_steps(connection, scope, freed, _given_again),
    ]
    if steps:
        withdrawals.queue(connection, scope, steps)
    for vendor_id in sorted({vendor_id for vendor_id, _ in barred | freed}):
        outbox.renew_files(connection, vendor_id, scope)
    if barred or freed:
        outbox.notify(connection)
        told = {"barred": len(barred), "freed": len(freed)}
        told |= Counter(each.action for each in steps)
        number = len(barred | freed)
        entry = audits.Entry("hub", "followed person privacy", count=number, detail=told)
        audits.add(connection, scope, clock.now(), entry)


def _steps(
    connection: Connection,
    scope: Scope,
    pairs: set[tuple[int, str]],
    action: Callable[[Mentioning, _Element | None], str],
) -> Iterator[Step]:
    """What to send of all objects that are, or name, one of these people: pairs with vendors."""
    people: dict[int, set[str]] = {}
    for vendor_id, refid in pairs:
        people.setdefault(vendor_id, set()).add(refid)
    refids = {refid for _, refid in pairs}
    for each in withdrawals.mentioning(connection, scope, people, refids) if pairs else ():
        element = read(each.body)
        left = without(element, frozenset(people[each.vendor_id]))
        if left is not element and (found := action(each, left)):
            yield Step(found, each)


def _taken_back(each: Mentioning, left: _Element | None) -> str:
    if not each.is_there:
        return ""
    return DELETE if left is None else UPDATE


def _given_again(each: Mentioning, _: _Element | None) -> str:
    return UPDATE if each.is_there else CREATE


def _pairs(connection: Connection, scope: Scope, known: Iterable[Vendor]) -> set[tuple[int, str]]:
    ids = [each.id for each in known]
    return {
        (vendor_id, each.refid)
        for each in exclusions.everyone(connection, scope)
        for vendor_id in (ids if each.vendor_id is None else (each.vendor_id,))
    }


def _vendors_in(connection: Connection, scope: Scope) -> list[Vendor]:
    return [each for each in vendors.all_vendors(connection) if each.scope == scope]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
