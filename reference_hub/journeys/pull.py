"""Objects for whoever may read them: all of it for the source, the granted fields for a vendor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference_hub.codec.xml import fold, read, tostring
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.privacy.filter import Grants, prune
from reference_hub.problems import Refusal
from reference_hub.store import objects

if TYPE_CHECKING:
    from sqlalchemy import Connection

LARGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is wanted, from 1; without a size everything is."""

    number: int = 1
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The objects of a page as bytes, and how many there are in all."""

    bodies: tuple[bytes, ...]
    count: int


def pull(
    connection: Connection, scope: Scope, object_type: str, page: Page, pod: Pod | None
) -> Listing:
    """One page, pruned by `pod`. Raises Refusal 413 when it would be too large."""
    _refuse_too_large(page.size or 0, object_type)
    count = objects.tally(connection, scope, object_type).present
    size = count if page.size is None else page.size
    _refuse_too_large(size, object_type)
    offset = (page.number - 1) * size
    if size == 0 or offset >= count:
        return Listing((), count)
    found = objects.page(connection, scope, object_type, limit=size, offset=offset)
    return Listing(tuple(_pruned((each.body for each in found), pod)), count)


def pull_one(
    connection: Connection, scope: Scope, object_type: str, refid: str, pod: Pod | None
) -> bytes:
    """One object, pruned by `pod`. Raises Refusal 404 when there is none to show."""
    found = objects.get(connection, scope, object_type, fold(refid))
    for body in _pruned([found.body] if found else [], pod):
        return body
    raise Refusal(404, f"Query {object_type}", "There is no object with this id.")


def _pruned(bodies: Iterable[bytes], pod: Pod | None) -> Iterable[bytes]:
    if pod is None:
        yield from bodies
        return
    grants = Grants(pod.granted)
    for body in bodies:
        pruned = prune(read(body), grants)
        if pruned is not None:
            yield tostring(pruned)


def _refuse_too_large(size: int, object_type: str) -> None:
    if size > LARGEST_PAGE:
        text = f"More than {LARGEST_PAGE} objects; send navigationPage and navigationPageSize."
        raise Refusal(413, f"Query {object_type}s", text)
