"""The PODs that a hub hands out: their form, and who may read them."""

from __future__ import annotations

from typing import Any

from lxml import etree

from conformance import expect, hub_pods, trees
from conformance.checks.broker.doors import SHOWN, opened
from conformance.hub_client import JSON
from conformance.hub_operator import Declined
from conformance.hub_pods import EXPIRED, LIVE, PENDING, Entry
from conformance.hub_stage import HubStage
from conformance.problems import Finding, NotVerified
from conformance.reply import Reply, read_json
from conformance.verifies import verifies
from fixtures.standards import POD, schema_path

STATUSES = (LIVE, "Draft", PENDING, EXPIRED)


def served(hub: HubStage) -> tuple[Reply, list[etree._Element]]:
    """The answer of `pods` after one POD was replaced by another: one expired, one in use."""
    hub.open(hub.a, *SHOWN)
    hub.open(hub.a, *SHOWN)
    reply = hub.a.pods()
    found = trees.every(reply.object, "pod") if reply.ok and reply.body else []
    if not found:
        raise NotVerified(f"no POD is shown to its party (exchange {reply.exchange})")
    return reply, found


@verifies("POD-SCH-001")
def check_pods_are_valid(hub: HubStage) -> None:
    """Every POD that is handed out is valid against the schema of infrastructure 3.3."""
    schema = etree.XMLSchema(etree.fromstring(schema_path(POD.id).read_bytes()))
    reply, found = served(hub)
    for one in found:
        if trees.namespace(one) != trees.INF:
            raise NotVerified("the PODs are of another version than the schema at hand, 3.3")
        alone = trees.parse(trees.tostring(one))
        expect.true(schema.validate(alone), "the POD is valid", reply, _first_error(schema))


def _first_error(schema: etree.XMLSchema) -> str:
    told: Any = schema.error_log
    return f"line {told.last_error.line}: {told.last_error.type_name}" if told else ""


@verifies("POD-SCH-002")
def check_pod_status_is_one_of_four_words(hub: HubStage) -> None:
    """The status of each POD is Live, Draft, Pending or Expired."""
    reply, found = served(hub)
    for one in found:
        expect.one_of(trees.text(one, "podStatus"), STATUSES, "podStatus", reply)


@verifies("POD-SCH-003")
def check_pod_id_is_a_uuid(hub: HubStage) -> None:
    """The id of each POD is a UUID of version 1 or 4."""
    reply, found = served(hub)
    for one in found:
        expect.uuid(one.get("id") or "", "the id of a POD", reply)


@verifies("POD-SCH-004")
def check_contacts_have_the_form_of_the_version(hub: HubStage) -> None:
    """In 3.3 contacts stand side by side; from 3.4 on they stand in a list."""
    hub.usable(hub.a, *SHOWN)
    element = hub.a.current().element
    reply = hub.a.heard[-1]
    controller = trees.every(element, "dataController")
    expect.true(bool(controller), "the POD names its controller", reply)
    bare = [one for one in controller[0] if trees.local(one) == "privacyContact"]
    lists = [one for one in element.iter() if trees.local(one).endswith("ContactList")]
    is_bare = trees.namespace(element) == trees.INF
    expect.equal(bool(lists), not is_bare, "whether contacts stand in lists", reply)
    if is_bare:
        expect.equal(len(bare), 2, "contacts of the controller side by side", reply)


@verifies("POD-SCH-007")
def check_pods_in_use_oblige_somebody(hub: HubStage) -> None:
    """A POD in use has an agreement, both parties, a purpose and a field."""
    hub.usable(hub.a, *SHOWN)
    pod = hub.a.current()
    reply = hub.a.heard[-1]
    for name in ("contractURI", "dataControllerName", "dataProcessorName", "purpose", "fieldName"):
        told = [(one.text or "").strip() for one in trees.every(pod.element, name)]
        expect.true(any(told), f"a POD in use names its {name}", reply)


@verifies("POD-SCH-007", negative=True)
def check_empty_pod_is_not_put_in_use(hub: HubStage) -> None:
    """A POD without any obligation, though the schema allows it, does not get into use."""
    before = hub.usable(hub.a, *SHOWN)
    try:
        hub.operator.publish(hub.a.who.vendor, hub_pods.document(hub.a.who.party))
    except Declined:
        return
    used = [one.id for one in hub.a.listed() if one.status in (PENDING, LIVE)]
    reply = hub.a.heard[-1]
    hub.operator.end(hub.a.who.vendor)
    expect.equal([one for one in used if one != before.id], [], "further PODs in use", reply)


