"""Objects for whoever may read them: all of it for the source, the granted fields for a vendor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reference_hub.codec.xml import fold
from reference_hub.journeys import changes
from reference_hub.journeys.query import Query, select
from reference_hub.journeys.view import View
from reference_hub.journeys.visible import visible
from reference_hub.privacy.gate import outdated
from reference_hub.problems import Refusal
from reference_hub.store import listings, objects, result_sets
from reference_hub.store.audits import Entry
from reference_hub.store.listings import State, Version
from reference_hub.store.result_sets import ResultSet


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is wanted, from 1; without a size everything is."""

    number: int = 1
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: its objects one after the other, how many they are, and how many there are in all.

    `state` is what the types stood at before the objects were read, where that was looked up.
    """

    body: bytes
    number: int
    count: int
    state: State | None = None


@dataclass(frozen=True, slots=True)
class One:
    """An object as the caller may see it, and the number of its version."""

    body: bytes
    version_id: int


def pull(view: View, query: Query, page: Page, largest: int) -> Shown:
    """A page of what the query means. Raises Refusal 413 when it would be too large, and as
    `select` does."""
    if query.is_plain and view.shows_each(query.object_type):
        return _every(view, query.object_type, page, largest)
    refuse_too_large(page.size or 0, largest, query.object_type)
    numbers = visible(view, query.object_type) if query.is_plain else select(view, query)
    return part(view, query.object_type, numbers, page, largest)


def part(view: View, object_type: str, numbers: Sequence[int], page: Page, largest: int) -> Shown:
    """A page of chosen versions."""
    count = len(numbers)
    size, offset = _window(page, count, largest, object_type)
    found = listings.versions(view.connection, numbers[offset : offset + size])
    return _shown(view, found, count)


def pull_kept(view: View, kept: ResultSet, object_type: str, page: Page, largest: int) -> Shown:
    """A page of a result set, pruned by what is granted now."""
    size, offset = _window(page, kept.count, largest, object_type)
    if not size or offset >= kept.count:
        return Shown(b"", 0, kept.count)
    found = result_sets.page(view.connection, kept.id, limit=size, offset=offset)
    return _shown(view, found, kept.count)


def pull_one(
    view: View,
    object_type: str,
    refid: str,
    *,
    lock: bool = False,
    note: Entry | None = None,
    at: datetime | None = None,
) -> tuple[One, str]:
    """One object and the store's epoch; with `lock` nobody changes it until the transaction ends.

    `note` is what the audit says of it if it is there, `at` when; only for what is granted whole.
    Raises Refusal 404 when there is none to show.
    """
    if lock:
        stored = fold(view.real_id(object_type, refid))
        objects.lock(view.connection, view.scope, object_type, [stored])
    pod_id, excluded = (view.pod.id or None, view.pod.excluded) if view.pod else (None, ())
    stored = fold(view.real_id(object_type, refid))
    found = listings.one(
        view.connection,
        view.scope,
        object_type,
        stored,
        note=note,
        at=at,
        pod_id=pod_id,
        excluded=excluded,
    )
    if found is not None and not found.is_noted:
        raise outdated()
    body = view.outgoing(found.body, object_type) if found else None
    if found is None or body is None:
        raise Refusal(404, f"Query {object_type}", "There is no object with this id.")
    return One(body, found.version_id), found.epoch


def refuse_too_large(size: int, largest: int, object_type: str) -> None:
    """Raise Refusal 413 for more objects than one answer may hold."""
    if size > largest:
        text = f"More than {largest} objects; send navigationPage and navigationPageSize."
        raise Refusal(413, f"Query {object_type}", text)


def _every(view: View, object_type: str, page: Page, largest: int) -> Shown:
    refuse_too_large(page.size or 0, largest, object_type)
    offset = (page.number - 1) * (page.size or largest)
    if not view.is_granted_whole(object_type):
        return _each_pruned(view, object_type, page, largest)
    found = listings.joined(
        view.connection, view.scope, object_type, size=page.size, offset=offset, largest=largest
    )
    if page.size is None:
        refuse_too_large(found.state.present, largest, object_type)
    if not view.passes_whole(found.body, found.number, object_type):
        return replace(_each_pruned(view, object_type, page, largest), state=found.state)
    view.count_whole(object_type, found.number)
    return Shown(found.body, found.number, found.state.present, found.state)


def _each_pruned(view: View, object_type: str, page: Page, largest: int) -> Shown:
    state = listings.state(view.connection, view.scope, [object_type])
    size, offset = _window(page, state.present, largest, object_type)
    found = objects.page(view.connection, view.scope, object_type, limit=size, offset=offset)
    shown = (view.outgoing(each.body, object_type) for each in found)
    bodies = [body for body in shown if body is not None]
    return Shown(b"".join(bodies), len(bodies), state.present, state)


def _window(page: Page, count: int, largest: int, object_type: str) -> tuple[int, int]:
    size = count if page.size is None else page.size
    refuse_too_large(size, largest, object_type)
    return size, (page.number - 1) * size


def _shown(view: View, found: Sequence[Version], count: int) -> Shown:
    bodies = [body for each in found if (body := changes.written(view, each)) is not None]
    return Shown(b"".join(bodies), len(bodies), count)
