"""The service rosterValidation: what it finds, what it never tells, how the hub works it off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text
from structlog.testing import capture_logs

from fixtures.writers import xpress
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.job_service import Done, JobService, Task
from reference_hub.journeys.job_work import carrying_out, run_one
from reference_hub.journeys.validate_roster import ROSTER_VALIDATION
from tests.reference_hub.districts import generate

INF = "http://www.sifassociation.org/infrastructure/3.3"
NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
JOBS = "/services/rosterValidations"
WANTED = f'<job xmlns="{INF}"><name>rosterValidation</name></job>'.encode()
NOWHERE = "f" * 32
Roster = dict[str, etree._Element]


def later(**by: int) -> Clock:
    return Clock(now=lambda: datetime.now(UTC) + timedelta(**by))


def service(work: Callable[[Task], Done]) -> dict[str, JobService]:
    return {ROSTER_VALIDATION.collection: replace(ROSTER_VALIDATION, work=work)}


@pytest.fixture
def roster() -> Roster:
    """The collections of a small district without a fault."""
    return dict(xpress.documents(generate(5, students=20)))


@pytest.fixture
def stored(sis: Any, roster: Roster) -> Roster:
    """The same, stored in the zone."""
    for name, collection in roster.items():
        reply = sis.send("POST", f"/requests/{name}", etree.tostring(collection))
        assert reply.status_code == 200
    return roster


@pytest.fixture
def url(sis: Any) -> str:
    """A job whose submission is open."""
    reply = sis.send("POST", f"{JOBS}/rosterValidation", WANTED)
    return f"{JOBS}/{etree.fromstring(reply.content).get('id')}"


def submit(sis: Any, url: str, collection: etree._Element) -> None:
    assert sis.send("POST", f"{url}/submission", etree.tostring(collection)).status_code == 200


def close(sis: Any, url: str, word: str = "COMPLETED") -> None:
    body = f'<state xmlns="{INF}"><type>{word}</type></state>'.encode()
    assert sis.send("POST", f"{url}/submission/states/state", body).status_code == 201


def work(hub: Any, **given: Any) -> bool:
    return run_one(hub.engine, hub.settings, given.pop("clock", Clock()), Judge, **given)


def report(hub: Any, sis: Any, url: str) -> etree._Element:
    close(sis, url)
    assert work(hub)
    return etree.fromstring(sis.send("GET", f"{url}/report").content)


def found(root: etree._Element) -> list[tuple[str, str, str]]:
    names = ("objectType", "rule", "path")
    return [tuple(each.findtext(f"{{*}}{name}", "") for name in names) for each in root]  # type: ignore[misc]


def job(sis: Any, url: str) -> etree._Element:
    return etree.fromstring(sis.send("GET", url).content)


def state_of(sis: Any, url: str, phase: str) -> str:
    named = f"{{*}}phases/{{*}}phase[{{*}}name='{phase}']/{{*}}states/{{*}}state[last()]/{{*}}type"
    return job(sis, url).findtext(named, "")


def test_a_roster_without_a_fault_has_no_finding(
    hub: Any, sis: Any, stored: Roster, url: str
) -> None:
    checked = sum(len(stored[name]) for name in ("xStaffs", "xStudents", "xRosters"))
    root = report(hub, sis, url)
    assert (root.get("checked"), root.get("findings"), len(root)) == (str(checked), "0", 0)


def test_a_submitted_roster_is_judged_as_if_it_were_stored(
    hub: Any, sis: Any, roster: Roster, url: str
) -> None:
    for collection in roster.values():
        submit(sis, url, collection)
    assert report(hub, sis, url).get("findings") == "0"


def test_a_reference_to_nothing_is_found(hub: Any, sis: Any, stored: Roster, url: str) -> None:
    lesson = stored["xRosters"][0]
    lesson.find("{*}students/{*}studentReference/{*}refId").text = NOWHERE  # type: ignore[union-attr]
    submit(sis, url, xpress.collection("xRosters", [lesson]))
    root = report(hub, sis, url)
    path = "/xRoster/students/studentReference/refId"
    assert found(root) == [("xRoster", "reference", path)]
    assert root[0].findtext("{*}refId") == lesson.get("refId")


@pytest.mark.parametrize(
    ("collection", "path"),
    [
        ("xRosters", "courseRefId"),
        ("xRosters", "schoolRefId"),
        ("xRosters", "primaryStaff/staffPersonReference/refId"),
        ("xStudents", "enrollment/schoolRefId"),
        ("xStudents", "enrollment/leaRefId"),
        ("xStaffs", "primaryAssignment/schoolRefId"),
    ],
)
def test_each_kind_of_reference_is_followed(
    hub: Any, sis: Any, stored: Roster, url: str, collection: str, path: str
) -> None:
    element = stored[collection][0]
    element.find("/".join(f"{{*}}{name}" for name in path.split("/"))).text = NOWHERE  # type: ignore[union-attr]
    submit(sis, url, xpress.collection(collection, [element]))
    object_type = collection.removesuffix("s")
    expected = (object_type, "reference", f"/{object_type}/{path}")
    assert found(report(hub, sis, url)) == [expected]


def test_a_submitted_object_resolves_a_reference(hub: Any, sis: Any, url: str) -> None:
    roster = dict(xpress.documents(generate(5, students=20)))
    submit(sis, url, roster["xStaffs"])
    paths = {path for _, _, path in found(report(hub, sis, url))}
    assert "/xStaff/primaryAssignment/schoolRefId" in paths


def test_what_the_schema_refuses_is_found(hub: Any, sis: Any, stored: Roster, url: str) -> None:
    student = stored["xStudents"][0]
    student.find("{*}demographics/{*}birthDate").text = "31.12.2015"  # type: ignore[union-attr]
    submit(sis, url, xpress.collection("xStudents", [student]))
    expected = ("xStudent", "schema", "/xStudent/demographics/birthDate")
    assert found(report(hub, sis, url)) == [expected]


def test_two_students_with_one_number_are_found(
    hub: Any, sis: Any, stored: Roster, url: str
) -> None:
    first, second = stored["xStudents"][:2]
    second.find("{*}localId").text = first.findtext("{*}localId")  # type: ignore[union-attr]
    submit(sis, url, xpress.collection("xStudents", [second]))
    assert found(report(hub, sis, url)) == [("xStudent", "duplicate", "/xStudent/localId")]


def test_a_student_twice_in_a_class_is_found(hub: Any, sis: Any, stored: Roster, url: str) -> None:
    lesson = stored["xRosters"][0]
    members = lesson.find("{*}students")
    members.append(etree.fromstring(etree.tostring(members[0])))  # type: ignore[union-attr,index,arg-type]
    submit(sis, url, xpress.collection("xRosters", [lesson]))
    path = "/xRoster/students/studentReference"
    assert found(report(hub, sis, url)) == [("xRoster", "duplicate", path)]


def test_a_class_that_is_there_twice_is_found(hub: Any, sis: Any, stored: Roster, url: str) -> None:
    twin = stored["xRosters"][0]
    twin.set("refId", "0" * 32)
    submit(sis, url, xpress.collection("xRosters", [twin]))
    expected = ("xRoster", "duplicate", "/xRoster/schoolSectionId")
    assert found(report(hub, sis, url)) == [expected]


def test_the_report_holds_no_name_and_no_value(
    hub: Any, sis: Any, roster: Roster, url: str
) -> None:
    for name in ("xStudents", "xStaffs", "xRosters"):
        submit(sis, url, roster[name])
    root = report(hub, sis, url)
    told = {each.text for each in root.iter("*")} - {None}
    values = {
        (each.text or "").strip()
        for name in ("xStudents", "xStaffs", "xRosters")
        for each in roster[name].iter("*")
        if not etree.QName(each).localname.lower().endswith("refid")
    }
    assert int(root.get("findings", "0")) > 20
    assert told & {value for value in values if len(value) > 1} == set()


@pytest.mark.requirement("INF-JOB-006")
def test_the_report_comes_after_the_work_and_not_before(
    hub: Any, sis: Any, stored: Roster, url: str
) -> None:
    assert sis.send("GET", f"{url}/report").status_code == 204
    close(sis, url, "SKIPPED")
    assert state_of(sis, url, "validation") == "PENDING"
    assert work(hub)
    assert sis.send("GET", f"{url}/report").status_code == 200
    phases = [state_of(sis, url, name) for name in ("submission", "validation", "report")]
    assert phases == ["SKIPPED", "COMPLETED", "COMPLETED"]


def test_the_job_ends_with_a_sentence_about_the_result(
    hub: Any, sis: Any, stored: Roster, url: str
) -> None:
    checked = report(hub, sis, url).get("checked")
    ended = job(sis, url)
    assert ended.findtext("{*}state") == "COMPLETED"
    assert ended.findtext("{*}stateDescription") == f"{checked} objects checked, 0 findings."


def test_what_was_submitted_is_forgotten_with_the_work(
    hub: Any, sis: Any, roster: Roster, url: str
) -> None:
    submit(sis, url, roster["xStudents"])
    report(hub, sis, url)
    with hub.engine.connect() as connection:
        kept = connection.execute(text("SELECT phase FROM job_document")).scalars().all()
    assert kept == ["report"]


@pytest.mark.requirement("INF-JOB-011")
def test_the_owner_hears_of_the_work(
    hub: Any,
    sis: Any,
    url: str,
    ear: Callable[..., Any],
    infrastructure: etree.XMLSchema,
) -> None:
    heard = ear(sis, "FUNCTIONAL", "rosterValidations")
    report(hub, sis, url)
    states = [event[0].findtext("{*}state") for _, event in heard.events()]
    assert states == ["INPROGRESS", "INPROGRESS", "COMPLETED"]
    for headers, event in heard.events():
        infrastructure.assertValid(event)
        assert (headers["eventAction"], headers["replacement"]) == ("UPDATE", "FULL")


def test_without_a_job_there_is_nothing_to_do(hub: Any, sis: Any, url: str) -> None:
    assert not work(hub)
    close(sis, url)
    assert [work(hub), work(hub)] == [True, False]


def test_a_failure_is_told_without_its_text(hub: Any, sis: Any, url: str) -> None:
    def fails(_: Task) -> Done:
        raise ValueError("Ann Lee")

    close(sis, url)
    with capture_logs() as logs:
        assert work(hub, services=service(fails))
    assert job(sis, url).findtext("{*}state") == "FAILED"
    assert "Ann Lee" not in str(logs) + sis.send("GET", url).text
    assert logs[0]["id"] in job(sis, url).findtext("{*}stateDescription", "")


def test_a_job_that_a_worker_left_is_taken_up_again(hub: Any, sis: Any, url: str) -> None:
    def dies(_: Task) -> Done:
        raise KeyboardInterrupt

    close(sis, url)
    with pytest.raises(KeyboardInterrupt):
        work(hub, services=service(dies))
    assert not work(hub)
    assert work(hub, clock=later(hours=1))
    assert job(sis, url).findtext("{*}state") == "COMPLETED"


def test_a_job_that_no_worker_survives_fails_in_the_end(hub: Any, sis: Any, url: str) -> None:
    def dies(_: Task) -> Done:
        raise KeyboardInterrupt

    close(sis, url)
    for hours in (0, 1, 2):
        with pytest.raises(KeyboardInterrupt):
            work(hub, services=service(dies), clock=later(hours=hours))
    assert work(hub, clock=later(hours=3))
    assert state_of(sis, url, "validation") == "FAILED"


def test_a_job_that_is_deleted_during_the_work_stays_deleted(hub: Any, sis: Any, url: str) -> None:
    def deletes(_: Task) -> Done:
        assert sis.send("DELETE", url).status_code == 204
        return Done("done", {"report": b"<a/>"})

    close(sis, url)
    assert work(hub, services=service(deletes))
    assert sis.send("GET", url).status_code == 404


def test_two_workers_never_have_the_same_job(hub: Any, sis: Any, url: str) -> None:
    others: list[bool] = []

    def looks(_: Task) -> Done:
        others.append(work(hub))
        return Done("done")

    close(sis, url)
    assert work(hub, services=service(looks))
    assert others == [False]


@pytest.mark.requirement("INF-JOB-013")
def test_a_job_whose_time_is_over_is_gone(
    hub: Any, sis: Any, url: str, ear: Callable[..., Any]
) -> None:
    heard = ear(sis, "FUNCTIONAL", "rosterValidations")
    work(hub, clock=later(days=2))
    assert sis.send("GET", url).status_code == 404
    assert [headers["eventAction"] for headers, _ in heard.events()] == ["DELETE"]


def test_a_job_goes_with_its_environment(hub: Any, sis: Any, url: str) -> None:
    sis.send("DELETE", f"/environments/{sis.environment.get('id')}")
    with hub.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM job")).scalar_one() == 0


def test_a_zone_of_many_pages_is_checked_whole(hub: Any, sis: Any, url: str) -> None:
    many = list(dict(xpress.documents(generate(3, students=1001)))["xStudents"])
    for start in range(0, len(many), 150):
        part = xpress.collection("xStudents", many[start : start + 150])
        assert sis.send("POST", "/requests/xStudents", etree.tostring(part)).status_code == 200
    root = report(hub, sis, url)
    assert root.get("checked") == "1001"
    assert {rule for _, rule, _ in found(root)} == {"reference"}


def test_the_worker_of_the_command_line_does_the_jobs(hub: Any, sis: Any, url: str) -> None:
    close(sis, url)
    errand = carrying_out(hub.settings)
    assert [errand(hub.engine), errand(hub.engine)] == [True, False]
    assert job(sis, url).findtext("{*}state") == "COMPLETED"
