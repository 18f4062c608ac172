"""How the messages of a publisher look: address, header lines, root element, bytes."""

from __future__ import annotations

from conformance import expect, trees
from conformance.checks.publisher.looking import (
    document,
    every_message,
    every_object,
    registrations,
)
from conformance.problems import NotVerified
from conformance.stage.calls import CHANGE, Call
from conformance.stage.desk import Desk
from conformance.stage.sendings import requests
from conformance.stage.shelf import DELETE
from conformance.verifies import verifies

XML = ("application/xml", "text/xml")


def with_body(calls: list[Call]) -> list[Call]:
    """The messages that carry something."""
    return [one for one in calls if one.asked.body]


@verifies("INF-TRN-006")
def check_every_body_is_utf_8(desk: Desk) -> None:
    """Each body is UTF-8, and neither its header line nor its declaration says otherwise."""
    for call in with_body(every_message(desk)):
        try:
            call.asked.body.decode("utf-8")
            fine = True
        except UnicodeDecodeError:
            fine = False
        expect.true(fine, "the body is UTF-8", call.message)
        charset = call.asked.headers.get("Content-Type").lower().partition("charset=")[2]
        expect.one_of(charset.strip(' ";') or "utf-8", ("utf-8", "utf8"), "charset", call.message)
        start = call.asked.body[:100].lower()
        told = b"encoding" not in start or b"utf-8" in start
        expect.true(told, "the XML declaration says UTF-8", call.message)


@verifies("DAT-PUB-065")
def check_every_body_says_what_it_is(desk: Desk) -> None:
    """A body of XML is labelled as XML; an event is never without the label."""
    for call in with_body(every_message(desk)):
        told = call.asked.headers.get("Content-Type")
        if told or call.given.kind != CHANGE:
            expect.content_type(call.message, *XML)


@verifies("INF-FMT-004")
def check_message_ids_are_uuids(desk: Desk) -> None:
    """The messageId of a message, where there is one, is a UUID of version 1 or 4."""
    told = [one for one in every_message(desk) if "messageId" in one.asked.headers]
    if not told:
        raise NotVerified("no message had a messageId")
    for call in told:
        expect.uuid(call.asked.headers.get("messageId"), "messageId", call.message)


@verifies("INF-URL-001", "INF-FMT-007")
def check_the_root_is_what_the_address_names(desk: Desk) -> None:
    """A message of many has the collection of its address as root, one of one the object itself."""
    for call in with_body(requests(every_message(desk))):
        root, steps = document(call), call.asked.steps
        if call.asked.headers.get("methodOverride").upper() == DELETE:
            expect.xml(call.message, "deleteRequest")
            continue
        expect.true(root is not None, "the body is XML", call.message)
        assert root is not None
        if len(steps) == 3:
            expect.equal(trees.local(root), call.given.service, "root element", call.message)
        elif call.asked.method == "POST":
            expect.equal(trees.local(root), steps[3], "root element", call.message)
        elif trees.refid(root):
            expect.same_id(trees.refid(root), steps[3], "id of the object", call.message)


@verifies("DAT-PUB-064")
def check_objects_stand_in_the_namespace_of_their_model(desk: Desk) -> None:
    """Each object is in the namespace of the data model that the target file names."""
    model = desk.config.endpoint.data_model
    for sent in every_object(desk):
        if trees.local(sent.element) != "delete":
            seen = trees.namespace(sent.element)
            expect.equal(seen, model, "namespace of the object", sent.call.message)


@verifies("DAT-PUB-066")
def check_nothing_is_sent_empty(desk: Desk) -> None:
    """What the system does not know is left out, not sent as an empty element or attribute."""
    for sent in every_object(desk):
        for one in sent.element.iter():
            name = trees.local(one)
            nil = f"{{{trees.XSI}}}nil" in one.attrib
            full = len(one) > 0 or bool((one.text or "").strip()) or bool(one.attrib)
            expect.true(full or nil, f"{name} is not empty", sent.call.message, "empty")
            some = all(one.attrib.values())
            expect.true(some, f"the attributes of {name} are not empty", sent.call.message)


@verifies("DAT-PUB-067")
def check_matrix_parameters_stand_on_the_last_step(desk: Desk) -> None:
    """Zone and context stand behind the last step of the path, before the question mark."""
    for call in requests(every_message(desk)):
        path = call.asked.path.partition("?")[0]
        early = ";" in path.rpartition("/")[0]
        expect.true(not early, "no matrix parameter on an earlier step", call.message)
        query = call.asked.path.partition("?")[2]
        expect.true("zoneId=" not in query, "zoneId is no query parameter", call.message)


@verifies("INF-ZON-006")
def check_zones_are_spelled_as_they_are(desk: Desk) -> None:
    """Each message names a zone of its environment letter by letter, or none."""
    for call in requests(every_message(desk)):
        told = call.asked.says("zoneId")
        expect.one_of(told, ("", *desk.zones.values()), "zoneId", call.message)


@verifies("DAT-PUB-063")
def check_a_deletion_has_no_body(desk: Desk) -> None:
    """DELETE goes to one object and carries no body; several are deleted by PUT."""
    found = [one for one in every_message(desk) if one.asked.method == "DELETE"]
    for call in found:
        expect.true(not call.asked.body, "DELETE carries no body", call.message)
        expect.equal(len(call.asked.steps), 4, "steps of the address of a DELETE", call.message)


@verifies("DAT-PUB-007")
def check_a_message_says_what_it_does(desk: Desk) -> None:
    """Where messageType, requestAction, serviceType are told, they fit what the message does."""
    for call in [*requests(every_message(desk)), *registrations(desk.calls())]:
        headers = call.asked.headers
        override = headers.get("methodOverride").upper()
        plain = {"POST": "CREATE", "PUT": "UPDATE", "DELETE": "DELETE"}.get(call.asked.method, "")
        service = "OBJECT" if call.given.kind == CHANGE else "UTILITY"
        fitting = {"messageType": "REQUEST", "serviceType": service,
                   "requestAction": override or plain}  # fmt: skip
        for name, value in fitting.items():
            if name in headers:
                expect.header(call.message, name, value)