@verifies("POD-SCH-009", negative=True)
def check_pod_with_a_document_type_is_not_taken(hub: HubStage) -> None:
    """A POD with entities of its own is not published, and no entity is filled in."""
    before = hub.grant(hub.a, *SHOWN)
    document = hub_pods.document(hub.a.who.party, Entry(SHOWN, app=hub.a.who.key))
    hostile = document.replace(b"<pod", b'<!DOCTYPE pod [<!ENTITY e "Qvexfilled">]>\n<pod', 1)
    hostile = hostile.replace(b"Conformance test agreement", b"Agreement &e;")
    try:
        hub.operator.publish(hub.a.who.vendor, hostile)
    except Declined:
        return
    reply = hub.a.pods()
    used = [hub_pods.seen(one) for one in trees.every(reply.object, "pod")]
    kept = [one.id for one in used if one.status in (PENDING, LIVE)]
    expect.equal([one for one in kept if one != before.id], [], "further PODs in use", reply)


@verifies("POD-SCH-010")
def check_pods_in_json_are_a_list_of_wrappers(hub: HubStage) -> None:
    """In JSON PODs come as a list whose members hold one `pod` each."""
    pod = hub.grant(hub.a, *SHOWN)
    reply = hub.a.pods(headers=JSON)
    expect.status(reply, 200)
    expect.content_type(reply, "application/json")
    told = _json(reply)
    expect.true(isinstance(told, list), "the document is a list", reply, type(told).__name__)
    wrapped = [one for one in told if isinstance(one, dict) and set(one) == {"pod"}]
    expect.equal(len(wrapped), len(told), "members that hold one `pod` and nothing else", reply)
    tokens = [one["pod"].get("podToken") for one in wrapped if isinstance(one["pod"], dict)]
    expect.true(pod.token in tokens, "the POD in use is among them", reply)


def _json(reply: Reply) -> list[dict[str, dict[str, str]]]:
    try:
        found = read_json(reply.body)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        what = "a list of objects in JSON"
        raise Finding("the PODs are not JSON", what, "something else", reply.exchange)
    return found


@verifies("POD-DEL-001")
def check_pods_service_answers_queries(hub: HubStage) -> None:
    """The service `pods` shows all PODs of a party, and one by its id."""
    pod = hub.grant(hub.a, *SHOWN)
    listed = hub.a.pods()
    expect.status(listed, 200)
    expect.xml(listed, "pods")
    found = [trees.folded(one.get("id") or "") for one in trees.every(listed.object, "pod")]
    expect.true(trees.folded(pod.id) in found, "the POD in use is in the list", listed)
    reply = hub.a.pod(pod.id)
    expect.status(reply, 200)
    expect.same_id(expect.xml(reply, "pod").get("id") or "", pod.id, "the POD asked for", reply)


@verifies("POD-DEL-002", negative=True)
def check_pods_of_others_are_not_shown(hub: HubStage) -> None:
    """Nothing of a POD is shown to another vendor: not in its list and not by the id."""
    theirs = hub.grant(hub.a, *SHOWN)
    own = hub.grant(hub.b, *SHOWN)
    expect.true(own.id != theirs.id, "two vendors have two PODs", hub.b.heard[-1])
    for reply in (hub.b.pods(), hub.b.pod(theirs.id)):
        told = theirs.token.encode() in reply.body or theirs.id.encode() in reply.body
        expect.true(not told, "the POD of another vendor is not shown", reply)


@verifies("POD-DEL-003")
def check_pods_are_read_without_a_marker(hub: HubStage) -> None:
    """PODs are read without a marker, also before any was acknowledged."""
    document = hub_pods.document(hub.a.who.party, Entry(SHOWN, app=hub.a.who.key))
    hub.operator.publish(hub.a.who.vendor, document)
    reply = hub.a.pods()
    expect.status(reply, 200)
    expect.true(bool(trees.every(reply.object, "podToken")), "the POD comes with its token", reply)


@verifies("POD-DEL-008")
def check_pods_name_no_person(hub: HubStage) -> None:
    """A POD in use holds no value that names a person of the district."""
    pod = hub.grant(hub.a, *SHOWN)
    data = opened(hub.a.students(pod.token), "students are shown under the POD")
    if not hub.district.canaries(data.body):
        raise NotVerified("the list of students holds none of the values looked for")
    reply = hub.a.pods()
    pods = trees.every(reply.object, "pod") if reply.ok and reply.body else []
    own = [etree.tostring(one) for one in pods if hub_pods.seen(one).token == pod.token]
    if not own:
        raise NotVerified(f"the POD in use is not shown (exchange {reply.exchange})")
    # The list also holds PODs of earlier runs, whose ROW_FILTER names students by our own wish.
    found = hub.district.canaries(reply.head, *own)
    expect.equal(len(found), 0, "values that name a person in the POD", reply)


@verifies("REG-001")
def check_live_pod_names_its_agreement(hub: HubStage) -> None:
    """The POD in use names the agreement that was published, and the agreement runs today."""
    hub.fill()
    document = hub_pods.document(hub.a.who.party, Entry(SHOWN, app=hub.a.who.key))
    published = hub_pods.seen(trees.parse(document)).contract
    hub.operator.publish(hub.a.who.vendor, document)
    hub.acknowledged(hub.a, hub.a.current(published))
    used = [one.contract for one in hub.a.listed() if one.status in (PENDING, LIVE)]
    expect.true(published in used, "a POD in use names the agreement", hub.a.heard[-1])
