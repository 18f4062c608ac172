"""How the calls of a client look: connections, bytes, labels, header lines, addresses."""

from __future__ import annotations

import re

from conformance import expect, trees
from conformance.checks.consumer.looking import reads
from conformance.checks.consumer.notations import xml_only
from conformance.checks.consumer.seen import document, steps, to, wanted
from conformance.problems import NotVerified
from conformance.stage.calls import DATA, Call
from conformance.stage.observing import through_relay
from conformance.stage.play import Stage
from conformance.verifies import verifies

FORMS = re.compile(r"(application|text)/(xml|json|\*)|application/[\w.-]+\+(xml|json)|\*/\*")
ORDER = {
    "environment": ("solutionId", "authenticationMethod", "instanceId", "userToken",
                    "consumerName", "applicationInfo"),
    "queue": ("polling", "name", "ownerUri", "idleTimeout", "maxConcurrentConnections"),
    "subscription": ("zoneId", "contextId", "serviceType", "serviceName", "queueId"),
}  # fmt: skip


def written(stage: Stage) -> list[Call]:
    """The calls that carry XML of the infrastructure."""
    found = [one for one in to(stage.life(), "environments", "queues", "subscriptions")
             if document(one) is not None]  # fmt: skip
    return list(wanted(found, "object of the infrastructure"))


def in_xml(stage: Stage) -> list[Call]:
    """Those of them that are XML as they are sent; not applicable where all of them are JSON."""
    found = [one for one in written(stage) if one.capture.body.lstrip()[:1] not in (b"{", b"[")]
    if not found:
        xml_only(stage)
    return found


