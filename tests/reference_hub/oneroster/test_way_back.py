"""Scores come back from a vendor as SIF objects, within its rights, and nothing is guessed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import etree

from reference_hub.cli_quarantine import quarantine as quarantine_command
from reference_hub.journeys.take_back import QUARANTINED, TAKEN
from reference_hub.model.pod import HASH, Condition, Terms
from reference_hub.store import audits, objects, quarantine, vendors
from tests.reference_hub.oneroster.conftest import GRADEBOOK, V1_1, Puller
from tests.reference_hub.oneroster.ground import EVERY, GRADES, Ground, class_of, graded
from tests.reference_hub.oneroster.openapi import Service
from tests.reference_hub.web.conftest import SCOPE, SECRET

ITEM, RESULT, CATEGORY = (str(uuid.uuid5(uuid.NAMESPACE_DNS, name)) for name in "abc")


@pytest.fixture
def ground(puller: Callable[..., Puller]) -> Ground:
    """A district whose vendor may write the gradebook."""
    return graded(puller)


@pytest.fixture
def room(ground: Ground) -> dict[str, str]:
    """A class with a student of it, as the vendor reads them."""
    return class_of(ground)


def to(kind: str, id_: str) -> dict[str, str]:
    return {"href": f"https://vendor.example/{kind}s/{id_}", "sourcedId": id_, "type": kind}


def head(id_: str) -> dict[str, str]:
    return {"sourcedId": id_, "status": "active", "dateLastModified": "2026-10-01T00:00:00.000Z"}


def line_item(room: Mapping[str, str], id_: str = ITEM, category: str = CATEGORY) -> dict[str, Any]:
    return head(id_) | {
        "title": "Essay", "assignDate": "2026-10-01T00:00:00.000Z",
        "dueDate": "2026-10-09T22:00:00.000Z", "class": to("class", room["class"]),
        "school": to("org", room["school"]), "category": to("category", category),
        "resultValueMin": 0, "resultValueMax": 20,
    }  # fmt: skip


def result(student: str, item: str = ITEM, id_: str = RESULT, **more: Any) -> dict[str, Any]:
    return head(id_) | {
        "lineItem": to("lineItem", item), "student": to("user", student),
        "scoreStatus": "fully graded", "score": 8.5, "scoreDate": "2026-10-10",
    } | more  # fmt: skip


def put(ground: Ground, collection: str, name: str, body: dict[str, Any]) -> int:
    reply = ground.puller.send("PUT", f"{collection}/{body['sourcedId']}", {name: body})
    return reply.status_code


def taken(ground: Ground, room: Mapping[str, str]) -> None:
    """A category, a line item and a result are taken."""
    category = head(CATEGORY) | {"title": "Homework"}
    assert put(ground, "categories", "category", category) == 422
    assert put(ground, "lineItems", "lineItem", line_item(room)) == 201
    assert put(ground, "results", "result", result(room["user"])) == 201


def stored(ground: Ground, object_type: str, id_: str) -> etree._Element | None:
    with ground.puller.hub.engine.connect() as connection:
        found = objects.get(connection, SCOPE, object_type, id_.replace("-", ""))
    return etree.fromstring(found.body) if found else None


def held(ground: Ground) -> list[quarantine.Held]:
    with ground.puller.hub.engine.connect() as connection:
        return quarantine.listed(connection)


def test_a_result_becomes_a_score_of_the_district(ground: Ground, room: dict[str, str]) -> None:
    taken(ground, room)
    score = stored(ground, "GradingAssignmentScore", RESULT)
    assert score is not None
    told = {name: score.get(name) for name in ("StudentPersonalRefId", "SectionInfoRefId",
            "SchoolInfoRefId", "GradingAssignmentRefId")}  # fmt: skip
    wanted = (room["user"], room["class"], room["school"], ITEM)
    assert tuple(told.values()) == wanted
    assert score.findtext("{*}ScorePointsFloat") == "8.5"
    item = stored(ground, "GradingAssignment", ITEM)
    assert item is not None
    assert (item.findtext("{*}PointsPossible"), item.findtext("{*}DueDate")) == ("20", "2026-10-09")
    assert item.get("GradingCategoryRefId") == CATEGORY
    assert held(ground) == []


def test_what_was_written_is_read_back_the_same(
    ground: Ground, room: dict[str, str], services: dict[str, Service]
) -> None:
    taken(ground, room)
    ground.bring_up()
    reply = ground.puller.get(f"results/{RESULT}", root=GRADEBOOK)
    assert services["gradebook"].faults("GET", "results/{}", 200, reply.json()) == []
    told = reply.json()["result"]
    assert (told["score"], told["student"]["sourcedId"]) == (8.5, room["user"])
    below = f"classes/{room['class']}/lineItems/{ITEM}/results"
    assert ground.puller.get(below, root=GRADEBOOK).json()["results"] == [told]
    for form in ("lineItems", "categories", "results"):
        reply = ground.puller.get(form, root=GRADEBOOK)
        assert services["gradebook"].faults("GET", form, 200, reply.json()) == []
        assert len(reply.json()[form]) == 1


def test_a_second_put_replaces_the_score(ground: Ground, room: dict[str, str]) -> None:
    taken(ground, room)
    again = result(room["user"], score=9, comment="Better")
    assert put(ground, "results", "result", again) == 201
    score = stored(ground, "GradingAssignmentScore", RESULT)
    assert score is not None
    assert score.findtext("{*}ScorePoints") == "9"
    assert score.findtext("{*}ScoreDescription") == "Better"
    assert score.find("{*}ScorePointsFloat") is None
    assert put(ground, "results", "result", result(room["user"], score=9)) == 201
    score = stored(ground, "GradingAssignmentScore", RESULT)
    assert score is not None
    assert [etree.QName(each).localname for each in score] == ["ScorePoints"]


def test_an_unknown_student_is_kept_and_taken_when_it_comes(
    ground: Ground, room: dict[str, str]
) -> None:
    taken(ground, room)
    stranger = str(uuid.uuid4())
    late = result(stranger, id_=str(uuid.uuid4()))
    reply = ground.puller.send("PUT", f"results/{late['sourcedId']}", {"result": late})
    assert (reply.status_code, stranger in reply.text) == (422, False)
    (kept,) = held(ground)
    assert (kept.reason, kept.missing) == ("unknown here: Student", (f"Student:{stranger}",))
    assert stored(ground, "GradingAssignmentScore", late["sourcedId"]) is None
    ground.enrol(stranger)
    ground.bring_up()
    ground.release()
    assert held(ground) == []
    score = stored(ground, "GradingAssignmentScore", late["sourcedId"])
    assert score is not None
    assert score.get("StudentPersonalRefId") == stranger


def test_a_result_waits_for_its_line_item(ground: Ground, room: dict[str, str]) -> None:
    assert put(ground, "results", "result", result(room["user"])) == 422
    assert [each.missing for each in held(ground)] == [(f"Assignment:{ITEM}",)]
    taken(ground, room)
    assert held(ground) == []
    assert stored(ground, "GradingAssignmentScore", RESULT) is not None


def test_without_rw_nothing_is_taken(ground: Ground, room: dict[str, str]) -> None:
    taken(ground, room)
    ground.pod(entries=(Terms(granted=EVERY, writable=("GradingAssignment",)),))
    ground.bring_up()
    changed = result(room["user"], score=1)
    reply = ground.puller.send("PUT", f"results/{RESULT}", {"result": changed})
    assert reply.status_code == 403
    score = stored(ground, "GradingAssignmentScore", RESULT)
    assert score is not None
    assert score.findtext("{*}ScorePointsFloat") == "8.5"
    assert ground.puller.send("DELETE", f"results/{RESULT}").status_code == 403


def test_without_the_right_of_the_application_nothing_is_taken(
    ground: Ground, room: dict[str, str]
) -> None:
    with ground.puller.hub.engine.begin() as connection:
        vendors.add_application(connection, "reading", SECRET, SCOPE, vendor_id=ground.vendor,
                                grants=())  # fmt: skip
    category = head(CATEGORY) | {"title": "Homework"}
    assert put(ground, "categories", "category", category) == 422
    assert put(ground, "lineItems", "lineItem", line_item(room)) == 403
    assert stored(ground, "GradingAssignment", ITEM) is None


def test_a_deleted_result_is_gone_for_the_district_too(
    ground: Ground, room: dict[str, str]
) -> None:
    taken(ground, room)
    assert ground.puller.send("DELETE", f"results/{RESULT}").status_code == 204
    assert stored(ground, "GradingAssignmentScore", RESULT) is None
    assert ground.puller.send("DELETE", f"results/{RESULT}").status_code == 404
    with ground.puller.hub.engine.connect() as connection:
        done = [(each.actor, each.action) for each in audits.trail(connection, SCOPE)]
    assert ("reading", "accepted DELETE") in done


def test_a_vendor_keeps_its_own_ids(ground: Ground, room: dict[str, str]) -> None:
    category = head("cat/1") | {"title": "Homework"}
    reply = ground.puller.send("PUT", "categories/cat%2F1", {"category": category})
    assert reply.status_code == 422
    item = line_item(room, "item-7", "cat/1")
    assert put(ground, "lineItems", "lineItem", item) == 201
    assert put(ground, "results", "result", result(room["user"], "item-7", "r.1")) == 201
    ground.bring_up()
    told = ground.puller.get("results/r.1", root=GRADEBOOK).json()["result"]
    assert (told["sourcedId"], told["lineItem"]["sourcedId"]) == ("r.1", "item-7")
    shown = ground.puller.get("lineItems/item-7", root=GRADEBOOK).json()["lineItem"]
    assert shown["category"]["sourcedId"] == "cat/1"
    assert shown["category"]["href"].endswith("/categories/cat%2F1")
    assert ground.puller.send("DELETE", "results/r.1").status_code == 204


def test_posted_results_get_ids_here(
    ground: Ground, room: dict[str, str], services: dict[str, Service]
) -> None:
    taken(ground, room)
    body = {"results": [result(room["user"], id_="mine-1", score=3)]}
    path = f"lineItems/{ITEM}/results"
    first, second = (ground.puller.send("POST", path, body) for _ in range(2))
    assert first.status_code == 201, first.text
    assert services["gradebook"].faults("POST", "lineItems/{}/results", 201, first.json()) == []
    (pair,) = first.json()["sourcedIdPairs"]
    assert pair["suppliedSourcedId"] == "mine-1"
    assert stored(ground, "GradingAssignmentScore", pair["allocatedSourcedId"]) is not None
    assert second.json() == first.json()


def test_line_items_are_posted_for_a_known_class(ground: Ground, room: dict[str, str]) -> None:
    taken(ground, room)
    body = {"lineItems": [line_item(room, "new")]}
    assert ground.puller.send("POST", f"classes/{room['class']}/lineItems", body).status_code == 201
    assert ground.puller.send("POST", f"classes/{uuid.uuid4()}/lineItems", body).status_code == 404


BROKEN: dict[int, list[Any]] = {
    400: [b"{", b"\xff", b'{"result":1,"result":2}', b"[" * 300],
    422: [
        b"[]", b"{}", b'{"results":[]}', b'{"result":[]}', b'{"result":{}}', b'{"result":null}',
        b'{"result":{"sourcedId":"x","nothing":1}}',
    ],
}  # fmt: skip


def test_a_broken_body_is_refused(ground: Ground, services: dict[str, Service]) -> None:
    for status, bodies in BROKEN.items():
        for body in bodies:
            reply = ground.puller.send_raw("PUT", "results/x", body)
            assert reply.status_code == status, body
            assert services["gradebook"].faults("PUT", "results/{}", status, reply.json()) == []


def test_a_wrong_member_is_refused(ground: Ground, room: dict[str, str]) -> None:
    wrong = (
        {"score": "eight"}, {"score": True}, {"scoreDate": "tomorrow"}, {"late": True},
        {"student": room["user"]}, {"student": to("org", room["user"])}, {"more": "x"},
        {"status": "tobedeleted"}, {"comment": "x" * 5000}, {"sourcedId": "another"},
    )  # fmt: skip
    for each in wrong:
        body = {"result": result(room["user"]) | each}
        assert ground.puller.send("PUT", f"results/{RESULT}", body).status_code == 422, each


def test_a_result_of_another_class_than_its_line_item_is_refused(
    ground: Ground, room: dict[str, str]
) -> None:
    taken(ground, room)
    other = result(room["user"], id_=str(uuid.uuid4())) | {"class": to("class", str(uuid.uuid4()))}
    assert put(ground, "results", "result", other) == 422
    assert held(ground) == []


def test_marks_of_a_class_are_not_a_vendors_to_give(ground: Ground, room: dict[str, str]) -> None:
    line = {"sourcedId": str(uuid.uuid4()), "title": "Mark", "classSourcedId": room["class"]}
    ground.puller.shelf.keep("lineItems", line)
    assert put(ground, "results", "result", result(room["user"], item=line["sourcedId"])) == 403
    assert held(ground) == []


def test_what_has_no_place_stands_in_the_ledger(ground: Ground, room: dict[str, str]) -> None:
    taken(ground, room)
    more: dict[str, Any] = {"late": "true", "learningObjectiveSet": [{"source": "case"}]}
    assert put(ground, "results", "result", result(room["user"], **more)) == 201
    wanted = {"results/late", "results/learningObjectiveSet", "Score.date"}
    assert wanted <= ground.ledger()


@pytest.mark.requirement("TRN-TX-09")
def test_points_that_sif_cannot_write_are_never_rounded(
    ground: Ground, room: dict[str, str]
) -> None:
    category = head(CATEGORY) | {"title": "Homework"}
    assert put(ground, "categories", "category", category) == 422
    item = line_item(room) | {"resultValueMax": 12.5}
    assert put(ground, "lineItems", "lineItem", item) == 422
    assert stored(ground, "GradingAssignment", ITEM) is None
    assert "PointsPossible" in next(x.reason for x in held(ground) if x.entity == "Assignment")


def test_a_pseudonym_leads_to_the_right_student(ground: Ground, room: dict[str, str]) -> None:
    hidden = (Condition(HASH, "xStudent/@refId"),)
    ground.pod(entries=(Terms(granted=EVERY, writable=GRADES, conditions=hidden),))
    ground.bring_up()
    seats = ground.puller.get("enrollments", filter="role='student' AND status='active'")
    shown = seats.json()["enrollments"][0]["user"]["sourcedId"]
    assert shown != room["user"]
    taken(ground, {**room, "user": shown})
    score = stored(ground, "GradingAssignmentScore", RESULT)
    assert score is not None
    assert str(score.get("StudentPersonalRefId")).lower() == room["user"]
    told = ground.puller.get(f"results/{RESULT}", root=GRADEBOOK).json()["result"]
    assert told["student"]["sourcedId"] == shown
    real = result(room["user"], id_=str(uuid.uuid4()))
    assert put(ground, "results", "result", real) == 422


def test_an_old_connection_writes_too(
    ground: Ground, room: dict[str, str], puller: Callable[..., Puller]
) -> None:
    old = puller("reading", "1.1", "required", EVERY)
    made = Ground(old, ground.vendor, ground.student, ground.sis)
    made.bring_up()
    old.allowed()
    category = {"category": head(CATEGORY) | {"title": "Homework"}}
    assert old.send("PUT", f"categories/{CATEGORY}", category, root=V1_1).status_code == 422
    item = line_item(room)
    item.pop("school")
    item["gradingPeriod"] = to("academicSession", "any")
    reply = old.send("PUT", f"lineItems/{ITEM}", {"lineItem": item}, root=V1_1)
    assert reply.status_code == 201, reply.text
    assert stored(ground, "GradingAssignment", ITEM) is not None


def test_the_commands_list_show_release_and_drop(ground: Ground, room: dict[str, str]) -> None:
    for number in ("1", "2"):
        late = result(room["user"], item=str(uuid.uuid4()), id_=str(uuid.uuid4()))
        assert put(ground, "results", "result", late | {"comment": f"c{number}"}) == 422
    settings = ground.puller.hub.settings

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(quarantine_command, words, obj=settings)
        return done.exit_code, f"{done.output}{done.exception or ''}"

    code, listed = run("list", "--json")
    assert [row["reason"] for row in json.loads(listed)] == ["unknown here: Assignment"] * 2
    assert room["user"] not in listed
    number = json.loads(listed)[0]["number"]
    assert json.loads(run("show", number)[1])["record"]["student"] == room["user"]
    code, told = run("release", number)
    assert (code, "not taken: unknown here: Assignment" in told) == (1, True)
    assert run("drop", number)[0] == 0
    assert len(held(ground)) == 1
    assert "There is no record" in run("drop", number)[1]


def test_attendance_is_taken_by_the_same_journey(ground: Ground, room: dict[str, str]) -> None:
    code = str(uuid.uuid4())
    day = {
        "refId": str(uuid.uuid4()), "student": room["user"], "school": room["school"],
        "schoolYear": "2027", "date": "2026-10-05", "attendanceCode": code, "status": "Unexcused",
    }  # fmt: skip
    (outcome,) = ground.take("DailyAttendance", day)
    assert (outcome.state, outcome.reason) == (QUARANTINED, "unknown here: AttendanceCode")
    told = {"refId": code, "school": room["school"], "code": "A", "type": "Absent",
            "status": "Unexcused", "description": "Away"}  # fmt: skip
    taken_now = ground.take("AttendanceCode", told)
    assert [(each.entity, each.state) for each in taken_now] == [
        ("AttendanceCode", TAKEN), ("DailyAttendance", TAKEN),
    ]  # fmt: skip
    made = stored(ground, "StudentDailyAttendance", str(day["refId"]))
    assert made is not None
    assert (made.get("StudentPersonalRefId"), made.get("Date")) == (room["user"], "2026-10-05")
    assert held(ground) == []


def test_results_at_the_same_time_are_all_taken(ground: Ground, room: dict[str, str]) -> None:
    taken(ground, room)
    names = [str(uuid.uuid4()) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        bodies = [result(room["user"], id_=name) for name in [*names, *names]]
        answers = list(pool.map(lambda body: put(ground, "results", "result", body), bodies))
    assert answers == [201] * 16
    found = ground.puller.get("results", root=GRADEBOOK).json()["results"]
    assert {each["sourcedId"] for each in found} == {RESULT, *names}
