"""Whoever decides sees which vendor holds which fields of one student, and it is written down."""

from __future__ import annotations

import pytest

from fixtures.generate import student as drawn
from fixtures.writers import xpress
from reference_hub.journeys import console_people as journey
from reference_hub.store import audits
from tests.reference_hub.console.conftest import SCOPE, Desk, Web
from tests.reference_hub.console.student import WHY, School


@pytest.fixture
def school(desk: Desk) -> School:
    return School(desk)


@pytest.fixture
def manager(desk: Desk) -> Web:
    return desk.signed_in("manager")


def look(web: Web, number: str, why: str = WHY) -> str:
    found = web.post("/people", {"local_id": number, "reason": why})
    assert found.status_code == 200, found.text
    return found.text


def test_a_vendor_that_was_sent_the_student_is_shown_with_its_agreement(
    school: School, manager: Web
) -> None:
    refid, number = school.student()
    school.sent("reading", refid)
    page = look(manager, number)
    assert "holds data" in page
    assert "NDPA-7" in page
    assert "POD 1.0.0, in force" in page
    assert "Student: name" in page
    assert "<code>xStudent/name/givenName</code>" in page


def test_no_value_of_the_student_is_shown(school: School, manager: Web) -> None:
    refid, number = school.student()
    school.sent("reading", refid)
    body = school.desk.run("SELECT convert_from(body, 'UTF8') FROM object_version")[0][0]
    family = str(body).split("<familyName>")[1].split("<")[0]
    assert family
    assert family not in look(manager, number)


def test_each_look_is_written_down_with_who_and_why(school: School, manager: Web) -> None:
    refid, number = school.student()
    look(manager, number)
    assert [each["why"] for each in school.audited("console looked at a student")] == [WHY]
    noted = school.audited("console looked at a student")[0]
    assert noted["person"] == [refid]
    assert str(noted["actor"]).startswith("console:manager")


def test_a_look_without_a_reason_is_refused_and_shows_nothing(school: School, manager: Web) -> None:
    _, number = school.student()
    answer = manager.post("/people", {"local_id": number, "reason": " "})
    assert answer.status_code == 422
    assert 'id="reason-fault"' in answer.text
    assert number in answer.text
    assert school.audited("console looked at a student") == []


def test_an_unknown_number_is_told_at_its_field_and_written_down(
    school: School, manager: Web
) -> None:
    school.student()
    answer = manager.post("/people", {"local_id": "nobody", "reason": WHY})
    assert answer.status_code == 422
    assert 'id="local_id-fault"' in answer.text
    assert len(school.audited("console looked for a student")) == 1


def test_part_of_a_number_finds_nobody(school: School, manager: Web) -> None:
    _, number = school.student()
    assert manager.post("/people", {"local_id": number[:-1], "reason": WHY}).status_code == 422


def test_a_vendor_that_comes_may_have_read_what_its_grant_shows(
    school: School, manager: Web
) -> None:
    _, number = school.student()
    school.comes("library")
    page = look(manager, number)
    assert "may have read" in page
    assert "Student number of the school or district" in page


def test_a_vendor_without_any_trace_of_the_student_is_not_shown(
    school: School, manager: Web
) -> None:
    refid, _ = school.student(1)
    school.sent("reading", refid)
    _, other = school.student(2)
    page = look(manager, other)
    assert ">reading<" not in page
    assert "No vendor holds anything" in page


def test_what_waits_for_a_vendor_is_on_its_way(school: School, manager: Web) -> None:
    refid, _ = school.student(1)
    _, other = school.student(2)
    school.sent("reading", refid)
    assert "data is on its way" in look(manager, other)


def test_a_vendor_that_was_sent_the_deletion_holds_no_fields(school: School, manager: Web) -> None:
    refid, number = school.student()
    vendor_id, _ = school.sent("reading", refid)
    school.gone(vendor_id, refid)
    page = look(manager, number)
    assert "was sent the deletion" in page
    assert "xStudent/name/givenName" not in page


