"""Phases of a job and their states over a socket: what is offered, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from tests.reference_hub.web.job_documents import (
    JOBS,
    UNKNOWN,
    A,
    B,
    deletions,
    phases,
    several,
    state,
    statuses,
    students,
    wanted,
)


@pytest.mark.requirement("INF-JOB-015")
@pytest.mark.parametrize(
    ("verb", "below"), [("GET", ""), ("POST", ""), ("GET", "/states"), ("POST", "/states/state")]
)
def test_an_unknown_phase_is_answered_404(sis: Any, job_url: str, verb: str, below: str) -> None:
    body = state("INPROGRESS") if below else students(A)
    assert sis.send(verb, f"{job_url}/other{below}", body).status_code == 404


@pytest.mark.parametrize("path", ["/services/other", "/services/rostervalidations", "/services/"])
def test_an_unknown_service_is_answered_404(sis: Any, path: str) -> None:
    assert sis.send("GET", path).status_code == 404


@pytest.mark.requirement("INF-JOB-006")
@pytest.mark.parametrize(
    ("verb", "phase"),
    [
        ("GET", "submission"),
        ("GET", "validation"),
        ("POST", "validation"),
        ("PUT", "validation"),
        ("POST", "report"),
        ("PUT", "report"),
    ],
)
def test_what_a_phase_does_not_grant_is_answered_403(
    sis: Any, job_url: str, verb: str, phase: str
) -> None:
    assert sis.send(verb, f"{job_url}/{phase}", students(A)).status_code == 403


@pytest.mark.requirement("INF-JOB-006")
def test_objects_are_submitted_replaced_and_taken_back(
    sis: Any, job_url: str, infrastructure: etree.XMLSchema
) -> None:
    path = f"{job_url}/submission"
    added = sis.send("POST", path, students(A, A, B))
    changed = sis.send("PUT", path, students(A))
    gone = sis.send("PUT", path, deletions(A, "c"), methodOverride="DELETE")
    found = [statuses(reply) for reply in (added, changed, gone)]
    assert found == [["201", "409", "201"], ["200"], ["204", "404"]]
    for reply in (added, changed, gone):
        infrastructure.assertValid(etree.fromstring(reply.content))


def test_an_object_without_an_id_is_refused_alone(sis: Any, job_url: str) -> None:
    body = students(A).replace(b"</xStudents>", b"<xStudent/></xStudents>")
    assert statuses(sis.send("POST", f"{job_url}/submission", body)) == ["201", "400"]
    assert statuses(sis.send("PUT", f"{job_url}/submission", body)) == ["200", "400"]


@pytest.mark.parametrize("verb", ["POST", "PUT"])
@pytest.mark.parametrize(
    "body", [b"<xStudents", students(), b'<xStudent xmlns="urn:x" refId="a"/>', several(wanted())]
)
def test_what_the_phase_does_not_take_is_answered_400(
    sis: Any, job_url: str, verb: str, body: bytes
) -> None:
    assert sis.send(verb, f"{job_url}/submission", body).status_code == 400
    assert phases(etree.fromstring(sis.send("GET", job_url).content))["submission"] == "NOTSTARTED"


def test_a_payload_at_the_create_is_handed_to_its_phase(sis: Any) -> None:
    inner = students(A).decode()
    start = f"<initialization><phaseName>submission</phaseName><payload>{inner}</payload>"
    body = wanted(f"{start}</initialization>")
    made = etree.fromstring(sis.send("POST", f"{JOBS}/rosterValidation", body).content)
    path = f"{JOBS}/{made.get('id')}/submission"
    assert phases(made)["submission"] == "INPROGRESS"
    assert statuses(sis.send("POST", path, students(A))) == ["409"]


@pytest.mark.parametrize(
    "inner",
    [
        "<phaseName>report</phaseName><payload><a/></payload>",
        "<payload/>",
        "<payload><year>2027</year></payload>",
    ],
)
def test_a_payload_that_no_phase_takes_makes_no_job(sis: Any, inner: str) -> None:
    body = wanted(f"<initialization>{inner}</initialization>")
    assert sis.send("POST", f"{JOBS}/rosterValidation", body).status_code == 400
    assert sis.send("GET", JOBS).status_code == 204


@pytest.mark.requirement("INF-JOB-007")
def test_a_state_is_created_with_201(
    sis: Any, job_url: str, infrastructure: etree.XMLSchema
) -> None:
    reply = sis.send("POST", f"{job_url}/submission/states/state", state("INPROGRESS"))
    made = etree.fromstring(reply.content)
    infrastructure.assertValid(made)
    assert (reply.status_code, made.findtext("{*}type")) == (201, "INPROGRESS")
    assert made.findtext("{*}created") == made.findtext("{*}lastModified")


@pytest.mark.requirement("INF-JOB-007", "INF-JOB-008")
def test_the_states_are_listed_with_the_current_one_last(
    sis: Any, job_url: str, infrastructure: etree.XMLSchema
) -> None:
    for word in ("PENDING", "INPROGRESS"):
        sis.send("POST", f"{job_url}/submission/states/state", state(word))
    found = etree.fromstring(sis.send("GET", f"{job_url}/submission/states").content)
    infrastructure.assertValid(found)
    types = [each.findtext("{*}type") for each in found]
    assert types == ["NOTSTARTED", "PENDING", "INPROGRESS"]


@pytest.mark.requirement("INF-JOB-007")
@pytest.mark.parametrize("phase", ["validation", "report"])
def test_a_state_that_is_not_the_consumers_is_answered_403(
    sis: Any, job_url: str, phase: str
) -> None:
    reply = sis.send("POST", f"{job_url}/{phase}/states/state", state("COMPLETED"))
    assert reply.status_code == 403


@pytest.mark.requirement("INF-JOB-007", "NEG-016")
@pytest.mark.parametrize(
    ("verb", "below"),
    [
        ("POST", "states"),
        ("PUT", "states"),
        ("DELETE", "states"),
        ("GET", "states/state"),
        ("PUT", "states/state"),
        ("DELETE", "states/state"),
        ("GET", f"states/{UNKNOWN}"),
        ("PUT", f"states/{UNKNOWN}"),
        ("DELETE", f"states/{UNKNOWN}"),
        ("DELETE", ""),
    ],
)
def test_other_operations_below_a_phase_are_answered_405(
    sis: Any, job_url: str, verb: str, below: str
) -> None:
    path = f"{job_url}/submission/{below}".rstrip("/")
    assert sis.send(verb, path, state("COMPLETED")).status_code == 405


@pytest.mark.parametrize("word", ["DONE", "", "completed"])
def test_a_state_that_the_standard_does_not_know_is_answered_400(
    sis: Any, job_url: str, word: str
) -> None:
    reply = sis.send("POST", f"{job_url}/submission/states/state", state(word))
    assert reply.status_code == 400


@pytest.mark.parametrize("word", ["COMPLETED", "SKIPPED"])
def test_the_end_of_the_submission_makes_the_validation_pending(
    sis: Any, job_url: str, word: str
) -> None:
    sis.send("POST", f"{job_url}/submission/states/state", state(word))
    found = etree.fromstring(sis.send("GET", job_url).content)
    assert (found.findtext("{*}state"), phases(found)["validation"]) == ("INPROGRESS", "PENDING")


def test_a_phase_that_is_over_takes_no_more(sis: Any, job_url: str) -> None:
    path = f"{job_url}/submission"
    sis.send("POST", f"{path}/states/state", state("COMPLETED"))
    assert sis.send("POST", path, students(A)).status_code == 403
    assert sis.send("POST", f"{path}/states/state", state("INPROGRESS")).status_code == 403


@pytest.mark.requirement("INF-JOB-012")
def test_a_finished_job_takes_no_more(sis: Any, job_url: str) -> None:
    path = f"{job_url}/submission"
    sis.send("POST", f"{path}/states/state", state("FAILED"))
    assert etree.fromstring(sis.send("GET", job_url).content).findtext("{*}state") == "FAILED"
    replies = [
        sis.send("POST", path, students(A)),
        sis.send("PUT", path, students(A)),
        sis.send("PUT", path, deletions(A), methodOverride="DELETE"),
        sis.send("POST", f"{path}/states/state", state("INPROGRESS")),
    ]
    assert [reply.status_code for reply in replies] == [403] * 4
