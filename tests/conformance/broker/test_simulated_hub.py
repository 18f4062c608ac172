"""The conforming hub keeps the rules that its mutants break."""

from __future__ import annotations

import json

import pytest

from conformance import trees
from conformance.checks.broker.doors import SHOWN, ids
from conformance.checks.preparation import objects_in
from conformance.hub_client import JSON
from conformance.hub_district import outside
from conformance.hub_pods import EXPIRED, LIVE, PENDING, Entry
from conformance.hub_stage import HubStage
from conformance.simulators.hub import SimulatedHub
from conformance.simulators.hub.papers import DRAFT


def test_a_published_pod_is_pending_until_its_token_is_used(stage: HubStage) -> None:
    pod = stage.grant(stage.a, *SHOWN)
    assert pod.status == PENDING
    assert len(objects_in(stage.a.students(pod.token))) == len(stage.district.students)
    assert stage.a.current().status == LIVE


def test_a_second_pod_expires_the_first(stage: HubStage) -> None:
    first, second = stage.open(stage.a, *SHOWN), stage.open(stage.a, *SHOWN)
    assert {one.id: one.status for one in stage.a.listed()} == {
        first.id: EXPIRED,
        second.id: LIVE,
    }
    assert stage.a.students(first.token).status == 410


def test_a_draft_is_kept_and_not_shown(stage: HubStage, simulated: SimulatedHub) -> None:
    stage.grant(stage.a, *SHOWN)
    document = trees.tostring(stage.a.current().element)
    stage.operator.draft("demo-vendor", document)
    assert [one.status for one in simulated.held.papers] == [PENDING, DRAFT]
    assert len(stage.a.listed()) == 1


def test_a_pod_for_an_application_is_not_replaced_by_one_for_another(stage: HubStage) -> None:
    own = stage.open(stage.a, *SHOWN)
    stage.publish(stage.a, Entry(SHOWN, app="another"))
    assert stage.a.students(own.token).status == 200


def test_the_receipt_is_asked_for_where_the_policy_says_so(stage: HubStage) -> None:
    stage.receipts_only(stage.a)
    pod = stage.grant(stage.a, *SHOWN)
    assert stage.a.students(pod.token).status == 403
    assert [stage.a.receipt(pod).status for _ in range(2)] == [201, 200]
    assert stage.a.students(pod.token).status == 200


def test_a_rejected_pod_expires(stage: HubStage) -> None:
    pod = stage.grant(stage.a, *SHOWN)
    assert stage.a.receipt(pod, decision="REJECTED").status == 201
    assert stage.a.students(pod.token).status == 410


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"podVersion": "9"}, 409),
        ({"podToken": "x"}, 409),
        ({"podHash": "sha256:0"}, 409),
        ({"decision": "PERHAPS"}, 422),
    ],
)
def test_a_wrong_receipt_is_refused(stage: HubStage, change: dict[str, str], status: int) -> None:
    pod = stage.grant(stage.a, *SHOWN)
    assert stage.a.receipt(pod, **change).status == status


def test_the_marker_service_gives_the_token(stage: HubStage) -> None:
    assert stage.a.marker_service().status == 404
    pod = stage.grant(stage.a, *SHOWN)
    told = json.loads(stage.a.marker_service().body)
    assert (told["dataPrivacyMarker"], told["podId"]) == (pod.token, pod.id)


def test_only_granted_paths_are_shown(stage: HubStage) -> None:
    fields = ("xStudent/@refId", "xStudent/name/givenName", "xStudent/email/emailType")
    pod = stage.open(stage.a, *fields)
    students = objects_in(stage.a.students(pod.token))
    assert [outside(one, fields) for one in students] == [[]] * len(students)
    # An email without an address would not be valid.
    assert {trees.local(child) for one in students for child in one} == {"name"}


def test_pods_are_json_for_who_asks(stage: HubStage) -> None:
    pod = stage.grant(stage.a, *SHOWN)
    told = json.loads(stage.a.pods(headers=JSON).body)
    assert [one["pod"]["podToken"] for one in told] == [pod.token]
    assert isinstance(told[0]["pod"]["privacyList"]["privacy"], list)


def test_a_message_is_filtered_when_it_is_read(stage: HubStage) -> None:
    stage.open(stage.a, *SHOWN, "xStudent/email")
    queue = stage.queue(stage.a, "xStudents")
    stage.changed(0, "name", "middleName", text="Later")
    narrow = stage.open(stage.a, "xStudent/@refId", "xStudent/name")
    replies = list(stage.a.drained(queue, narrow.token))
    assert [one.status for one in replies] == [200, 204]
    assert [trees.local(child) for child in objects_in(replies[0])[0]] == ["name"]


def test_pages_together_show_each_student_once(stage: HubStage) -> None:
    pod = stage.open(stage.a, *SHOWN)
    pages = [ids(stage.a.page(number, 3, pod.token)) for number in (1, 2, 3)]
    assert [len(one) for one in pages] == [3, 3, 2]
    assert len(set.union(*pages)) == len(stage.district.students)


def test_the_audit_is_a_chain(stage: HubStage) -> None:
    stage.open(stage.a, *SHOWN)
    stage.open(stage.a, *SHOWN)
    lines = [json.loads(line) for line in stage.operator.audit()]
    assert len(lines) == 4
    assert [one["previous"] for one in lines[1:]] == [one["hash"] for one in lines[:-1]]


def test_a_vendor_does_not_reach_the_queue_of_another(stage: HubStage) -> None:
    queue = stage.queue(stage.a, "xStudents")
    assert stage.b.messages(queue).status == 404
