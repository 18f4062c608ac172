"""Least data: what the hub sends holds what the POD grants, and the rest does not show."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.broker.doors import (
    DOORS,
    SHOWN,
    example_of,
    ids,
    opened,
    shown,
)
from conformance.checks.preparation import element, objects_in
from conformance.hub_client import JSON, HubClient
from conformance.hub_district import outside
from conformance.hub_pods import Condition, Entry, Seen
from conformance.hub_stage import HubStage, control
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies
from fixtures.standards import schema_path

SERVICES = ("xStudents", "xContacts", "xStaffs", "xSchools", "StudentPersonals")
GRANTS = {
    "names": ("xStudent/@refId", "xStudent/name", "xStudent/localId", "xStudent/enrollment"),
    "one name": ("xStudent/@refId", "xStudent/name/givenName", "xSchool"),
    "contacts": ("xContact/@refId", "xContact/name", "xContact/email"),
    "profiles": (
        "StudentPersonal/@RefId",
        "StudentPersonal/LocalId",
        "StudentPersonal/Name",
    ),
    "staff": ("xStaff/@refId", "xStaff/name/familyName"),
}


def everything(hub: HubStage, token: str) -> list[Reply]:
    """All that the first vendor hears when it tries every service and every door."""
    hub.a.forget()
    formats = [{}, JSON] if hub.offers("json") else [{}]
    for name in SERVICES:
        for headers in formats:
            hub.a.send("GET", name, token, headers)
    hub.a.one(trees.refid(hub.district.student(1)), token)
    for way in DOORS.values():
        if not way.needs or hub.offers(way.needs):
            way.read(hub, hub.a, "", token)
    return list(hub.a.heard)


@pytest.mark.parametrize("grant", sorted(GRANTS))
@verifies("POD-MIN-001", negative=True)
def check_nothing_beyond_the_grant_is_sent(hub: HubStage, grant: str) -> None:
    """Over all services and doors no value is sent that the POD does not grant."""
    fields = GRANTS[grant]
    pod = hub.grant(hub.a, *fields)
    replies = everything(hub, pod.token)
    told = hub.district.canaries(*(one.body for one in replies)) & hub.district.granted(fields)
    if not told:
        raise NotVerified("none of the granted values was sent, so nothing is proven")
    for reply in replies:
        leaks = sorted(hub.district.leaks([reply], fields))
        expect.equal([what for _, what in leaks][:3], [], "values that are not granted", reply)
        paths = {path for each in _objects(reply) for path in outside(each, fields)}
        expect.equal(sorted(paths)[:3], [], "paths that are not granted", reply)


def _objects(reply: Reply) -> list[etree._Element]:
    return [one for name in SERVICES for one in objects_in(reply, name.removesuffix("s"))]


@verifies("POD-MIN-001", negative=True)
def check_events_show_nothing_beyond_the_grant(hub: HubStage) -> None:
    """An event of a change holds no value that the POD does not grant."""
    hub.need("queue")
    fields = GRANTS["names"]
    pod = hub.open(hub.a, *fields)
    queue = hub.queue(hub.a, "xStudents")
    hub.changed(4, "name", "middleName", text="Qvexevent")
    heard: list[Reply] = []

    def look() -> bool:
        heard.extend(one for one in hub.a.drained(queue, pod.token) if objects_in(one))
        return bool(heard)

    came = hub.eventually(look)
    hub.restore(4)
    if not came:
        raise NotVerified("no event of a change came into the queue within settle_seconds")
    for reply in heard:
        paths = {path for each in objects_in(reply) for path in outside(each, fields)}
        expect.equal(sorted(paths)[:3], [], "paths that are not granted", reply)
        expect.equal(len(hub.district.leaks([reply], fields)), 0, "values not granted", reply)


@verifies("POD-MIN-002", negative=True)
def check_oneroster_shows_nothing_beyond_the_grant(hub: HubStage) -> None:
    """OneRoster users hold what the POD grants of the students, and no value beyond it."""
    fields = ("xStudent/@refId", "xStudent/name/givenName", "xStudent/localId")
    pod = hub.open(hub.a, *fields)
    reply = control(hub.a.users(pod.token), "the users are shown to the party")
    if not hub.district.canaries(reply.body) & hub.district.granted(fields):
        raise NotVerified("none of the granted values was sent, so nothing is proven")
    leaks = sorted(hub.district.leaks([reply], fields))
    expect.equal([what for _, what in leaks][:3], [], "values that are not granted", reply)
    bare = hub.a.users()
    expect.equal(len(hub.district.canaries(bare.body)), 0, "values without a marker", bare)


PROFILE = ("StudentPersonal/@RefId", "StudentPersonal/LocalId", "StudentPersonal/Name")
APART = ("SIF_ExtendedElements", "SIF_Metadata")


@verifies("POD-MIN-003", negative=True)
def check_extensions_stay_behind(hub: HubStage) -> None:
    """Extensions and metadata are left out; paths that name them bring them."""
    wide = hub.open(hub.a, *PROFILE, *(f"StudentPersonal/{name}" for name in APART), *SHOWN)
    reply = control(hub.a.students(wide.token, "StudentPersonals"), "profiles are shown")
    if ("student 0", "extended element") not in hub.district.canaries(reply.body):
        raise NotVerified("a granted extension is not shown, so nothing is proven")
    if not trees.every(reply.object, "SIF_Metadata"):
        raise NotVerified("granted metadata is not shown, so nothing is proven")
    narrow = hub.open(hub.a, *PROFILE, *SHOWN)
    reply = control(hub.a.students(narrow.token, "StudentPersonals"), "profiles are shown")
    for name in APART:
        expect.equal(len(trees.every(reply.object, name)), 0, f"elements {name}", reply)


SLIVERS = {
    "kinds of telephones and mail": (
        "xStudent/phoneNumber/phoneNumberType",
        "xStudent/email/emailType",
    ),
    "grade levels": ("xStudent/enrollment/gradeLevel", "xStudent/name/familyName"),
    "kinds of ids": ("xStudent/otherIds/otherId/type", "xStudent/name"),
}


@pytest.mark.parametrize("part", sorted(SLIVERS))
@verifies("POD-MIN-004")
def check_what_is_left_is_valid(hub: HubStage, part: str) -> None:
    """Objects cut down to a part of an element that must hold more are still valid."""
    schema = etree.XMLSchema(etree.fromstring(schema_path("unity-4.3-kit").read_bytes()))
    pod = hub.open(hub.a, "xStudent/@refId", "xStudent/localId", *SLIVERS[part])
    reply = opened(hub.a.students(pod.token), "students are shown")
    for one in objects_in(reply):
        if trees.namespace(one) != trees.NA4:
            raise NotVerified("the objects are of another version than the schema at hand, 4.x")
        alone = trees.parse(trees.tostring(one))
        expect.true(schema.validate(alone), "what is left is valid", reply)


@verifies("POD-MIN-005", negative=True)
def check_row_condition_is_kept(hub: HubStage) -> None:
    """Of a POD for some students only these are shown: in the list, by id, in the count."""
    few = hub.district.students[:3]
    numbers = ",".join(trees.text(one, "localId") for one in few)
    rows = Condition("ROW_FILTER", "xStudent/localId", "in", numbers)
    pod = hub.publish(hub.a, Entry(SHOWN, conditions=(rows,)))
    reply = opened(hub.a.students(pod.token), "the chosen students are shown")
    wanted = {trees.folded(trees.refid(one)) for one in few}
    expect.equal(len(shown(hub, [reply]) - wanted), 0, "students beyond the condition", reply)
    expect.equal(len(wanted - ids(reply)), 0, "chosen students that are missing", reply)
    other = hub.a.one(trees.refid(hub.district.student(5)), pod.token)
    expect.equal(len(objects_in(other)), 0, "a student beyond the condition by its id", other)
    count = reply.headers.get("navigationCount")
    if count:
        expect.equal(int(count), len(ids(reply)), "navigationCount", reply)


@verifies("POD-MIN-005", negative=True)
def check_deleted_field_is_not_shown(hub: HubStage) -> None:
    """A field that a condition deletes is not shown, though the field around it is granted."""
    fields = (*SHOWN, "xStudent/demographics")
    gone = Condition("DELETE", "xStudent/demographics/birthDate")
    pod = hub.publish(hub.a, Entry(fields, conditions=(gone,)))
    reply = opened(hub.a.students(pod.token), "students are shown")
    expect.equal(len(trees.every(reply.object, "birthDate")), 0, "birth dates", reply)
    whole = hub.open(hub.a, *fields)
    control_reply = opened(hub.a.students(whole.token), "students are shown")
    if not trees.every(control_reply.object, "birthDate"):
        raise NotVerified("birth dates are not shown without the condition either")


def _update(student: etree._Element, *content: etree._Element) -> etree._Element:
    update = element("xStudent", *content)
    update.set("refId", trees.refid(student))
    return update


def _kept(hub: HubStage, who: HubClient, token: str, path: str) -> list[str]:
    reply = control(who.one(trees.refid(hub.district.student(6)), token), "the student is shown")
    shown = objects_in(reply)
    if not shown:
        raise NotVerified(f"{reply.request} shows no student (exchange {reply.exchange})")
    return [text for place, text in trees.leaves(shown[0]) if place == path]


@verifies("POD-MIN-006")
def check_fields_are_written_as_granted(hub: HubStage) -> None:
    """A field granted R is not written and stays as it was; one granted RW is written."""
    student = hub.district.student(6)
    login = Entry((*SHOWN, "xStudent/loginId"), writable=("xStudent/loginId",))
    pod = hub.acknowledged(hub.a, hub.publish(hub.a, login))
    name = "xStudent/name/familyName"
    before = _kept(hub, hub.a, pod.token, name)
    wrong = _update(student, element("name", element("familyName", "Qvexmuggle")))
    reply = hub.a.update(trees.refid(student), wrong, pod.token)
    expect.true(400 <= reply.status < 500, "a field granted R is refused", reply, str(reply.status))
    expect.equal(_kept(hub, hub.a, pod.token, name), before, "the field granted R", reply)
    right = _update(student, element("loginId", "qvexlogin"))
    reply = hub.a.update(trees.refid(student), right, pod.token)
    expect.true(reply.ok, "a field granted RW is written", reply, str(reply.status))
    written = _kept(hub, hub.a, pod.token, "xStudent/loginId")
    hub.restore(6)
    expect.equal(written, ["qvexlogin"], "the field granted RW", reply)


def _told(reply: Reply) -> tuple[int, list[str], str]:
    """What an answer tells of which objects were found, and in which order."""
    found = [trees.folded(trees.refid(one)) for one in objects_in(reply)]
    return reply.status, found, reply.headers.get("navigationCount")


BIRTH = ("demographics", "birthDate")
NEVER = "1871-02-03"


@verifies("POD-MIN-007", negative=True)
def check_condition_on_a_field_not_granted_tells_nothing(hub: HubStage) -> None:
    """A condition on the birth date is answered alike for a date that exists and one that does not."""  # noqa: E501
    hub.need("where")
    student = hub.district.student(0)
    path, date = "/".join(BIRTH), trees.text(student, *BIRTH)
    wide = hub.open(hub.a, *SHOWN, f"xStudent/{path}")
    opened(hub.a.where(path, date, wide.token), "a condition on a granted field finds a student")
    narrow = hub.open(hub.a, *SHOWN)
    hit, miss = (hub.a.where(path, one, narrow.token) for one in (date, NEVER))
    expect.equal(_told(hit), _told(miss), "the answer to a date that exists", hit)


@verifies("POD-MIN-007", negative=True)
def check_example_with_a_field_not_granted_tells_nothing(hub: HubStage) -> None:
    """An example with a birth date is answered alike for a date that exists and one that does not."""  # noqa: E501
    hub.need("example")
    student = hub.district.student(0)
    right = example_of(student, "demographics")
    for child in list(right[0]):
        if trees.local(child) != "birthDate":
            right[0].remove(child)
    wrong = trees.parse(trees.tostring(right))
    wrong[0][0].text = NEVER
    wide = hub.open(hub.a, *SHOWN, "xStudent/demographics/birthDate")
    opened(hub.a.example(right, wide.token), "an example with a granted field finds a student")
    narrow = hub.open(hub.a, *SHOWN)
    hit, miss = (hub.a.example(one, narrow.token) for one in (right, wrong))
    expect.equal(_told(hit), _told(miss), "the answer to a date that exists", hit)


@verifies("POD-MIN-007", negative=True)
def check_order_by_a_field_not_granted_tells_nothing(hub: HubStage) -> None:
    """The order by birth date does not follow the birth dates where they are not granted."""
    hub.need("where")
    path = "/".join(BIRTH)
    wide = hub.open(hub.a, *SHOWN, f"xStudent/{path}")
    ways = ("ascending", "descending")
    up, down = (_told(opened(hub.a.order(path, one, wide.token), "an order")) for one in ways)
    if up == down:
        raise NotVerified("the order by a granted field is the same both ways")
    narrow = hub.open(hub.a, *SHOWN)
    up, down = (_told(hub.a.order(path, one, narrow.token)) for one in ways)
    expect.equal(up, down, "the order ascending, beside descending", hub.a.heard[-1])


def _without_ids(hub: HubStage, who: HubClient) -> Seen:
    """A POD that grants no ids, or where that shows nothing, grants them hashed."""
    fields = ("xStudent/name", "xStudent/localId")
    pod = hub.open(who, *fields)
    if objects_in(who.students(pod.token)):
        return pod
    hashed = Condition("HASH", "xStudent/@refId")
    return hub.publish(who, Entry((*fields, "xStudent/@refId"), conditions=(hashed,)))


def _by_name(hub: HubStage, who: HubClient, token: str) -> dict[str, str]:
    """Ids of the district's students by their local ids, as a vendor sees them."""
    reply = opened(who.students(token), "students are shown")
    own = {trees.text(one, "localId") for one in hub.district.students}
    told = {trees.text(one, "localId"): trees.refid(one) for one in objects_in(reply)}
    return {name: trees.folded(refid) for name, refid in told.items() if name in own}


