"""Jobs as a whole over a socket: what is offered, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from lxml import etree

from reference_hub.clock import Clock
from tests.reference_hub.web.job_documents import (
    JOBS,
    UNKNOWN,
    deletions,
    phases,
    several,
    state,
    statuses,
    wanted,
)


@pytest.mark.requirement("INF-JOB-001", "INF-JOB-002")
def test_a_create_answers_201_with_the_complete_job(
    job: etree._Element, infrastructure: etree.XMLSchema
) -> None:
    infrastructure.assertValid(job)
    assert [job.findtext(f"{{*}}{name}") for name in ("name", "state", "timeout")] == [
        "rosterValidation",
        "NOTSTARTED",
        "PT86400S",
    ]
    assert phases(job) == dict.fromkeys(("submission", "validation", "report"), "NOTSTARTED")


def test_each_phase_tells_its_rights(job: etree._Element) -> None:
    found = {
        phase.findtext("{*}name"): {
            right.get("type") for right in phase.iterfind("{*}rights/*") if right.text == "APPROVED"
        }
        for phase in job.iterfind("{*}phases/{*}phase")
    }
    assert found["submission"] == {"CREATE", "UPDATE", "DELETE"}
    assert (found["validation"], found["report"]) == (set(), {"QUERY"})


@pytest.mark.requirement("INF-JOB-002")
def test_several_jobs_are_answered_200_one_by_one(
    sis: Any, infrastructure: etree.XMLSchema
) -> None:
    body = several(wanted(id=UNKNOWN), wanted(name="other"), wanted())
    reply = sis.send("POST", JOBS, body)
    root = etree.fromstring(reply.content)
    infrastructure.assertValid(root)
    assert (reply.status_code, statuses(reply)) == (200, ["201", "400", "201"])
    assert root[0][0].get("advisoryId") == UNKNOWN


def test_an_id_is_used_only_if_it_must_be(sis: Any) -> None:
    def answer(**headers: str) -> Any:
        return sis.send("POST", f"{JOBS}/rosterValidation", wanted(id=UNKNOWN), **headers)

    assert etree.fromstring(answer().content).get("id") != UNKNOWN
    assert etree.fromstring(answer(mustUseAdvisory="true").content).get("id") == UNKNOWN
    assert answer(mustUseAdvisory="true").status_code == 409


@pytest.mark.parametrize(
    ("timeout", "given"), [("PT1H", "PT3600S"), ("P9D", "PT86400S"), ("P1M", ""), ("soon", "")]
)
def test_a_timeout_may_be_shorter_than_that_of_the_service(
    sis: Any, timeout: str, given: str
) -> None:
    body = wanted(f"<timeout>{timeout}</timeout>")
    reply = sis.send("POST", f"{JOBS}/rosterValidation", body)
    found = etree.fromstring(reply.content).findtext("{*}timeout", "")
    assert (reply.status_code, found) == (201 if given else 400, given)


@pytest.mark.requirement("NEG-017")
@pytest.mark.parametrize("path", ["", "/rosterValidation"])
@pytest.mark.parametrize("body", [b"<job", b"", b"<!DOCTYPE job []><job/>", wanted(name="x")])
def test_what_is_no_job_is_answered_400(sis: Any, path: str, body: bytes) -> None:
    assert sis.send("POST", JOBS + path, body).status_code == 400
    assert sis.send("GET", JOBS).status_code == 204


@pytest.mark.requirement("INF-JOB-003", "NEG-016")
@pytest.mark.parametrize("override", [{}, {"methodOverride": "UPDATE"}])
def test_a_job_cannot_be_updated(sis: Any, job_url: str, override: dict[str, str]) -> None:
    body = wanted()
    assert sis.send("PUT", job_url, body, **override).status_code == 405
    assert sis.send("PUT", JOBS, several(body), **override).status_code == 405
    assert sis.send("PUT", f"{JOBS}/rosterValidation", body, **override).status_code == 405


def test_an_answer_405_names_what_is_offered(sis: Any, job_url: str) -> None:
    assert sis.send("PUT", JOBS, several(wanted())).headers["Allow"] == "GET, HEAD, POST"
    assert sis.send("PUT", job_url, wanted()).headers["Allow"] == "GET, HEAD, DELETE"
    assert sis.send("GET", f"{JOBS}/rosterValidation").headers["Allow"] == "POST"


@pytest.mark.requirement("INF-JOB-004")
def test_a_job_is_read_by_its_id(sis: Any, job: etree._Element, job_url: str) -> None:
    assert sis.send("GET", job_url).content == etree.tostring(job)
    assert sis.send("GET", job_url.upper().replace(JOBS.upper(), JOBS)).status_code == 200


def test_a_job_is_told_as_it_is_kept_however_long_the_making_takes(
    another: Callable[..., Any],
) -> None:
    seconds = count()
    start = datetime.now(UTC)
    slow = another(clock=Clock(now=lambda: start + timedelta(seconds=next(seconds))))
    sis = slow.client("sis")
    assert sis.open().status_code == 201
    made = sis.send("POST", f"{JOBS}/rosterValidation", wanted()).content
    assert sis.send("GET", f"{JOBS}/{etree.fromstring(made).get('id')}").content == made


@pytest.mark.requirement("INF-JOB-004")
def test_the_list_holds_the_callers_jobs(
    sis: Any, job: etree._Element, infrastructure: etree.XMLSchema
) -> None:
    second = etree.fromstring(sis.send("POST", f"{JOBS}/rosterValidation", wanted()).content)
    found = etree.fromstring(sis.send("GET", JOBS).content)
    infrastructure.assertValid(found)
    assert [each.get("id") for each in found] == [job.get("id"), second.get("id")]


@pytest.mark.requirement("INF-JOB-004")
def test_jobs_of_another_environment_are_not_known(hub: Any, job_url: str) -> None:
    other = hub.client("other")
    other.open()
    assert other.send("GET", JOBS).status_code == 204
    for verb, path in (("GET", ""), ("DELETE", ""), ("GET", "/report"), ("GET", "/report/states")):
        assert other.send(verb, job_url + path).status_code == 404


@pytest.mark.parametrize("query", ["where=[a=1]", "order=[a=ascending]", "navigationPageSize=1"])
def test_qualifiers_and_pages_are_refused(sis: Any, job: object, query: str) -> None:
    assert sis.send("GET", f"{JOBS}?{query}").status_code == 400


@pytest.mark.requirement("INF-JOB-005")
def test_a_deleted_job_is_gone(sis: Any, job_url: str) -> None:
    reply = sis.send("DELETE", job_url)
    assert (reply.status_code, reply.content) == (204, b"")
    assert [sis.send(verb, job_url).status_code for verb in ("GET", "DELETE")] == [404, 404]


@pytest.mark.requirement("INF-JOB-005")
def test_several_jobs_are_deleted_by_put(
    sis: Any, job: etree._Element, infrastructure: etree.XMLSchema
) -> None:
    body = deletions(job.get("id", ""), UNKNOWN)
    reply = sis.send("PUT", JOBS, body, methodOverride="DELETE")
    infrastructure.assertValid(etree.fromstring(reply.content))
    assert (reply.status_code, statuses(reply)) == (200, ["204", "404"])
    assert sis.send("GET", JOBS).status_code == 204


@pytest.mark.requirement("NEG-016")
def test_a_collection_cannot_be_deleted(sis: Any, job: object) -> None:
    assert sis.send("DELETE", JOBS).status_code == 405
    assert sis.send("DELETE", "/requests/xStudents").status_code == 405


@pytest.mark.requirement("INF-JOB-015")
@pytest.mark.parametrize("below", ["", "/report", "/report/states", "/validation/states"])
def test_an_unknown_job_is_answered_404(sis: Any, below: str) -> None:
    assert sis.send("GET", f"{JOBS}/{UNKNOWN}{below}").status_code == 404


def test_a_query_by_example_creates_nothing(sis: Any) -> None:
    reply = sis.send("POST", JOBS, several(wanted()), methodOverride="GET")
    assert reply.status_code == 400
    assert sis.send("GET", JOBS).status_code == 204


def test_a_vendor_gets_no_job_of_the_hub(reader: Any) -> None:
    assert reader.send("POST", f"{JOBS}/rosterValidation", wanted()).status_code == 403


@pytest.mark.requirement("INF-JOB-014")
def test_zone_and_context_stand_on_the_last_segment(sis: Any, job: etree._Element) -> None:
    place = ";zoneId=demo-district;contextId=DEFAULT"
    assert sis.send("GET", f"{JOBS}/{job.get('id')}{place}").status_code == 200
    assert sis.send("GET", f"{JOBS};zoneId=other-district").status_code == 403
    assert sis.send("GET", f"{JOBS};zoneId=unknown").status_code == 404
    assert sis.send("GET", f"{JOBS};zoneId=demo-district/{job.get('id')}").status_code == 400


@pytest.mark.parametrize("below", ["/rosterValidation", f"/{UNKNOWN}", f"/{UNKNOWN}/report/states"])
def test_a_single_operation_cannot_be_delayed(sis: Any, below: str) -> None:
    verb = "POST" if below == "/rosterValidation" else "GET"
    reply = sis.send(verb, JOBS + below, wanted(), requestType="DELAYED", queueId="1")
    assert reply.status_code == 400


@pytest.mark.requirement("INF-JOB-010", "INF-JOB-011")
def test_the_owner_hears_of_each_step_and_nobody_else(
    hub: Any, sis: Any, ear: Callable[..., Any], infrastructure: etree.XMLSchema
) -> None:
    other = hub.client("other")
    other.open()
    own, foreign = (ear(each, "FUNCTIONAL", "rosterValidations") for each in (sis, other))
    made = etree.fromstring(sis.send("POST", f"{JOBS}/rosterValidation", wanted()).content)
    job_url = f"{JOBS}/{made.get('id')}"
    sis.send("POST", f"{job_url}/submission/states/state", state("INPROGRESS"))
    sis.send("DELETE", job_url)
    events = own.events()
    assert [headers["eventAction"] for headers, _ in events] == ["CREATE", "UPDATE", "DELETE"]
    assert {event[0].get("id") for _, event in events} == {made.get("id")}
    assert foreign.events() == []
    for headers, event in events:
        infrastructure.assertValid(event)
        assert headers["fingerprint"] == sis.environment.findtext("{*}fingerprint")
