"""People whom a vendor must never hear of: kept with the documents that say so, or by an operator.

A PersonPrivacyObligationDocument names parties in words. They are compared with name and party of
the zone's vendors; one that no vendor has yet counts from the day on which a vendor gets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.codec.xml import fold, read
from reference_hub.model.change import Change
from reference_hub.model.party import Vendor
from reference_hub.model.scope import Scope
from reference_hub.privacy.exclusion import exclusions_of
from reference_hub.store import audits, exclusions, objects, outbox, vendors, withdrawals

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
    known, start = _vendors_in(connection, scope), 0
    with _followed(connection, scope, known, clock):
        while found := objects.page(connection, scope, DOCUMENT, limit=_PAGE, offset=start):
            for each in found:
                _note(connection, scope, each.refid, each.body, known)
            start += len(found)


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
    deletes = withdrawals.withdraw(connection, scope, sorted(barred)) if barred else 0
    creates = withdrawals.give_again(connection, scope, sorted(freed)) if freed else 0
    for vendor_id in sorted({vendor_id for vendor_id, _ in barred | freed}):
        outbox.renew_files(connection, vendor_id, scope)
    if barred or freed:
        outbox.notify(connection)
        told = {"barred": len(barred), "freed": len(freed), "deletes": deletes, "creates": creates}
        entry = audits.Entry(
            "hub", "followed person privacy", count=len(barred | freed), detail=told
        )
        audits.add(connection, scope, clock.now(), entry)


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
