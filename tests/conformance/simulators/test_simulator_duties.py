"""What the simulated vendor does with an agreement beside the gate."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import requests

MARKER = "dataPrivacyMarker"
CONTRACT = (
    "<privacy><default>Y</default><privacyObligationsDocument><technicalRequirements>{}"
    "</technicalRequirements></privacyObligationsDocument></privacy>"
)
DELETION = (
    "<dataDeletion><deleteData>{}</deleteData><dataRetention>{}</dataRetention></dataDeletion>"
)
MASK = (
    "<conditionList><condition><typeOfCondition>MASK</typeOfCondition><propertyList><property>"
    "<propertyName>path</propertyName><propertyValue>xStudent/localId</propertyValue></property>"
    "</propertyList></condition></conditionList>"
)


def ended(vendor: Any, build: Any, inner: str) -> None:
    """Put an agreement in force, store a student under it, and end it."""
    refid, vendor.marker = str(uuid.uuid4()), f"t-{uuid.uuid4()}"
    body = build.pod(vendor.marker, refid=refid, inner=inner)
    assert vendor.push_pod(body).status_code == 201
    assert vendor.create(build.student(build.refid())).status_code == 201
    expired = build.pod(vendor.marker, refid=refid, inner=inner, status="Expired")
    assert vendor.push_pod(expired).status_code == 201


@pytest.mark.parametrize(("delete", "days", "rows"), [("Y", "0", 1), ("Y", "60", 2), ("N", "0", 2)])
def test_the_end_deletes_when_no_day_of_retention_is_granted(
    newcomer: Any, build: Any, delete: str, days: str, rows: int
) -> None:
    ended(newcomer, build, CONTRACT.format(DELETION.format(delete, days)))
    assert len(newcomer.rows("users").splitlines()) == rows


def test_a_narrower_agreement_leaves_what_it_grants(vendor: Any, build: Any) -> None:
    fields = "<dataAccess><fieldList>{}</fieldList></dataAccess>"
    refid, inner = build.refid(), "<localId>0042</localId><loginId>ada</loginId>"
    assert vendor.create(build.student(refid, inner)).status_code == 201
    few = "".join(f"<field><fieldName>{one}</fieldName></field>"
                  for one in ("xStudent/name/familyName", "xStudent/localId"))  # fmt: skip
    narrow = build.pod("few", inner=CONTRACT.format(fields.format(few)))
    assert vendor.push_pod(narrow).status_code == 201
    vendor.marker = "few"
    shown = vendor.send("GET", f"xStudents/{refid}").content
    parts = (b"familyName", b"localId", b"givenName", b"loginId")
    assert [part in shown for part in parts] == [True, True, False, False]


def test_a_masked_placeholder_is_absent_and_another_one_is_not(vendor: Any, build: Any) -> None:
    masked = build.pod("m", inner=CONTRACT.format(MASK))
    student = "<localId>ZZREDACTED</localId><loginId>ZZREDACTED</loginId>"
    before = vendor.create(build.student(build.refid(), student)).content
    assert before.count(b"ZZREDACTED") == 2
    assert vendor.push_pod(masked).status_code == 201
    vendor.marker = "m"
    after = vendor.create(build.student(build.refid(), student)).content
    assert (b"localId" in after, b"<loginId>ZZREDACTED" in after) == (False, True)


def test_another_text_under_a_known_id_and_version_is_409(vendor: Any, build: Any) -> None:
    refid = str(uuid.uuid4())
    first = build.pod("t", refid=refid)
    other = build.pod("t", refid=refid, inner="<privacy><default>Y</default></privacy>")
    replies = [vendor.push_pod(body) for body in (first, other, first)]
    assert [one.status_code for one in replies] == [201, 409, 201]
    assert [MARKER in one.headers for one in replies] == [True, False, True]


def test_an_expired_pod_does_not_come_back(vendor: Any, build: Any) -> None:
    refid, token = str(uuid.uuid4()), "once"
    for status, expected in (("Live", 201), ("Expired", 201), ("Live", 410)):
        reply = vendor.push_pod(build.pod(token, refid=refid, status=status))
        assert reply.status_code == expected


def test_districts_have_markers_and_students_of_their_own(vendor: Any, build: Any) -> None:
    zones = (
        "<privacy><default>Y</default><zoneContextList><zoneContext><zoneId>second-district"
        "</zoneId></zoneContext></zoneContextList></privacy>"
    )
    assert vendor.push_pod(build.pod("second", inner=zones)).status_code == 201
    path, own = "xStudents/xStudent;zoneId=second-district", vendor.marker
    assert vendor.send("POST", path, build.student(build.refid())).status_code == 403
    vendor.marker = "second"
    reply = vendor.send("POST", path, build.student(build.refid()))
    assert (reply.status_code, reply.headers[MARKER]) == (201, "second")
    assert vendor.create(build.student(build.refid())).status_code == 403
    vendor.marker = own
    assert vendor.send("GET", "xStudents").status_code == 204
    assert len(vendor.rows("users").splitlines()) == 1


def pod_json(**changes: Any) -> bytes:
    """A small POD in JSON."""
    pod = {
        "id": str(uuid.uuid4()),
        "podStatus": "Live",
        "podToken": "in-json",
        "podVersion": "1",
        "partyId": "Example Reading App",
        "privacyList": {"privacy": []},
    }
    return json.dumps([{"pod": pod | changes}]).encode()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (pod_json(), 201),
        (pod_json(colour="green"), 201),
        (pod_json(podStatus="Active"), 400),
        (pod_json(podToken=None), 400),
        (pod_json(privacyList=[]), 400),
        (b"[", 400),
        (b'{"pod": {}}', 400),
        (b"[1]", 400),
    ],
)
def test_a_pod_in_json_is_held_to_the_same_grammar(newcomer: Any, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    reply = newcomer.send("POST", "pods/pod", body, **headers)
    assert (reply.status_code, reply.headers.get(MARKER) == "in-json") == (status, status == 201)


def test_who_reads_json_gets_a_receipt(newcomer: Any, build: Any) -> None:
    reply = newcomer.send("POST", "pods/pod", build.pod("t"), Accept="application/json, */*")
    told = reply.json()
    assert (told["podToken"], told["podVersion"]) == ("t", "1.0")
    assert told["podHash"].startswith("sha256:")
    assert len(told["podHash"]) == 71


def test_agreements_outlive_a_restart(vendor: Any, build: Any) -> None:
    url = f"{vendor.url}/operator/restart"
    assert vendor.http.post(url, headers=vendor.application()).status_code == 204
    assert vendor.create(build.student(build.refid())).status_code == 201
    assert requests.post(url, timeout=5).status_code == 401


def test_deletion_on_demand_is_confirmed_with_date_and_scope(vendor: Any, build: Any) -> None:
    refid = str(uuid.uuid4())
    assert vendor.push_pod(build.pod("d", refid=refid)).status_code == 201
    vendor.marker = "d"
    assert vendor.create(build.student(build.refid())).status_code == 201
    url, headers = f"{vendor.url}/operator/deletions", vendor.application()
    told = vendor.http.post(url, json.dumps({"podId": refid}), headers=headers).json()
    assert told["scope"] == ["demo-district/DEFAULT"]
    assert told["deletedAt"].endswith("+00:00")
    assert len(vendor.rows("users").splitlines()) == 1
    other = vendor.http.post(url, json.dumps({"podId": str(uuid.uuid4())}), headers=headers)
    assert other.status_code == 404


def test_everybody_can_read_the_policy(stranger: Any) -> None:
    reply = requests.get(f"{stranger.url}/privacy", timeout=5)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