@through_relay
@verifies("DAT-CON-010")
def check_calls_share_connections(stage: Stage) -> None:
    """In one round fewer connections are opened than calls are made, and all are HTTP/1.1."""
    calls = stage.life()
    for call in calls:
        line = call.capture.sent.partition(b"\r\n")[0].decode("latin-1")
        expect.true(line.endswith(" HTTP/1.1"), "the call is HTTP/1.1", call.message, line[-9:])
    if len(calls) < 4:
        raise NotVerified("too few calls came")
    opened = len({one.connection for one in calls})
    few = opened <= max(2, len(calls) // 2)
    expect.true(few, "calls share connections", calls[-1].message, f"{opened} of {len(calls)}")


@through_relay
@verifies("INF-TRN-004")
def check_no_call_is_sent_before_the_last_was_answered(stage: Stage) -> None:
    """On one connection a request comes after the answer to the one before it."""
    for call in stage.life():
        expect.true(not call.early, "one request at a time", call.message, "the next came early")


@through_relay
@verifies("INF-TRN-006")
def check_bodies_of_a_client_are_utf_8(stage: Stage) -> None:
    """Each body is UTF-8, and neither its header line nor its declaration says otherwise."""
    for call in wanted([one for one in stage.life() if one.capture.body], "body"):
        try:
            call.capture.body.decode("utf-8")
            fine = True
        except UnicodeDecodeError:
            fine = False
        expect.true(fine, "the body is UTF-8", call.message, "it is not")
        charset = call.asked.headers.get("Content-Type").lower().partition("charset=")[2]
        expect.one_of(charset.strip(' ";') or "utf-8", ("utf-8", "utf8"), "charset", call.message)
        start = call.capture.body[:100].lower()
        told = b"encoding" not in start or b"utf-8" in start
        expect.true(told, "the XML declaration says UTF-8", call.message, "another charset")


@through_relay
@verifies("DAT-CON-007")
def check_bodies_are_labelled_as_what_they_are(stage: Stage) -> None:
    """A body of XML has an XML label or none, one of JSON the label of JSON."""
    for call in written(stage):
        if call.asked.body != call.capture.body:
            media = stage.config.endpoint.media.partition(";")[0].strip()
            expect.content_type(call.message, media)
        elif "Content-Type" in call.asked.headers:
            expect.content_type(call.message, "application/xml", "text/xml")


@through_relay
@verifies("DAT-CON-008")
def check_accept_names_a_form_of_sif(stage: Stage) -> None:
    """Where data is asked for with Accept, it names XML, JSON or anything."""
    told = [one for one in reads(stage.life()) if one.asked.headers.get("Accept")]
    for call in wanted(told, "request with Accept"):
        value = call.asked.headers.get("Accept").lower()
        fine = any(FORMS.match(one.strip()) for one in value.split(","))
        expect.true(fine, "Accept names XML or JSON", call.message, value)


@through_relay
@verifies("INF-FMT-001")
def check_objects_of_a_client_stand_in_the_infrastructure_namespace(stage: Stage) -> None:
    """Environments, queues and subscriptions stand in the namespace of the infrastructure."""
    for call in in_xml(stage):
        root = document(call)
        assert root is not None
        expect.infrastructure(call.message, trees.local(root))


@through_relay
@verifies("NEG-041")
def check_parts_stand_in_schema_order(stage: Stage) -> None:
    """The parts of environments, queues and subscriptions stand in the order of the schema."""
    for call in in_xml(stage):
        root = document(call)
        assert root is not None
        order = ORDER.get(trees.local(root), ())
        found = [trees.local(one) for one in root if trees.local(one) in order]
        expect.equal(found, sorted(found, key=order.index), "order of the parts", call.message)


@through_relay
@verifies("DAT-CON-012")
def check_a_client_sends_nothing_empty(stage: Stage) -> None:
    """Environments, queues and subscriptions hold no empty element and no empty attribute."""
    for call in written(stage):
        root = document(call)
        assert root is not None
        for one in root.iter():
            name = trees.local(one)
            full = len(one) > 0 or bool((one.text or "").strip()) or bool(one.attrib)
            expect.true(full or one is root, f"{name} is not empty", call.message, "empty")
            some = all(one.attrib.values())
            expect.true(some, f"the attributes of {name} are not empty", call.message, "empty")


@through_relay
@verifies("INF-FMT-004")
def check_ids_of_requests_are_uuids(stage: Stage) -> None:
    """messageId and requestId, where there are any, are UUIDs of version 1 or 4."""
    for call, name, value in ids(stage):
        expect.uuid(value, name, call.message)


@through_relay
@verifies("DAT-CON-006")
def check_ids_of_requests_are_used_once(stage: Stage) -> None:
    """No messageId and no requestId comes a second time."""
    known: set[tuple[str, str]] = set()
    for call, name, value in ids(stage):
        fresh = (name, value) not in known
        known.add((name, value))
        expect.true(fresh, f"the {name} was not used before", call.message, "it was")


def ids(stage: Stage) -> list[tuple[Call, str, str]]:
    """Every messageId and requestId: the call, which of them, and its value."""
    found = [
        (call, name, call.asked.says(name))
        for call in stage.life()
        for name in ("messageId", "requestId")
        if call.asked.says(name)
    ]
    if not found:
        raise NotVerified("no call had a messageId or a requestId")
    return found


@through_relay
@verifies("INF-ZON-006")
def check_zones_are_those_of_the_environment(stage: Stage) -> None:
    """Each request for data names a zone of the environment letter by letter, or none."""
    for call in data(stage):
        expect.one_of(call.asked.says("zoneId"), ("", *stage.zones), "zoneId", call.message)


@through_relay
@verifies("DAT-CON-013")
def check_zones_stand_on_the_last_step(stage: Stage) -> None:
    """Zone and context stand behind the last step of the path, before the question mark."""
    for call in data(stage):
        path, _, query = call.asked.path.partition("?")
        early = ";" in path.rpartition("/")[0]
        expect.true(not early, "no matrix parameter on an earlier step", call.message, "one")
        named = "zoneId=" in query or "contextId=" in query
        expect.true(not named, "zone and context are no query parameters", call.message, "they are")


@through_relay
@verifies("DAT-CON-009")
def check_header_lines_of_a_request_fit(stage: Stage) -> None:
    """Where messageType, requestAction, serviceType, requestType are told, they fit the request."""
    for call in data(stage):
        action = "HEAD" if call.asked.method == "HEAD" else "QUERY"
        fitting = {
            "messageType": ("REQUEST",),
            "requestAction": (action, "QUERY"),
            "serviceType": ("OBJECT", *(("SERVICEPATH",) if len(steps(call)) > 3 else ())),
            "requestType": ("IMMEDIATE", "DELAYED"),
        }
        for name, values in fitting.items():
            if name in call.asked.headers:
                expect.one_of(call.asked.headers.get(name), values, name, call.message)


def data(stage: Stage) -> list[Call]:
    """The requests for students."""
    found = [
        one
        for one in stage.life()
        if one.given.kind == DATA and steps(one)[:1] == ("requests",)
        and one.asked.method in ("GET", "HEAD")
    ]  # fmt: skip
    return list(wanted(found, "request for data"))
