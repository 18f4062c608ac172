"""Requests to delete: what happens at once, what each vendor has done, what people write down."""

from __future__ import annotations

import re

import pytest

from reference_hub.store import console_cases, deletions
from tests.reference_hub.console.conftest import Desk, Web
from tests.reference_hub.console.district import District
from tests.reference_hub.console.student import WHY, School


@pytest.fixture
def school(desk: Desk) -> School:
    return School(desk)


@pytest.fixture
def manager(desk: Desk) -> Web:
    return desk.signed_in("manager")


def ask(web: Web, number: str, **more: str) -> str:
    """Have a student deleted; the address of the request."""
    fields = {"local_id": number, "reason": WHY, "sure": "yes"} | more
    answer = web.post("/people/delete", fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].removeprefix("/console")


def test_before_a_student_is_deleted_it_is_told_what_will_happen(
    school: School, manager: Web
) -> None:
    refid, number = school.student()
    school.sent("reading", refid)
    school.comes("library")
    answer = manager.post("/people/delete", {"local_id": number, "reason": WHY})
    assert answer.status_code == 200
    assert "1 vendor holds data and is sent the deletion." in answer.text
    assert "1 vendor may have read data by itself" in answer.text
    assert school.desk.run("SELECT 1 FROM exclusion") == []


def test_a_confirmed_request_sends_the_deletion_and_shares_the_student_no_more(
    school: School, manager: Web
) -> None:
    refid, number = school.student()
    vendor_id, _ = school.sent("reading", refid)
    ask(manager, number)
    assert school.desk.run("SELECT refid, vendor_id FROM exclusion") == [(refid, None)]
    waits = school.desk.run(
        "SELECT m.action FROM message m JOIN subscriber s ON s.id = m.subscriber_id"
        " WHERE s.vendor_id = :id AND m.state = 'waiting'",
        id=vendor_id,
    )
    assert waits == [("DELETE",)]


def test_the_request_shows_how_far_each_vendor_is(school: School, manager: Web) -> None:
    refid, number = school.student()
    vendor_id, _ = school.sent("reading", refid)
    place = ask(manager, number)
    before = manager.get(place).text
    assert "deletion not delivered yet" in before
    assert "1 vendor still has something of the student." in before
    school.gone(vendor_id, refid)
    after = manager.get(place).text
    assert "deletion delivered" in after
    assert "Every vendor that the hub delivers to is done." in after


def test_a_vendor_that_comes_for_its_data_is_left_to_people(school: School, manager: Web) -> None:
    _, number = school.student()
    school.comes("library")
    page = manager.get(ask(manager, number)).text
    assert "ask it to delete what it has read" in page
    assert ">library<" in page


def test_the_same_request_is_not_filed_twice(school: School, manager: Web) -> None:
    _, number = school.student()
    assert ask(manager, number) == ask(manager, number)
    assert len(school.audited("console asked to delete a student")) == 1


def test_a_vendor_that_nobody_knows_is_told_at_its_field(school: School, manager: Web) -> None:
    _, number = school.student()
    fields = {"local_id": number, "reason": WHY, "whom": "nobody", "sure": "yes"}
    answer = manager.post("/people/delete", fields)
    assert answer.status_code == 422
    assert 'id="whom-fault"' in answer.text
    assert f'value="{number}"' in answer.text


def test_a_request_may_be_about_one_vendor(school: School, manager: Web) -> None:
    refid, number = school.student()
    vendor_id, _ = school.sent("reading", refid)
    ask(manager, number, whom="reading")
    assert school.desk.run("SELECT refid, vendor_id FROM exclusion") == [(refid, vendor_id)]


def test_a_request_can_be_taken_back(school: School, manager: Web) -> None:
    refid, number = school.student()
    school.sent("reading", refid)
    place = ask(manager, number)
    version = re.search(r'name="version" value="(\d+)"', manager.get(f"{place}/take-back").text)
    assert version
    answer = manager.post(f"{place}/take-back", {"version": version[1]})
    assert answer.status_code == 303
    assert school.desk.run("SELECT 1 FROM exclusion") == []
    assert "taken back" in manager.get(place).text


def test_a_note_closes_a_request(school: School, manager: Web) -> None:
    _, number = school.student()
    place = ask(manager, number)
    fields = {"version": "1", "note": "Library answered by mail.", "close": "closed"}
    assert manager.post(f"{place}/note", fields).status_code == 303
    page = manager.get(place).text
    assert "Library answered by mail." in page
    assert 'badge good">closed' in page


