"""How a state's collection stands for a district: its last run, its findings by rule and school."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec import collection_toml
from reference_hub.codec.xml import fold, local_name, read, refid_of
from reference_hub.journeys import redeliver
from reference_hub.model.collection import ERROR, OWN, STATE, Finding, Run
from reference_hub.model.console import Account
from reference_hub.model.party import Subscriber
from reference_hub.model.scope import Scope
from reference_hub.store import (
    audits,
    collection_runs,
    collection_wishes,
    console_collections,
    vendors,
)
from reference_hub.store.collection_wishes import Wish

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCHOOL = "SchoolInfo"
# Which objects tell at which school a person is.
_AT_SCHOOL = {
    "StudentPersonal": ("StudentSchoolEnrollment", "StudentPersonalRefId"),
    "StaffPersonal": ("StaffAssignment", "StaffPersonalRefId"),
}


@dataclass(frozen=True, slots=True)
class Collected:
    """One collection. `run`: the one that counts, None before the first; `fresh`, `still`, `fixed`:
    its findings against the run before; `wish`: the newest wish for another run."""

    name: str
    title: str
    run: Run | None
    before: Run | None
    fresh: int
    still: int
    fixed: int
    by_rule: dict[str, int]
    wish: Wish | None
    ways: tuple[Subscriber, ...]


@dataclass(slots=True)
class AtSchool:
    """Findings at one school. `refid` '': they belong to no school, or to none that is known."""

    refid: str
    name: str = ""
    errors: int = 0
    warnings: int = 0
    records: set[str] = field(default_factory=set)


def collections(connection: Connection, scope: Scope) -> list[Collected]:
    """The shipped collections and those that there was a run of."""
    names = dict.fromkeys(
        [*collection_toml.shipped(), *console_collections.names(connection, scope)]
    )
    return [collected(connection, scope, name) for name in names]


def collected(connection: Connection, scope: Scope, name: str) -> Collected:
    """One collection. What a state told counts more than what this hub found by itself."""
    runs = collection_runs.listed(connection, scope, name)
    told = [run for run in runs if run.origin == STATE] or [
        run for run in runs if run.origin == OWN
    ]
    run, before = (told[-1] if told else None), (told[-2] if len(told) > 1 else None)
    fresh, still, fixed = (0, 0, 0)
    if run and before:
        fresh, still, fixed = console_collections.compared(connection, run.id, before.id)
    by_rule = collection_runs.by_rule(connection, run.id) if run else {}
    wish = collection_wishes.last(connection, scope, name)
    shipped = collection_toml.load(name) if name in collection_toml.shipped() else None
    ways = collection_wishes.ways(connection, scope, shipped.objects) if shipped else []
    title = shipped.title if shipped else name
    return Collected(name, title, run, before, fresh, still, fixed, by_rule, wish, tuple(ways))


def by_school(connection: Connection, scope: Scope, run: Run) -> list[AtSchool]:
    """The findings of a run by school, most errors first."""
    findings = list(collection_runs.findings(connection, run.id))
    at = schools_of(connection, scope, findings)
    found: dict[str, AtSchool] = {}
    for each in findings:
        refid = at.get((each.object_type, each.refid), "")
        school = found.setdefault(refid, AtSchool(refid))
        school.errors += each.level == ERROR
        school.warnings += each.level != ERROR
        school.records.add(each.refid)
    names = _names(connection, scope)
    for school in found.values():
        school.name = names.get(school.refid, "")
    return sorted(found.values(), key=lambda each: (-each.errors, -each.warnings, each.name))


def schools_of(
    connection: Connection, scope: Scope, findings: Sequence[Finding]
) -> dict[tuple[str, str], str]:
    """The folded RefId of the school of each object with a finding, as far as data tell."""
    found: dict[tuple[str, str], str] = {}
    of_person: dict[tuple[str, str], tuple[str, str]] = {}
    for object_type in sorted({each.object_type for each in findings}):
        refids = sorted({each.refid for each in findings if each.object_type == object_type})
        for body in collection_runs.bodies(connection, scope, object_type, refids):
            element = read(body)
            key = object_type, fold(refid_of(element))
            if school := _school(element):
                found[key] = school
            elif person := _person(element):
                of_person[key] = person
    people = _people_at(connection, scope, {kind for kind, _ in of_person.values()})
    return found | {key: people[one] for key, one in of_person.items() if one in people}


def _school(element: _Element) -> str:
    if local_name(element) == SCHOOL:
        return fold(refid_of(element))
    return _pointer(element, f"{SCHOOL}RefId")


def _person(element: _Element) -> tuple[str, str] | None:
    if local_name(element) in _AT_SCHOOL:
        return local_name(element), fold(refid_of(element))
    for kind in _AT_SCHOOL:
        if refid := _pointer(element, f"{kind}RefId"):
            return kind, refid
    return None


def _pointer(element: _Element, name: str) -> str:
    return fold(element.get(name) or element.findtext(f"{{*}}{name}") or "")


def _people_at(connection: Connection, scope: Scope, kinds: set[str]) -> dict[tuple[str, str], str]:
    """Where each person is, by the first assignment that names a school."""
    found: dict[tuple[str, str], str] = {}
    for kind in sorted(kinds):
        object_type, name = _AT_SCHOOL[kind]
        for body in console_collections.documents(connection, scope, object_type):
            element = read(body)
            person, school = _pointer(element, name), _pointer(element, f"{SCHOOL}RefId")
            if person and school:
                found.setdefault((kind, person), school)
    return found


def _names(connection: Connection, scope: Scope) -> dict[str, str]:
    bodies = console_collections.documents(connection, scope, SCHOOL)
    return {
        fold(refid_of(element)): " ".join((element.findtext("{*}SchoolName") or "").split())
        for element in map(read, bodies)
    }


def wish(
    connection: Connection,
    scope: Scope,
    name: str,
    way: Subscriber | None,
    who: Account,
    clock: Clock,
) -> tuple[bool, int]:
    """Wish for a new run, at the state's hub behind a connection or here; whether that is new, and
    how many records that were given up go to the state once more."""
    again = 0
    if way is not None:
        vendor = vendors.vendor_by_id(connection, way.vendor_id)
        again = redeliver.retry_dead(connection, vendor.name, clock)[0] if vendor else 0
    is_new = collection_wishes.add(
        connection, scope, name, way.id if way else None, who.name, clock.now()
    )
    if is_new:
        told = {"collection": name, "again": again, "at": way.name if way else "this hub"}
        entry = audits.Entry(f"console:{who.name}", "console asked for a run", detail=told)
        audits.add(connection, scope, clock.now(), entry)
    return is_new, again
