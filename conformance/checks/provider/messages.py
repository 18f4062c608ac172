"""Headers of requests and answers (Base Architecture 3.2.1, 4.3) and the transport."""

from __future__ import annotations

import random
from xml.sax.saxutils import escape

import pytest

from conformance import expect, trees
from conformance.checks.preparation import accepted, control_holds, prepared
from conformance.checks.provider.objects import refused_without_data, unknown_id
from conformance.checks.sif.headers import DATE_TIME, STATUSES
from conformance.offer import Offer, ids
from conformance.problems import NotApplicable
from conformance.tongue import kinds_of
from conformance.verifies import verifies


@verifies("INF-HDR-003")
def check_every_reading_is_answered_by_a_dated_response(offer: Offer) -> None:
    """Answers about one object and many are RESPONSE, with time and a UUID of their own."""
    replies = [offer.get(offer.one()), offer.page(1, 1), offer.page(999_999, 1)]
    for reply in replies:
        prepared(reply)
        expect.header(reply, "messageType", "RESPONSE")
        expect.matches(reply, "timestamp", DATE_TIME, "an XML Schema date-time with a zone")
        expect.uuid(reply.headers.get("messageId"), "header messageId", reply)
    different = {reply.headers.get("messageId") for reply in replies}
    expect.equal(len(different), len(replies), "number of different message ids")


@verifies("INF-HDR-004", "NEG-030")
def check_every_reading_repeats_its_action(offer: Offer) -> None:
    """responseAction is QUERY for one object and many, in a refusal too."""
    for reply in (offer.get(offer.one()), offer.page(1, 1), offer.get(unknown_id())):
        expect.header(reply, "responseAction", "QUERY")


@verifies("INF-HDR-005")
def check_ids_of_a_reading_are_echoed(offer: Offer, rng: random.Random) -> None:
    """requestId and generatorId come back as sent, and are absent when none was sent."""
    sent = {"requestId": f"r-{rng.getrandbits(48):x}", "generatorId": f"G.{rng.getrandbits(48):X}"}
    reply = offer.page(1, 1, headers=sent)
    for name, value in sent.items():
        expect.header(reply, name, value)
    expect.absent(offer.page(1, 1), "requestId")


@verifies("INF-HDR-006")
def check_defaults_stand_in_for_headers_of_a_reading(offer: Offer) -> None:
    """A query with nothing but credentials works, and one with every default written out."""
    accepted(offer.get(offer.one(), headers={"Accept": None}), "credentials are enough")
    spelt = {"messageType": "REQUEST", "requestType": "IMMEDIATE", "serviceType": "OBJECT",
             "requestAction": "QUERY", "queryIntention": "ONE-OFF"}  # fmt: skip
    accepted(offer.get(offer.one(), headers=spelt), "the defaults may be written out")


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
def check_unknown_word_of_a_reading_is_refused(offer: Offer, name: str, word: str) -> None:
    """A word that the header does not know is refused; without it the object is served."""
    control_holds(offer.get(offer.one()), "without the unknown word it is served")
    refused_without_data(offer.get(offer.one(), headers={name: word}), 400, 404, 405)


@verifies("INF-HDR-012", negative=True)
def check_reading_that_says_delete_is_refused(offer: Offer) -> None:
    """A GET that says requestAction DELETE is 400; a plain GET is served before and after."""
    control_holds(offer.get(offer.one()), "a plain GET is served")
    refused_without_data(offer.get(offer.one(), headers={"requestAction": "DELETE"}), 400)
    expect.status(offer.get(offer.one()), 200)


@verifies("INF-TRN-010", "NEG-056")
def check_unknown_headers_leave_a_reading_alone(offer: Offer, rng: random.Random) -> None:
    """Headers and parameters of other vendors change nothing in the answer."""
    plain = prepared(offer.page(1, 2))
    strange = {"IdType": "local", "SchoolYear": "2027", "X-Sample": f"{rng.getrandbits(32):x}"}
    for reply in (
        offer.page(1, 2, headers=strange),
        offer.page(1, 2, query={"sampleFlag": "1"}),
    ):
        expect.equal(ids(reply), ids(plain), "objects on the page", reply)


@verifies("NEG-031", negative=True)
def check_misspelt_intention_of_a_reading_breaks_nothing(offer: Offer) -> None:
    """queryIntention NO-CACHE (for NO-CACHING) is served or refused with 400, nothing else."""
    proper = offer.page(1, 1, headers={"queryIntention": "NO-CACHING"})
    control_holds(proper, "the proper request is served")
    expect.status(offer.page(1, 1, headers={"queryIntention": "NO-CACHE"}), 200, 204, 400)