def test_a_request_is_not_closed_without_a_word(school: School, manager: Web) -> None:
    _, number = school.student()
    place = ask(manager, number)
    answer = manager.post(f"{place}/note", {"version": "1", "note": "", "close": "closed"})
    assert answer.status_code == 422
    assert 'id="note-fault"' in answer.text


def test_of_two_who_write_at_once_the_second_is_told_and_loses_nothing(
    school: School, desk: Desk, manager: Web
) -> None:
    _, number = school.student()
    place = ask(manager, number)
    other = desk.signed_in("admin")
    assert manager.post(f"{place}/note", {"version": "1", "note": "first"}).status_code == 303
    answer = other.post(f"{place}/note", {"version": "1", "note": "my own words"})
    assert answer.status_code == 409
    assert "first" in answer.text
    assert "my own words</textarea>" in answer.text
    again = other.post(f"{place}/note", {"version": "2", "note": "first, and my own words"})
    assert again.status_code == 303
    with desk.engine.connect() as connection:
        case = console_cases.find(connection, 1)
    assert case is not None
    assert case.note == "first, and my own words"


def test_a_viewer_follows_a_request_without_learning_whom_it_is_about(
    school: School, desk: Desk, manager: Web
) -> None:
    _, number = school.student()
    place = ask(manager, number)
    viewer = desk.signed_in("viewer")
    page = viewer.get(place)
    assert page.status_code == 200
    assert number not in page.text
    assert number in manager.get(place).text
    assert viewer.get(f"{place}/note").status_code == 403


def test_a_request_of_another_district_is_not_there(
    school: School, desk: Desk, manager: Web
) -> None:
    _, number = school.student()
    place = ask(manager, number)
    assert desk.signed_in("admin", zone="other-district").get(place).status_code == 404


def test_a_vendor_is_asked_to_delete_when_its_name_was_typed(desk: Desk, manager: Web) -> None:
    vendor_id = desk.vendor("reading")
    District(desk).pod(vendor_id)
    place, why = f"/vendors/{vendor_id}/delete", "the contract ended"
    wrong = manager.post(place, {"reason": why, "name": "writing"})
    assert wrong.status_code == 422
    assert 'id="name-fault"' in wrong.text
    right = manager.post(place, {"reason": why, "name": "Reading"})
    assert right.status_code == 303
    assert desk.run("SELECT status, ended FROM pod") == [("Expired", why)]


def test_the_confirmation_of_a_vendor_is_shown(desk: Desk, manager: Web) -> None:
    vendor_id = desk.vendor("reading")
    District(desk).pod(vendor_id)
    fields = {"reason": "the contract ended", "name": "reading"}
    answer = manager.post(f"/vendors/{vendor_id}/delete", fields)
    place = answer.headers["Location"].removeprefix("/console")
    assert "not confirmed yet" in manager.get(place).text
    with desk.engine.begin() as connection:
        asked = deletions.of_vendor(connection, vendor_id)[0]
        told = {"deletedAt": "2026-11-20", "scope": "all", "by": "Privacy desk"}
        deletions.confirm(connection, asked.id, told, desk.clock.now())
    page = manager.get(place).text
    assert "Privacy desk" in page
    assert "The vendor has confirmed all" in page


def test_a_vendor_without_an_agreement_has_nothing_to_end(desk: Desk, manager: Web) -> None:
    vendor_id = desk.vendor("reading")
    fields = {"reason": "the contract ended", "name": "reading"}
    answer = manager.post(f"/vendors/{vendor_id}/delete", fields)
    assert answer.status_code == 422
    assert "no agreement in force" in answer.text


def test_what_people_typed_survives_the_end_of_the_session(desk: Desk, manager: Web) -> None:
    vendor_id = desk.vendor("reading")
    District(desk).pod(vendor_id)
    place = f"/vendors/{vendor_id}/delete"
    csrf = manager.csrf(place)
    desk.later(hours=9)
    fields = {"csrf": csrf, "reason": "the contract ended", "name": "reading"}
    assert manager.post(place, fields).status_code == 303
    assert desk.run("SELECT status FROM pod") == [("Live",)]
    manager.sign_in(str(desk.run("SELECT name FROM console_account")[0][0]))
    assert 'value="the contract ended"' in manager.get(place).text


def test_the_list_names_no_student(school: School, manager: Web) -> None:
    refid, number = school.student()
    ask(manager, number)
    page = manager.get("/deletions").text
    assert "Request 1" in page
    assert number not in page
    assert refid not in page
