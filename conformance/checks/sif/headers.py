"""Message parameters on requests and answers (Base Architecture 3.2.1, 4.3)."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import (
    accepted,
    all_created,
    control_holds,
    created,
    element,
    id_of,
    must_be_stored,
    must_be_unchanged,
    objects_in,
    offered,
    one_page,
    partial,
    prepared,
    renamed,
    stored,
)
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

DATE_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"


Draw = Callable[[int], list[etree._Element]]


def changes(sif: SifClient, student: etree._Element, refid: str) -> Iterator[Reply]:
    """An update and a delete of the student, as far as the target takes them."""
    if offered(sif, "update"):
        yield sif.update(refid, renamed(student, refid, "Qvexwren"))
    if offered(sif, "delete"):
        yield sif.delete(refid)


@verifies("INF-HDR-003")
def check_every_answer_is_a_dated_response(sif: SifClient, student: etree._Element) -> None:
    """Answers to create, read, update, delete are RESPONSE, with time and a UUID of their own."""
    first = prepared(sif.create(student))
    refid = id_of(first, student)
    replies = [first, sif.get(refid), *changes(sif, student, refid)]
    for reply in replies:
        prepared(reply)
        expect.header(reply, "messageType", "RESPONSE")
        expect.matches(reply, "timestamp", DATE_TIME, "an XML Schema date-time with a zone")
        expect.uuid(reply.headers.get("messageId"), "header messageId", reply)
    ids = {reply.headers.get("messageId") for reply in replies}
    expect.equal(len(ids), len(replies), "number of different message ids")


@verifies("INF-HDR-004", "NEG-030")
def check_answers_repeat_the_action(sif: SifClient, student: etree._Element) -> None:
    """responseAction is CREATE, QUERY, UPDATE and DELETE, also for a delete sent as PUT."""
    first = sif.create(student)
    refid = id_of(prepared(first), student)
    expect.header(first, "responseAction", "CREATE")
    expect.header(prepared(sif.get(refid)), "responseAction", "QUERY")
    if offered(sif, "update"):
        update = prepared(sif.update(refid, renamed(student, refid, "Qvexwren")))
        expect.header(update, "responseAction", "UPDATE")
    if offered(sif, "delete"):
        expect.header(prepared(sif.delete_many([refid])), "responseAction", "DELETE")


@verifies("INF-HDR-005")
def check_request_and_generator_ids_are_echoed(sif: SifClient, rng: random.Random) -> None:
    """requestId and generatorId come back as sent, and are absent when none was sent."""
    ids = {"requestId": f"r-{rng.getrandbits(48):x}", "generatorId": f"G.{rng.getrandbits(48):X}"}
    reply = one_page(sif, headers=ids)
    for name, value in ids.items():
        expect.header(reply, name, value)
    plain = one_page(sif)
    expect.absent(plain, "requestId")


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase])
@verifies("INF-HDR-001")
def check_header_names_work_in_any_case(
    sif: SifClient, students: Draw, change: Callable[[str], str]
) -> None:
    """Paging and marker headers work in capitals and in small letters."""
    all_created(sif, students(2))
    for number, expected in ((1, 1), (999_999, 0)):
        names = {"navigationPage": str(number), "navigationPageSize": "1"}
        plain = sif.request("GET", sif.collection, headers=names)
        if len(objects_in(plain)) != expected:
            raise NotVerified("paging does not work in the usual spelling either")
        if sif.pod is not None:
            names["dataPrivacyMarker"] = sif.pod.token
        headers = {change(name): value for name, value in names.items()}
        reply = sif.request("GET", sif.collection, headers=headers, marker=None)
        expect.equal(reply.status, plain.status, "status with other letter case", reply)
        expect.equal(len(objects_in(reply)), expected, "students on the page", reply)


@verifies("INF-HDR-002")
def check_header_beats_query_parameter(sif: SifClient, students: Draw) -> None:
    """If header and query ask for pages of different size, the header is obeyed."""
    all_created(sif, students(3))
    for size, other in ((1, 2), (2, 1)):
        headers = {"navigationPageSize": str(size)}
        reply = one_page(sif, headers=headers, query={"navigationPageSize": str(other)})
        expect.status(reply, 200)
        found = trees.every(reply.object, sif.model.student)
        expect.equal(len(found), size, "students on the page", reply)


@verifies("INF-HDR-006")
def check_defaults_stand_in_for_missing_headers(
    bare_sif: SifClient, student: etree._Element
) -> None:
    """A create with nothing but credentials, and a query with every default written out, work."""
    sif = bare_sif
    accepted(sif.connect(), "an environment is created without optional headers")
    if offered(sif, "pod"):
        pod = sif.new_pod()
        accepted(sif.push_pod(pod, headers={"serviceType": None}), "a POD is taken without them")
        sif.use(pod)
    bare = accepted(sif.create(student, headers={"Accept": None}), "a student is created likewise")
    refid = id_of(bare, student)
    spelt = {"messageType": "REQUEST", "requestType": "IMMEDIATE", "serviceType": "OBJECT",
             "requestAction": "QUERY", "queryIntention": "ONE-OFF"}  # fmt: skip
    if stored(sif, refid) is None:
        raise NotVerified("the student cannot be read at all; that is judged elsewhere")
    accepted(sif.get(refid, headers=spelt), "the defaults may be written out")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("messageType", "LETTER"),
        ("requestType", "SOMETIME"),
        ("serviceType", "SUBJECT"),
        ("methodOverride", "ERASE"),
    ],
)
@verifies("INF-HDR-011", negative=True)
def check_unknown_words_are_refused(
    sif: SifClient, student: etree._Element, name: str, word: str
) -> None:
    """A word that the header does not know is refused and nothing is done; without it, it is."""
    refid = created(sif, student)
    update = renamed(student, refid, "Qvexanged")
    before = stored(sif, refid)
    reply = sif.update(refid, update, headers={name: word})
    expect.status(reply, 400, 404, 405)
    must_be_unchanged(sif, refid, before, reply)
    control = sif.update(refid, update)
    control_holds(control, "without the unknown word it is done")


@verifies("INF-HDR-012", negative=True)
def check_contradicting_action_is_refused(sif: SifClient, student: etree._Element) -> None:
    """A GET that says requestAction DELETE is 400 and deletes nothing; a plain GET is served."""
    refid = created(sif, student)
    reply = sif.get(refid, headers={"requestAction": "DELETE"})
    expect.status(reply, 400)
    must_be_stored(sif, refid, reply)


@verifies("INF-TRN-010", "NEG-056")
def check_unknown_headers_change_nothing(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """Headers of other vendors do not disturb a create."""
    strange = {"IdType": "local", "SchoolYear": "2027", "X-Sample": f"{rng.getrandbits(32):x}"}
    accepted(sif.create(student, headers=strange), "headers of other vendors are ignored")


@verifies("INF-TRN-010")
def check_unknown_parameters_change_nothing(sif: SifClient, student: etree._Element) -> None:
    """A query parameter that nobody knows does not disturb a create."""
    accepted(sif.create(student, query={"sampleFlag": "1"}), "an unknown parameter is ignored")


@verifies("NEG-031", negative=True)
def check_misspelt_query_intention_breaks_nothing(sif: SifClient, student: etree._Element) -> None:
    """queryIntention NO-CACHE (for NO-CACHING) is served or refused with 400, nothing else."""
    created(sif, student)
    reply = one_page(sif, headers={"queryIntention": "NO-CACHE"})
    expect.status(reply, 200, 204, 400)
    control = one_page(sif, headers={"queryIntention": "NO-CACHING"})
    control_holds(control, "the proper request is served")


@verifies("INF-TRN-008", "NEG-037")
def check_answers_are_compressed_only_on_request(sif: SifClient, student: etree._Element) -> None:
    """Without gzip in Accept-Encoding the answer is plain; with it, it is labelled or plain."""
    refid = created(sif, student)
    plain = prepared(sif.get(refid, headers={"Accept-Encoding": "identity"}))
    expect.true(not plain.raw.startswith(b"\x1f\x8b"), "the body is not compressed", plain)
    expect.one_of(plain.headers.get("Content-Encoding").lower(), ("", "identity"),
                  "header Content-Encoding", plain)  # fmt: skip
    either = prepared(sif.get(refid, headers={"Accept-Encoding": "gzip"}))
    if either.raw.startswith(b"\x1f\x8b"):
        expect.header(either, "Content-Encoding", "gzip", fold=True)


@pytest.mark.parametrize("verb", ["PATCH", "POST"])
@verifies("INF-TRN-014", negative=True)
def check_unsupported_operation_is_refused(
    sif: SifClient, student: etree._Element, verb: str
) -> None:
    """PATCH and POST on one student are refused at once and change nothing; GET is served."""
    refid = created(sif, student)
    before = must_be_stored(sif, refid)
    body = renamed(student, refid, "Qvexanged")
    reply = sif.request(verb, f"{sif.collection}/{refid}", body=body)
    expect.status(reply, 400, 404, 405)
    must_be_unchanged(sif, refid, before, reply)


@verifies("INF-TRN-003")
def check_server_speaks_http_1_1_and_keeps_the_connection(sif: SifClient) -> None:
    """Answers are HTTP/1.1 and do not close the connection by default."""
    reply = one_page(sif)
    version = reply.head[:8].decode("latin-1")
    expect.equal(version, "HTTP/1.1", "protocol version", reply)
    connection = reply.headers.get("Connection").lower()
    expect.true(connection != "close", "the connection may be used again", reply, connection)


@verifies("INF-STA-003")
def check_204_comes_without_a_body(sif: SifClient, student: etree._Element) -> None:
    """Update and delete are answered without a single byte of body and without a body's length."""
    refid = created(sif, student)
    for reply in changes(sif, student, refid):
        if prepared(reply).status == 204:
            expect.no_body(reply)
            expect.one_of(reply.headers.get("Content-Length"), ("", "0"), "Content-Length", reply)


STATUSES = (400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 500, 501, 503)


@verifies("INF-STA-001", negative=True)
def check_refusals_use_the_codes_of_the_table(sif: SifClient, student: etree._Element) -> None:
    """Ordinary faults are answered with status codes that SIF knows; a good request is served."""
    refid = created(sif, student)
    control_holds(sif.get(refid), "the student can be read")
    missing = str(uuid.uuid4()).upper()
    wrong = partial(student, element("shoeSize", "37"))
    wrong.set(trees.key_of(wrong), missing)
    for reply in (
        sif.get(missing),
        sif.create(wrong),
        sif.request("POST", sif.single, body=b"<xStudent"),
        *changes(sif, student, missing),
        sif.request("GET", "xUnicorns"),
        sif.request("GET", f"{sif.collection}/{refid}", auth=None),
    ):
        if reply.status >= 400:
            expect.one_of(reply.status, STATUSES, "status of a refusal", reply)