@verifies("INF-TRN-008", "NEG-037")
def check_offered_objects_are_compressed_only_on_request(offer: Offer) -> None:
    """Without gzip in Accept-Encoding the answer is plain; with it, it is labelled or plain."""
    plain = prepared(offer.get(offer.one(), headers={"Accept-Encoding": "identity"}))
    expect.true(not plain.raw.startswith(b"\x1f\x8b"), "the body is not compressed", plain)
    expect.one_of(plain.headers.get("Content-Encoding").lower(), ("", "identity"),
                  "header Content-Encoding", plain)  # fmt: skip
    either = prepared(offer.get(offer.one(), headers={"Accept-Encoding": "gzip"}))
    if either.raw.startswith(b"\x1f\x8b"):
        expect.header(either, "Content-Encoding", "gzip", fold=True)
    expect.same_facts(plain.object, either.object, either, ids=True)


@verifies("INF-TRN-003")
def check_provider_speaks_http_1_1_and_keeps_the_connection(offer: Offer) -> None:
    """Answers are HTTP/1.1 and do not close the connection by default."""
    reply = offer.page(1, 1)
    expect.equal(reply.head[:8].decode("latin-1"), "HTTP/1.1", "protocol version", reply)
    connection = reply.headers.get("Connection").lower()
    expect.true(connection != "close", "the connection may be used again", reply, connection)


@verifies("INF-TRN-006")
def check_offered_text_is_utf_8(offer: Offer) -> None:
    """The bytes of a list are UTF-8, and so are its declaration and its charset, where stated."""
    reply = prepared(offer.page(1, offer.step) if offer.declared("paging") else offer.listed())
    try:
        text = reply.body.decode("utf-8")
    except UnicodeDecodeError as error:
        text = ""
        expect.true(False, "the body is UTF-8", reply, f"byte {error.start} is not")
    told = reply.headers.get("Content-Type").lower().partition("charset=")[2].strip('" ')
    expect.one_of(told, ("", "utf-8"), "charset of the Content-Type", reply)
    head = text.partition("?>")[0].lower() if text.startswith("<?xml") else ""
    declared = head.partition("encoding=")[2][1:].partition(head[-1:] or " ")[0]
    expect.true("encoding" not in head or declared.startswith("utf-8"), "it says UTF-8", reply)


@verifies("INF-FMT-010")
def check_every_reading_states_its_media_type(offer: Offer) -> None:
    """Every answer with a body names the type that was asked for; a refusal may be XML."""
    kinds = kinds_of(offer.config)
    for reply in (offer.get(offer.one()), offer.page(1, 1), offer.get(unknown_id())):
        if reply.body:
            others = () if reply.ok else ("application/xml", "text/xml")
            expect.content_type(reply, *dict.fromkeys((*kinds, *others)))


@verifies("INF-FMT-008")
def check_xml_is_the_default_of_a_reading(offer: Offer) -> None:
    """Without Accept the object comes as XML."""
    reply = accepted(offer.get(offer.one(), headers={"Accept": None}), "it is served")
    expect.equal(ids(reply), [trees.folded(offer.one())], "the object in the XML", reply)


@verifies("INF-QRY-007")
def check_tag_of_an_unchanged_collection_is_304(offer: Offer) -> None:
    """The ETag of a collection, sent back, is answered with 304 and no body."""
    tag = prepared(offer.page(1, 2)).headers.get("ETag")
    expect.true(bool(tag), "a collection has an ETag")
    reply = offer.page(1, 2, headers={"ETag": tag, "If-None-Match": tag})
    expect.status(reply, 304)
    expect.no_body(reply)


@verifies("INF-QRY-008", negative=True)
def check_tag_nobody_gave_is_no_304(offer: Offer) -> None:
    """An ETag that was never given is answered with the objects; the one given is not."""
    told = prepared(offer.page(1, 2))
    if "ETag" not in told.headers:
        raise NotApplicable("the provider tells no ETag")
    stale = {"ETag": '"no-such-state"', "If-None-Match": '"no-such-state"'}
    reply = offer.page(1, 2, headers=stale)
    expect.status(reply, 200)
    expect.equal(ids(reply), ids(told), "objects on the page", reply)


@verifies("INF-STA-001", negative=True)
def check_refusals_of_readings_use_codes_of_the_table(offer: Offer) -> None:
    """Ordinary faults are answered with status codes that SIF knows; a good request is served."""
    control_holds(offer.get(offer.one()), "the object can be read")
    for reply in (
        offer.get(unknown_id()),
        offer.listed("xUnicorns"),
        offer.sif.request("DELETE", offer.name),
        offer.sif.request("POST", f"{offer.name}/x", body=escape("<x").encode()),
        offer.get(offer.one(), auth=None),
        offer.page("abc", 1),
    ):
        if reply.status >= 400:
            expect.one_of(reply.status, STATUSES, "status of a refusal", reply)


@verifies("NEG-029", negative=True)
def check_http_override_does_not_turn_a_reading(offer: Offer) -> None:
    """X-HTTP-Method-Override is nothing to SIF: a GET stays a GET, and the object stays."""
    plain = prepared(offer.get(offer.one()))
    turned = offer.get(offer.one(), headers={"X-HTTP-Method-Override": "DELETE"})
    expect.equal(ids(turned), ids(plain), "the object that is read", turned)
    expect.status(offer.get(offer.one()), 200)