@verifies("POD-MIN-010", negative=True)
def check_vendors_without_ids_get_ids_of_their_own(hub: HubStage) -> None:
    """Where ids are not granted two vendors see different ids of one student, each always its own."""  # noqa: E501
    ours, theirs = _without_ids(hub, hub.a), _without_ids(hub, hub.b)
    one, other = _by_name(hub, hub.a, ours.token), _by_name(hub, hub.b, theirs.token)
    reply = hub.b.heard[-1]
    both = {name: (one[name], other[name]) for name in one if name in other}
    same = [name for name, told in both.items() if told[0] == told[1] and told[0]]
    expect.equal(len(same), 0, "students with one id for both vendors", reply)
    real = {trees.folded(trees.refid(each)) for each in hub.district.students}
    expect.equal(len(real & {*one.values(), *other.values()}), 0, "real ids shown", reply)
    expect.equal(_by_name(hub, hub.a, ours.token), one, "the ids at the second reading", reply)


@verifies("POD-MIN-011", negative=True)
def check_person_who_is_not_to_be_shared_is_left_out(hub: HubStage) -> None:
    """A student who is never to be shared with a party is not in its list, nor found by id."""
    person = hub.district.student(len(hub.district.students) - 1)
    refid = trees.refid(person)
    hub.operator.load(trees.tostring(_wish(refid, hub.a.who.party)), f"{_WISH}s")
    ours, theirs = hub.open(hub.a, *SHOWN), hub.open(hub.b, *SHOWN)
    opened(hub.b.one(refid, theirs.token), "another party still reads the student")
    for reply in (hub.a.students(ours.token), hub.a.one(refid, ours.token)):
        told = {owner for owner, _ in hub.district.canaries(reply.body)}
        owner = f"student {len(hub.district.students) - 1}"
        expect.true(owner not in told, "the student is left out", reply)


_WISH = "PersonPrivacyObligationDocument"


def _wish(refid: str, party: str) -> etree._Element:
    """One document of SIF NA 4.2: this person is never to be shared with this party."""
    never = element("NeverShareWith", element("NeverShareWithParty", party))
    document = element(
        _WISH,
        element("ParentRefId", refid),
        element("ParentObjectTypeName", "StudentPersonal"),
        element("SchoolYear", "2027"),
        element("ContactForRequestsRefId", refid),
        element("ContactForRequestsObjectTypeName", "StaffPersonal"),
        element("ConsentToSharingOfData", element("NeverShareWithList", never)),
        element("PermissionToParticipateList"),
    )
    document.set("RefId", "4D1A5C0E-6F0B-4B7A-9D43-1A7E0B1C2D3E")
    return trees.collection(f"{_WISH}s", [document])
