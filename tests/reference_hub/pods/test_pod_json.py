"""PODs as JSON, their hash, and what is taken from others."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.pod_intake import LARGEST, taken
from reference_hub.codec.pod_json import pod_hash, pod_hashes, write_json
from reference_hub.codec.pod_xml import build_pod, with_status
from reference_hub.codec.releases import spoken
from reference_hub.codec.xml import MalformedDocument, tostring
from reference_hub.model.infrastructure import INFRASTRUCTURE
from tests.reference_hub.pods.documents import (
    INF_36,
    NIL,
    POD_ID,
    SEEDS,
    drawn,
    element,
    respelled,
    small,
    technical,
    written,
)


def stored_form(pod: _Element) -> bytes:
    """The POD as the hub keeps it, whichever version it came in."""
    return tostring(spoken(pod, INFRASTRUCTURE))


def collection(*pods: etree._Element) -> etree._Element:
    root = etree.Element(f"{{{INFRASTRUCTURE}}}pods", nsmap={None: INFRASTRUCTURE})  # type: ignore[dict-item]
    root.extend(pods)
    return root


def sent(**change: Any) -> bytes:
    return json.dumps([{"pod": {**small(), **change}}]).encode()


@pytest.mark.requirement("POD-SCH-010")
def test_one_pod_is_an_array_with_one_wrapper() -> None:
    value = json.loads(write_json(element()))
    assert list(value[0]) == ["pod"]
    assert value[0]["pod"] == small() | {"privacyList": value[0]["pod"]["privacyList"]}
    assert value[0]["pod"]["id"] == POD_ID
    assert technical(value[0]["pod"])["dataDeletion"]["dataRetention"] == 60


@pytest.mark.requirement("POD-SCH-010")
def test_a_collection_is_an_array_with_a_wrapper_for_each() -> None:
    value = json.loads(write_json(collection(element(), element())))
    assert [list(each) for each in value] == [["pod"], ["pod"]]


def test_nil_is_left_out_because_the_published_schema_has_no_null() -> None:
    pod = element()
    end = next(pod.iter("{*}dateValidTo"))
    end.text, end.attrib[NIL] = None, "true"
    assert b"dateValidTo" not in write_json(pod)


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_what_is_written_is_taken_again(seed: int) -> None:
    for namespace in (INFRASTRUCTURE, INF_36):
        pod = build_pod(drawn(seed, namespace), namespace)
        version = namespace.rpartition("/")[2]
        assert [etree.tostring(each) for each in taken(write_json(pod), version)] == [
            etree.tostring(pod)
        ]


def dense(content: Any) -> str:
    """The hash as section 1.8 of the sheet has it, by other means."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_the_hash_is_that_of_the_sorted_json_without_the_status() -> None:
    content = json.loads(write_json(element()))[0]["pod"]
    del content["podStatus"]
    assert pod_hash(written()) == dense(content)


def test_the_hash_of_the_small_pod_never_changes() -> None:
    digest = "b5ca5544bbbd5be68f7e3447d915b0901c01a5ae3132dcd58ed83a1f124913ee"
    assert pod_hash(written()) == f"sha256:{digest}"


def test_the_hash_knows_numbers_that_became_texts() -> None:
    content = json.loads(write_json(element()))[0]["pod"]
    del content["podStatus"]
    technical(content)["dataDeletion"]["dataRetention"] = "60"
    assert dense(content) in pod_hashes(written()) - {pod_hash(written())}


def test_the_hash_outlives_a_new_status_and_nothing_else() -> None:
    assert pod_hash(with_status(written(), "Pending")) == pod_hash(written())
    other = respelled(written(), ">1.0.0<", ">1.0.1<")
    assert pod_hash(other) != pod_hash(written())


def test_a_pod_is_known_by_the_hash_of_either_spelling() -> None:
    newer = etree.tostring(spoken(element(), INF_36))
    assert {pod_hash(written()), pod_hash(newer)} < pod_hashes(written())
    assert len(pod_hashes(written())) == 4
    assert pod_hashes(newer) == pod_hashes(written())


def test_signs_beyond_ascii_are_hashed_as_utf_8() -> None:
    made = written(lambda content: content.update(partyId="Éduca 漢"))
    assert "Éduca 漢".encode() in write_json(etree.fromstring(made))
    assert pod_hash(made) != pod_hash(written())


def test_unknown_members_and_any_order_are_taken() -> None:
    body = sent(colour={"deep": [1, None]}).replace(b'"podVersion"', b'"_": 1, "podVersion"')
    assert stored_form(taken(body)[0]) == written()


def test_lists_of_contacts_tell_that_the_json_is_of_3_4_or_later() -> None:
    newer = taken(write_json(spoken(element(), INF_36)))[0]
    assert newer.find(".//{*}privacyContactList") is not None
    assert stored_form(newer) == written()


def test_an_xml_collection_of_3_6_is_taken_and_kept_as_3_3() -> None:
    body = etree.tostring(spoken(collection(element(), element()), INF_36))
    assert [stored_form(each) for each in taken(body)] == [written(), written()]


def test_a_whole_float_is_the_number_it_is() -> None:
    body = sent().replace(b'"dataRetention": 60', b'"dataRetention": 60.0')
    assert stored_form(taken(body)[0]) == written()


@pytest.mark.requirement("POD-SCH-009")
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<!DOCTYPE pod [<!ENTITY x 'y'>]>" + written(), "a DOCTYPE is not accepted"),
        (
            b"<!DOCTYPE pod [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
            + written().replace(b">Live<", b">&x;<"),
            "a DOCTYPE is not accepted",
        ),
        (written() + b" " * LARGEST, "more than 2000000 bytes"),
        (b"<pod>" * 400 + b"</pod>" * 400, "not well-formed XML"),
        (b"[" * 300 + b"]" * 300, "the JSON nests deeper than 200 levels"),
        (b'[{"pod": {"id": 1, "id": 2}}]', "a member stands twice in one object"),
        (sent(podStatus="Done"), "not a valid POD; /0/pod/podStatus: expected one of"),
        (sent(podToken="a\x00b"), "not a valid POD; pod/podToken: the text holds a sign"),
        (b'{"pod": {}}', "not a valid POD; /: expected an array of objects"),
        (respelled(written(), ">Live<", ">Done<"), "not a valid POD; line 1, /pod/podStatus"),
        (b"", "not well-formed XML"),
    ],
)
def test_what_is_hostile_or_not_valid_is_not_taken(body: bytes, told: str) -> None:
    with pytest.raises(MalformedDocument, match=told.replace("(", r"\(")):
        taken(body)


def test_only_the_version_that_was_asked_for_is_taken() -> None:
    with pytest.raises(MalformedDocument, match=r"expected that of infrastructure 3\.6"):
        taken(written(), "3.6")
    with pytest.raises(MalformedDocument, match="/0/pods/pod/0/id: expected this member"):
        taken(b'[{"pods": {"pod": [{}]}}]', "3.6")


@pytest.mark.requirement("POD-SCH-004")
@pytest.mark.parametrize(("spelled", "asked"), [(INFRASTRUCTURE, "3.6"), (INF_36, "3.3")])
def test_json_with_the_contacts_of_another_version_is_not_taken(spelled: str, asked: str) -> None:
    body = write_json(spoken(element(), spelled))
    with pytest.raises(MalformedDocument, match="its contacts are spelled as in another"):
        taken(body, asked)


def test_a_byte_order_mark_hides_no_json() -> None:
    assert stored_form(taken(b"\xef\xbb\xbf" + sent())[0]) == written()
