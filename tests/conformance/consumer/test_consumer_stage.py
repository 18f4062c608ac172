"""The suite's own hub is lawful: who may not have data gets none, and nobody gets more."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance import trees
from conformance.problems import NotVerified, SetupFault, SuiteFault
from conformance.runfile import Exchange
from conformance.simulators.consumer import Consumer
from conformance.simulators.consumer.link import Answer, Link
from conformance.stage import district
from conformance.stage.play import Stage, Theatre
from conformance.stage.server import Server, taken_apart
from tests.conformance.consumer.judging import config_of

ZONE = "zone-a"
LIST = f"requests/xStudents;zoneId={ZONE};contextId=DEFAULT"


def ask(client: Consumer, marker: str | None, path: str = LIST) -> Answer:
    """One request for data with this marker."""
    lines = {} if marker is None else {"dataPrivacyMarker": marker}
    return client.link.send("GET", path, None, lines)


def sub_code(answer: Answer) -> str:
    """The sub code at the start of the description."""
    return trees.text(trees.parse(answer.body), "description").partition(":")[0]


def test_the_marker_of_the_document_opens_the_data(stage: Stage, client: Consumer) -> None:
    made = stage.renew()
    answer = ask(client, made[ZONE].token)
    assert (answer.status, answer.headers["dataprivacymarker"]) == (200, made[ZONE].token)
    assert len(answer.document) == district.STUDENTS


def test_without_a_marker_there_is_403_01(stage: Stage, client: Consumer) -> None:
    stage.renew()
    answer = ask(client, None)
    assert (answer.status, sub_code(answer)) == (403, "403-01")


def test_an_old_marker_is_answered_410_20(stage: Stage, client: Consumer) -> None:
    old, _ = stage.renew(), stage.renew()
    answer = ask(client, old[ZONE].token)
    assert (answer.status, sub_code(answer)) == (410, "410-20")


@pytest.mark.parametrize("marker", ["never-issued", "zone-b"])
def test_a_marker_of_elsewhere_opens_nothing(stage: Stage, client: Consumer, marker: str) -> None:
    made = stage.renew()
    answer = ask(client, made[marker].token if marker in made else marker)
    assert (answer.status, sub_code(answer)) == (403, "403-POD-UNKNOWN")


def test_a_document_that_is_only_shown_opens_nothing(stage: Stage, client: Consumer) -> None:
    from conformance import pods

    made = stage.show(pods.build)
    assert ask(client, made[ZONE].token).status == 403
    shown = client.link.send("GET", f"services/pods;zoneId={ZONE}").document
    assert trees.text(shown[0], "podToken") == made[ZONE].token


@pytest.mark.parametrize("granted", [district.GRANTED, district.NARROW, ("xStudent/name",)])
def test_nothing_outside_the_grant_leaves(
    stage: Stage, client: Consumer, granted: tuple[str, ...]
) -> None:
    made = stage.renew(granted)
    for student in ask(client, made[ZONE].token).document:
        for path, _ in trees.leaves(student):
            assert any(path == one or path.startswith((f"{one}/", f"{one}[")) for one in granted)


def test_a_deletion_is_not_refused_for_lack_of_a_marker(stage: Stage, client: Consumer) -> None:
    stage.renew()
    answer = client.link.send("DELETE", f"requests/xStudents/1;zoneId={ZONE}")
    assert (answer.status, sub_code(answer)) == (403, "")


@pytest.mark.parametrize("path", ["services/zones", "requests/alerts", "services/codeSets"])
def test_services_about_the_hub_need_no_marker(
    stage: Stage, client: Consumer, theatre: Theatre, path: str
) -> None:
    stage.renew()
    assert client.link.send("GET", path).status == 404
    assert [one.covered for one in stage.calls()[-1:]] == [False]


def test_an_environment_can_be_read_and_deleted(client: Consumer, theatre: Theatre) -> None:
    (made,) = (one.given.body for one in theatre.log.calls if one.given.kind == "environment")
    path = f"environments/{trees.refid(trees.parse(made))}"
    assert client.link.send("GET", path).body == made
    assert client.link.send("DELETE", path).status == 204
    assert client.link.send("GET", path).status == 401


def test_an_object_that_is_not_granted_is_refused(stage: Stage, client: Consumer) -> None:
    made = stage.renew()
    assert ask(client, made[ZONE].token, f"requests/xContacts;zoneId={ZONE}").status == 403


def test_the_end_shows_an_expired_document(stage: Stage, client: Consumer) -> None:
    made = stage.renew()
    stage.end()
    shown = client.link.send("GET", "services/pods").document
    assert {trees.text(one, "podStatus") for one in shown} == {"Expired"}
    assert ask(client, made[ZONE].token).status == 410


def test_pages_hold_every_student_once(stage: Stage, client: Consumer) -> None:
    stage.renew()
    client.obtain(ZONE)
    found = client.read_pages(ZONE)
    assert len(found) == len(set(found)) == district.STUDENTS


def test_the_marker_service_tells_the_token(stage: Stage, client: Consumer) -> None:
    asked = {"zoneId": ZONE}
    assert client.link.send("POST", "privacy/markers", asked).status == 404
    made = stage.renew()
    answer = client.link.send("POST", "privacy/markers", asked)
    assert made[ZONE].token.encode() in answer.body


def receipt(client: Consumer, **changes: object) -> Answer:
    """An acknowledgement of the document of the zone, changed."""
    (paper,) = client.offered(ZONE)
    told = client.receipt(ZONE, paper, "ACKNOWLEDGED") | changes
    return client.link.send("POST", f"privacy/pods/{paper.pod.id}/acknowledgements", told)


def test_the_same_receipt_again_has_the_same_id(stage: Stage, client: Consumer) -> None:
    stage.renew()
    first, again = receipt(client), receipt(client, acknowledgedAt="2027-01-01T00:00:00Z")
    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"podVersion": "0.1"}, 409),
        ({"podHash": "sha256:00"}, 409),
        ({"podToken": "other"}, 409),
        ({"decision": "PERHAPS"}, 422),
        ({"podHash": None}, 422),
    ],
)
def test_a_wrong_receipt_is_refused(
    stage: Stage, client: Consumer, changes: dict[str, object], status: int
) -> None:
    stage.renew()
    assert receipt(client, **changes).status == status


def test_a_rejection_ends_the_document(stage: Stage, client: Consumer) -> None:
    made = stage.renew()
    assert receipt(client, decision="REJECTED").status == 201
    assert ask(client, made[ZONE].token).status == 410


def test_an_announced_document_waits_in_the_queue(stage: Stage, client: Consumer) -> None:
    made = stage.renew(announce=True)
    answer = client.next_message()
    assert answer.headers["servicename"] == "pods"
    assert made[answer.headers["zoneid"]].token.encode() in answer.body


def test_wrong_credentials_are_refused(theatre: Theatre) -> None:
    link = Link(theatre.url, "demo-vendor", "another-secret")
    assert link.send("POST", "environments/environment").status == 401
    link.close()


def test_addresses_are_taken_apart_and_decoded_once() -> None:
    steps, given = taken_apart("/hub/requests/xStudents/a%3Bb;zoneId=n%20w;contextId=D?order=x")
    assert steps == ("requests", "xStudents", "a;b")
    assert given == {"zoneId": "n w", "contextId": "D", "order": "x"}


def test_calls_are_written_as_they_stood_on_the_wire(
    stage: Stage, client: Consumer, theatre: Theatre, seen: list[Exchange]
) -> None:
    made = stage.renew()
    ask(client, made[ZONE].token)
    theatre.record()
    last = seen[-1]
    assert last.direction == "received"
    assert last.request.start == f"GET /hub/{LIST} HTTP/1.1"
    assert dict(last.request.headers)["dataPrivacyMarker"].startswith(f"{made[ZONE].token[:8]}…")
    assert last.response is not None
    assert last.response.start == "HTTP/1.1 200 OK"


def test_no_name_and_no_token_is_written(
    stage: Stage, client: Consumer, theatre: Theatre, seen: list[Exchange]
) -> None:
    made = stage.renew()
    names = [one.text for one in ask(client, made[ZONE].token).document.iter("{*}familyName")]
    theatre.record()
    text = "".join(one.response.body for one in seen if one.response is not None)
    assert [name for name in names if name and f">{name}<" in text] == []
    assert made[ZONE].token not in str(seen)
    assert client.link.user not in str(seen)


def test_a_silent_client_is_not_verified(stage: Stage, theatre: Theatre) -> None:
    theatre.setting = type(theatre.setting)(
        theatre.setting.config, theatre.setting.wire, theatre.setting.evidence,
        move=lambda *_: True,
    )  # fmt: skip
    silent = Stage(theatre, stage._rng)
    for _ in range(3):
        with pytest.raises(NotVerified, match=r"made no call in 0\.05 s"):
            silent.synchronise()
    with pytest.raises(NotVerified, match="silent 3 times"):
        silent.synchronise()


def test_a_fault_of_the_hub_is_ours(
    stage: Stage, theatre: Theatre, client: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.stage.hub.pruned", lambda *_: 1 / 0)
    made = stage.renew()
    assert ask(client, made[ZONE].token).status == 500
    with pytest.raises(SuiteFault, match="own hub failed"):
        theatre.record()


def test_a_taken_port_is_a_set_up_fault(theatre: Theatre) -> None:
    port = int(theatre.url.split(":")[2].partition("/")[0])
    with pytest.raises(SetupFault, match=r"\[listener\] port"):
        Server("127.0.0.1", port, lambda _: None, lambda _: None)  # type: ignore[arg-type,return-value]


def test_two_zones_have_documents_of_their_own() -> None:
    config = config_of(endpoint={"zone": "north"}, pod={"second_zone": "south"})
    assert (config.endpoint.zone, config.pod.second_zone) == ("north", "south")


def test_what_is_optional_can_be_left_away(stage: Stage, client: Consumer) -> None:
    made = stage.renew()
    stage.thin_out()
    student: etree._Element = ask(client, made[ZONE].token).document[0]
    assert [trees.local(one) for one in student] == ["name"]
    assert student.get("refId")
