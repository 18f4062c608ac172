"""Steps that the checks for publishers share."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Sequence

from lxml import etree

from conformance import trees
from conformance.problems import NotVerified
from conformance.stage.calls import ENVIRONMENT, REGISTRATION, Call
from conformance.stage.desk import Desk, Person
from conformance.stage.sendings import Sent, messages, sendings
from conformance.stage.shelf import CREATE


def user(call: Call) -> str:
    """Who a call says it is from, by header or address; empty where that cannot be read."""
    token = call.asked.headers.get("Authorization").partition(" ")[2]
    try:
        told = b64decode(token or call.asked.given.get("access_token", ""), validate=True).decode()
    except ValueError:
        return ""
    return told.rpartition(":")[0]


def about_the_session(calls: Iterable[Call]) -> list[Call]:
    """The calls that make, read or delete an environment."""
    return [
        one
        for one in calls
        if one.given.kind == ENVIRONMENT or "environments" in one.asked.steps[:2]
    ]


def registrations(calls: Iterable[Call]) -> list[Call]:
    """The calls that make entries of the registry of providers."""
    return [one for one in calls if one.given.kind == REGISTRATION and one.asked.method == "POST"]


def document(call: Call) -> etree._Element | None:
    """The body as XML, None if it is none."""
    try:
        return trees.parse(call.asked.body) if call.asked.body else None
    except trees.Unreadable:
        return None


def every_message(desk: Desk) -> list[Call]:
    """The messages of the run, a whole life of a student among them; else nothing can be told."""
    desk.life()
    return messages(desk.calls())


def every_object(desk: Desk) -> list[Sent]:
    """The objects of these messages."""
    desk.life()
    return sendings(desk.calls())


def wanted(found: Sequence[Call], what: str) -> Sequence[Call]:
    """The calls, at least one; else it could not be looked at."""
    if not found:
        raise NotVerified(f"{what} did not come")
    return found


def arrived(desk: Desk, person: Person) -> list[str]:
    """The zones in which the hub holds a student."""
    return sorted({zone for zone, _, _ in desk.keys(person)})


def creations(sent: Iterable[Sent]) -> list[Sent]:
    """The new objects among them."""
    return [one for one in sent if one.action == CREATE]


def by_way(desk: Desk, sent: Iterable[Sent], way: str) -> list[Sent]:
    """The objects that went to the zone of this way."""
    return [one for one in sent if one.zone == desk.zones.get(way)]
