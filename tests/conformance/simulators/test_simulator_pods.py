"""Agreements at the simulator: acknowledging, the gate, and what refusals leave behind."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree

MARKER = "dataPrivacyMarker"
DAY = timedelta(days=1)
TODAY = datetime.now(UTC).date()


def test_the_token_comes_back_byte_for_byte(newcomer: Any, build: Any) -> None:
    token = "aZ.9-_" * 20
    reply = newcomer.push_pod(build.pod(token))
    assert (reply.status_code, reply.headers[MARKER]) == (201, token)


def test_data_answers_carry_the_marker_in_force_also_when_they_refuse(
    vendor: Any, build: Any
) -> None:
    replies = [
        vendor.create(build.student(build.refid())),
        vendor.send("GET", "xStudents"),
        vendor.send("GET", f"xStudents/{build.refid()}"),
        vendor.create(b"<broken"),
    ]
    assert [reply.headers[MARKER] for reply in replies] == [vendor.marker] * 4


def test_data_without_marker_is_403_01_and_not_stored(vendor: Any, build: Any) -> None:
    vendor.marker, marker, refid = None, vendor.marker, build.refid()
    reply = vendor.create(build.student(refid))
    assert reply.status_code == 403
    description = etree.fromstring(reply.content).findtext("{*}description")
    assert description is not None
    assert description.startswith("403-01")
    assert MARKER not in reply.headers
    vendor.marker = marker
    assert vendor.send("GET", f"xStudents/{refid}").status_code == 404


def test_an_unknown_marker_is_403(vendor: Any) -> None:
    vendor.marker = "made-up"
    assert vendor.send("GET", "xStudents").status_code == 403


def test_a_new_pod_outdates_the_old_one(vendor: Any, build: Any) -> None:
    assert vendor.push_pod(build.pod("new")).status_code == 201
    reply = vendor.send("GET", "xStudents")
    assert reply.status_code == 410
    assert b"410-20" in reply.content
    vendor.marker = "new"
    assert vendor.send("GET", "xStudents").status_code == 204


def test_an_expired_pod_ends_its_agreement(vendor: Any, build: Any) -> None:
    reply = vendor.push_pod(build.pod(vendor.marker, status="Expired"))
    assert reply.status_code == 201
    assert MARKER not in reply.headers
    assert vendor.send("GET", "xStudents").status_code == 410


def test_a_pod_for_another_zone_opens_nothing_here(vendor: Any, build: Any) -> None:
    zones = (
        "<zoneContextList><zoneContext><zoneId>elsewhere</zoneId></zoneContext></zoneContextList>"
    )
    other = build.pod("other", inner=f"<privacy><default>Y</default>{zones}</privacy>")
    assert vendor.push_pod(other).headers[MARKER] == "other"
    assert vendor.send("GET", "xStudents").status_code == 204
    vendor.marker = "other"
    assert vendor.send("GET", "xStudents").status_code == 403


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        (TODAY, TODAY, 201),
        (TODAY - DAY, TODAY + DAY, 201),
        (TODAY + 2 * DAY, TODAY + 3 * DAY, 403),
        (TODAY - 3 * DAY, TODAY - 2 * DAY, 403),
    ],
)
def test_contract_dates_count(
    newcomer: Any, build: Any, first: Any, last: Any, status: int
) -> None:
    reply = newcomer.push_pod(build.pod("t", inner=build.term(str(first), str(last))))
    assert (reply.status_code, MARKER in reply.headers) == (status, status == 201)


def test_an_agreement_of_another_party_is_refused(newcomer: Any, build: Any) -> None:
    reply = newcomer.push_pod(build.pod("t", party="Somebody Else"))
    assert (reply.status_code, MARKER in reply.headers) == (403, False)


NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'


@pytest.mark.parametrize(
    "inner",
    [
        "<privacy><default>N</default><appIDList/><zoneContextList/><endpointList/></privacy>",
        f"<privacy><default>N</default><privacyObligationsDocument {NIL}/></privacy>",
        f"<privacy><default>Y</default><dataModelNamespace {NIL}/></privacy>",
        "<privacy><default>Y</default><privacyObligationsDocument><dataController>"
        "<privacyPolicyURL>https://a.example</privacyPolicyURL><privacyContact><name/></privacyContact>"
        "</dataController></privacyObligationsDocument></privacy>",
        "<privacy><default>Y</default><privacyObligationsDocument/></privacy>" * 2,
    ],
)
def test_any_valid_pod_is_acknowledged(newcomer: Any, build: Any, inner: str) -> None:
    assert newcomer.push_pod(build.pod("t", inner=inner)).headers[MARKER] == "t"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<podToken>t</podToken>", b""),
        (b"<podToken>t</podToken>", b"<podToken/>"),
        (b"Live", b"Alive"),
        (b"<privacyList></privacyList>", b""),
        (b"<default>Y", b"<default>yes"),
        (b"2020-01-01", b"2020-13-01"),
        (b"<lawList/>", b""),
        (b"infrastructure/3.3", b"infrastructure/2.7"),
        (b"-4", b"-7"),
    ],
)
def test_no_invalid_pod_is_acknowledged(newcomer: Any, build: Any, old: bytes, new: bytes) -> None:
    refid = "5b72f2d4-7a83-4297-a71f-8b5fb26cbf14"
    inner = "" if b"privacyList" in old else build.term("2020-01-01", "2999-01-01")
    body = build.pod("t", inner=inner, refid=refid)
    assert old in body
    reply = newcomer.push_pod(body.replace(old, new, 1))
    assert (reply.status_code, MARKER in reply.headers) == (400, False)


def test_pods_cannot_be_read_or_changed_here(vendor: Any) -> None:
    assert vendor.send("GET", "pods").status_code == 405
    assert vendor.send("PUT", f"pods/{uuid.uuid4()}", b"<pod/>").status_code == 405
