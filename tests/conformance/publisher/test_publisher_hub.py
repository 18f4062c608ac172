"""The suite's own hub as a publisher meets it: what it takes, answers, and does on purpose."""

from __future__ import annotations

import random
from dataclasses import replace
from http.client import RemoteDisconnected

import pytest
from lxml import etree

from conformance import trees
from conformance.problems import NotVerified, TimedOut
from conformance.simulators.publisher import Publisher
from conformance.stage import shelf
from conformance.stage.desk import Desk, Office, names
from conformance.stage.sendings import sendings
from conformance.stage.server import taken_apart
from conformance.stage.shelf import CREATE, DELETE, UPDATE, Outcome, Shelf
from conformance.stage.trouble import Trouble
from conformance.trees import NA4


def student(refid: str, **values: str) -> etree._Element:
    """A student with these children."""
    made = etree.Element(f"{{{NA4}}}xStudent", refId=refid)
    for name, value in values.items():
        etree.SubElement(made, f"{{{NA4}}}{name}").text = value
    return made


def test_a_second_create_is_a_conflict() -> None:
    held = Shelf()
    first = held.do(CREATE, "a", "xStudents", student("A1"))
    second = held.do(CREATE, "a", "xStudents", student("a1"))
    assert (first.status, second.status) == (201, 409)


def test_an_update_replaces_the_children_it_names() -> None:
    held = Shelf()
    held.do(CREATE, "a", "xStudents", student("A1", localId="7", loginId="x"))
    held.do(UPDATE, "a", "xStudents", student("A1", localId="8"))
    found = held.find("a", "xStudents", "a1")
    assert found is not None
    assert (trees.text(found, "localId"), trees.text(found, "loginId")) == ("8", "x")


def test_what_is_not_there_is_neither_changed_nor_deleted() -> None:
    held = Shelf()
    done = [held.do(what, "a", "xStudents", student("A1")).status for what in (UPDATE, DELETE)]
    assert done == [404, 404]


def test_a_hub_that_assigns_ids_says_both() -> None:
    held = Shelf(assigns=True)
    outcome = held.do(CREATE, "a", "xStudents", student("A1"))
    assert outcome.advised == "A1"
    assert held.find("a", "xStudents", "A1") is None
    assert held.find("a", "xStudents", outcome.refid) is not None


def test_results_come_in_another_order_with_their_errors() -> None:
    made = shelf.results(CREATE, [Outcome("A1", "B1", 201), Outcome("A2", "A2", 400)])
    told = [(one.get("advisoryId"), one.get("id"), one.get("statusCode"))
            for one in trees.every(made, "create")]  # fmt: skip
    assert told == [("A2", None, "400"), ("A1", "B1", "201")]
    assert trees.text(made, "creates", "create", "error", "code") == "400"


def test_matrix_parameters_of_an_earlier_step_are_read_too() -> None:
    steps, given = taken_apart("/hub/requests/xStudents;zoneId=a/7;contextId=b?x=1")
    assert steps == ("requests", "xStudents", "7")
    assert given == {"zoneId": "a", "contextId": "b", "x": "1"}


def test_a_life_is_lived_once(desk: Desk) -> None:
    life = desk.life()
    count = len(desk.calls())
    assert desk.life() is life
    assert len(desk.calls()) == count
    assert {one.zone for one in life.added} == {"zone-a", "zone-b"}


def test_a_student_is_known_without_its_zeros(desk: Desk) -> None:
    person = desk.person()
    assert person.local_id.startswith("00")
    assert names(student("A1", localId=person.local_id.lstrip("0")), person)
    assert not names(student("A1", localId="7"), person)


def test_a_lost_answer_is_no_answer_and_the_object_is_kept(office: Office, desk: Desk) -> None:
    system = Publisher(office.url)
    system.connect()
    place = f"{system.places['requestsConnector']}/xStudents/xStudent;zoneId=zone-a"
    body = trees.tostring(student("0A6C3E44-5D0E-4B4C-9B0B-6C3B7A1F0D11"))
    with desk.troubled(Trouble(cut=True)), pytest.raises(RemoteDisconnected):
        system.send("POST", place, body)
    system.hang_up()
    kept = office.counter.shelf.find("zone-a", "xStudents", "0A6C3E44-5D0E-4B4C-9B0B-6C3B7A1F0D11")
    assert kept is not None
    assert sendings(desk.calls())[-1].taken


def test_a_web_page_takes_nothing(desk: Desk) -> None:
    person = desk.person()
    with desk.troubled(Trouble(left=9, garbage=True)):
        desk.let("add", person)
    sent = [one for one in sendings(desk.calls()) if one.says(person.local_id)]
    assert [one.taken for one in sent] == [False] * len(sent)
    assert desk.keys(person) == set()


def test_events_of_somebody_who_is_not_the_provider_are_refused(desk: Desk) -> None:
    desk.counter.forget()
    desk.let("restart")
    desk.counter.registered.clear()
    person = desk.person()
    desk.let("add", person)
    assert [one.given.status for one in desk.calls() if one.given.kind == "event"][-1] == 403


GARBAGE = (
    b"", b"\xff\xfe", b"<", b"<a/>", b"<!DOCTYPE a><a/>", b"<a refId=''/>", b"[]",
    b"<deleteRequest><deletes><delete/></deletes></deleteRequest>",
    b"<providers><provider><zoneId/></provider></providers>", b"<a>" * 3000,
)  # fmt: skip


def test_whatever_comes_the_hub_stands_and_refuses(office: Office, desk: Desk) -> None:
    system = Publisher(office.url)
    system.connect()
    base = system.places["requestsConnector"].rpartition("/")[0]
    paths = ("requests/xStudents", "requests/xStudents/xStudent;zoneId=", "requests/providers",
             "events", "requests", "requests/xStudents/a/b/c", "environments/x")  # fmt: skip
    before, answers = set(office.counter.shelf.objects), set()
    for path in paths:
        for body in GARBAGE:
            for method in ("POST", "PUT", "DELETE", "PATCH", "GET"):
                lines = {"zoneId": "zone-b", "serviceName": "xStudents", "eventAction": "CREATE"}
                answers.add(system.send(method, f"{base}/{path}", body, lines).status)
    office.record()
    assert max(answers) < 500
    assert answers >= {400, 404, 405}
    assert before <= set(office.counter.shelf.objects)
    system.close()


def test_a_call_without_a_readable_token_is_refused(office: Office) -> None:
    system = Publisher(office.url)
    system.signed = lambda: {"Authorization": "SIF_HMACSHA256 \u00e9"}  # type: ignore[method-assign]
    assert system.send("GET", f"{office.url}/requests/xStudents").status == 404
    assert system.send("POST", f"{office.url}/environments/environment").status == 401
    system.close()


def test_a_fault_that_met_nothing_decides_nothing(desk: Desk) -> None:
    with pytest.raises(NotVerified, match="no message came"):
        desk.struck(Trouble(left=1), 1)


def test_a_system_that_is_silent_is_a_timeout(office: Office) -> None:
    quiet = replace(office.setting, move=lambda *_: True)
    other = Office(quiet)
    try:
        with pytest.raises(TimedOut, match=r"made no call in 0\.05 s"):
            Desk(other, random.Random(1)).prepare()
    finally:
        other.close()