def test_columns_of_a_vendor_in_another_format_are_named_without_values(
    school: School, manager: Web
) -> None:
    refid, number = school.student()
    school.sent("reading", refid)
    school.desk.run(
        "INSERT INTO target_row (subscriber_id, collection, key, zone_id, context_id, entity,"
        " refid, body, hash, state, changed, sent_body, sent) SELECT id, 'users', 'k',"
        " 'demo-district', 'DEFAULT', 'xStudent', :refid, '{}', 'h', 'ready', now(),"
        ' \'{"givenName": "Zebulon", "email": null}\', now() FROM subscriber',
        refid=refid,
    )
    page = look(manager, number)
    assert "<code>users/givenName</code>" in page
    assert "users/email" not in page
    assert "Zebulon" not in page


@pytest.mark.parametrize("role", ["viewer", "vendor"])
def test_others_cannot_look(desk: Desk, role: str) -> None:
    web = desk.signed_in(role, vendor_id=desk.vendor("x") if role == "vendor" else None)
    assert web.get("/people").status_code == 403
    fields = {"csrf": web.csrf("/account"), "local_id": "1", "reason": WHY}
    assert web.post("/people", fields).status_code == 403
    with desk.engine.connect() as connection:
        assert audits.noted(connection, SCOPE, "console looked at a student") == []


def test_an_account_of_another_district_finds_nobody_here(school: School, desk: Desk) -> None:
    _, number = school.student()
    web = desk.signed_in("manager", zone="other-district")
    answer = web.post("/people", {"local_id": number, "reason": WHY, "zone": "demo-district"})
    assert answer.status_code == 422


def test_a_form_that_a_session_did_not_outlive_comes_back(
    school: School, desk: Desk, manager: Web
) -> None:
    _, number = school.student()
    csrf = manager.csrf("/people")
    desk.later(hours=9)
    answer = manager.post("/people", {"csrf": csrf, "local_id": number, "reason": WHY})
    assert answer.status_code == 303
    name = desk.run("SELECT name FROM console_account")[0][0]
    manager.sign_in(str(name))
    page = manager.get("/people").text
    assert f'value="{number}"' in page
    assert f'value="{WHY}"' in page
    assert school.audited("console looked at a student") == []


def test_a_look_may_be_at_one_vendor_only(school: School, manager: Web) -> None:
    refid, number = school.student()
    school.sent("reading", refid)
    school.sent("writing", refid)
    fields = {"local_id": number, "reason": WHY, "whom": "writing"}
    page = manager.post("/people", fields).text
    assert ">writing<" in page
    assert ">reading<" not in page
    wrong = manager.post("/people", fields | {"whom": "nobody"})
    assert wrong.status_code == 422
    assert 'id="whom-fault"' in wrong.text


def test_of_many_vendors_the_first_are_shown_and_the_others_counted(
    school: School, manager: Web
) -> None:
    refid, number = school.student()
    school.sent("reading", refid)
    for statement in (
        "INSERT INTO vendor (name, party_id, zone_id, context_id) SELECT 'v' || n, 'V', zone_id,"
        " context_id FROM vendor, generate_series(1, 49) n",
        "INSERT INTO subscriber (vendor_id, name, zone_id, context_id, format, transport, url,"
        " credentials, objects) SELECT id, name, zone_id, context_id, 'sif-xml', 'sif_push', '',"
        " '{}', '[]' FROM vendor WHERE name LIKE 'v%'",
        "INSERT INTO id_map (zone_id, context_id, subscriber_id, entity, refid, target_id)"
        " SELECT s.zone_id, s.context_id, s.id, i.entity, i.refid, i.refid FROM subscriber s,"
        " id_map i WHERE s.name LIKE 'v%'",
    ):
        school.desk.run(statement)
    page = look(manager, number)
    assert page.count('<tr><th scope="row">') == 40
    assert "10 more vendors are not shown here." in page
    assert len(page.encode()) < 200_000


@pytest.mark.parametrize("number", ["A&B 7", "Ñ-1", "x" * 130])
def test_a_number_of_any_letters_is_found(school: School, number: str) -> None:
    element = xpress.student(drawn(11, 3))
    place = element.find("{*}localId")
    assert place is not None
    place.text = f" {number}\n"
    refid = school.keep(element)
    with school.desk.engine.begin() as connection:
        assert journey.found(connection, SCOPE, number) == (refid,)
