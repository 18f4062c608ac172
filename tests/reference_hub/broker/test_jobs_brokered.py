"""Functional services in a brokered environment: delayed operations and registered providers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.delay import answer_next
from reference_hub.replay import replaying
from tests.reference_hub.broker.conftest import MODEL, Elsewhere, drained
from tests.reference_hub.web.conftest import INF, Client, Hub

JOBS = "/services/rosterValidations"
JOB = f'<job xmlns="{INF}"><name>rosterValidation</name></job>'
PLACE = ";zoneId=demo-district;contextId=DEFAULT"
ROLLOVER = f'<job xmlns="{INF}"><name>yearRollover</name></job>'.encode()
Given = Callable[..., Any]


@pytest.fixture
def later(hub: Hub, consumer: Client, subscribed: Given) -> Given:
    """Send a request as DELAYED, let a worker answer it, and read the one message."""
    queue = subscribed(consumer, "xSchools")
    replay = replaying(create_app(hub.settings, hub.engine, judge=Judge()))

    def sent(verb: str, path: str, body: str | None = None, **headers: str) -> Any:
        asked = {"requestType": "DELAYED", "queueId": queue.split("/")[2], "requestId": "r-1"}
        content = body.encode() if body else None
        reply = consumer.send(verb, path, content, **(asked | headers))
        assert (reply.status_code, reply.content) == (202, b"")
        assert answer_next(hub.engine, hub.settings, replay, Clock())
        (message,) = drained(consumer, queue)
        return message

    return sent


@pytest.fixture
def url(consumer: Client) -> str:
    """A job of the consumer."""
    made = consumer.send("POST", f"{JOBS}/rosterValidation", JOB.encode())
    assert made.status_code == 201
    return f"{JOBS}/{etree.fromstring(made.content).get('id')}"


@pytest.mark.requirement("INF-JOB-004", "INF-JOB-009")
def test_the_list_of_jobs_can_be_delayed(later: Given, url: str) -> None:
    message = later("GET", JOBS)
    listed = etree.fromstring(message.content)
    assert [each.get("id") for each in listed] == [url.rpartition("/")[2]]
    told = [message.headers[name] for name in ("serviceType", "serviceName", "responseAction")]
    assert told == ["FUNCTIONAL", "rosterValidations", "QUERY"]
    assert message.headers["relativeServicePath"] == f"rosterValidations{PLACE}"


@pytest.mark.requirement("INF-JOB-002", "INF-JOB-009")
def test_several_jobs_can_be_made_delayed(consumer: Client, later: Given) -> None:
    message = later("POST", JOBS, f'<jobs xmlns="{INF}">{JOB}{JOB}</jobs>')
    results = etree.fromstring(message.content)[0]
    assert [each.get("statusCode") for each in results] == ["201", "201"]
    made = etree.fromstring(consumer.send("GET", JOBS).content)
    assert {each.get("id") for each in made} == {each.get("id") for each in results}


@pytest.mark.requirement("INF-JOB-005", "INF-JOB-009")
def test_several_jobs_can_be_deleted_delayed(consumer: Client, later: Given, url: str) -> None:
    ids = f'<delete id="{url.rpartition("/")[2]}"/>'
    body = f'<deleteRequest xmlns="{INF}"><deletes>{ids}</deletes></deleteRequest>'
    message = later("PUT", JOBS, body, methodOverride="DELETE")
    assert message.headers["responseAction"] == "DELETE"
    assert consumer.send("GET", JOBS).status_code == 204


@pytest.mark.requirement("INF-JOB-006", "INF-JOB-009")
def test_a_phase_can_be_filled_delayed(consumer: Client, later: Given, url: str) -> None:
    body = f'<xStudents xmlns="{MODEL}"><xStudent refId="{"0" * 32}"/></xStudents>'
    message = later("POST", f"{url}/submission", body)
    assert etree.fromstring(message.content)[0][0].get("statusCode") == "201"
    again = consumer.send("POST", f"{url}/submission", body.encode())
    assert etree.fromstring(again.content)[0][0].get("statusCode") == "409"


@pytest.mark.requirement("INF-JOB-006")
def test_payloads_of_phases_make_no_event_of_their_own(
    consumer: Client, subscribed: Given, url: str
) -> None:
    jobs = subscribed(consumer, "rosterValidations", "FUNCTIONAL")
    objects = subscribed(consumer, "xStudents")
    body = f'<xStudents xmlns="{MODEL}"><xStudent refId="{"0" * 32}"/></xStudents>'.encode()
    for verb in ("POST", "PUT", "PUT"):
        assert consumer.send(verb, f"{url}/submission", body).status_code == 200
    assert drained(consumer, objects) == []
    (begun,) = drained(consumer, jobs)
    assert b"xStudent" not in begun.content


@pytest.mark.requirement("INF-JOB-010", "INF-JOB-014", "INF-RQC-004")
def test_a_job_of_a_registered_provider_is_forwarded_with_the_fingerprint(
    consumer: Client, registered: Given, elsewhere: Elsewhere
) -> None:
    registered("yearRollovers", "FUNCTIONAL")
    elsewhere.says(ROLLOVER, 201)
    reply = consumer.send("POST", "/services/yearRollovers/yearRollover", ROLLOVER)
    assert (reply.status_code, reply.content) == (201, ROLLOVER)
    (seen,) = elsewhere.seen
    assert (seen.path, seen.body) == (f"/sif/yearRollovers/yearRollover{PLACE}", ROLLOVER)
    assert consumer.environment is not None
    assert seen.headers["fingerprint"] == consumer.environment.findtext("{*}fingerprint")


@pytest.mark.requirement("INF-JOB-014")
@pytest.mark.parametrize("below", ["", "/7", "/7/prepare", "/7/prepare/states"])
def test_everything_below_a_forwarded_service_is_forwarded(
    consumer: Client, registered: Given, elsewhere: Elsewhere, below: str
) -> None:
    registered("yearRollovers", "FUNCTIONAL")
    assert consumer.send("GET", f"/services/yearRollovers{below}").status_code == 200
    assert [each.path for each in elsewhere.seen] == [f"/sif/yearRollovers{below}{PLACE}"]


@pytest.mark.requirement("INF-JOB-014")
def test_the_rights_of_the_service_hold_on_the_services_connector(
    join: Given, granted: Given, registered: Given, elsewhere: Elsewhere
) -> None:
    registered("yearRollovers", "FUNCTIONAL")
    limited = join("limited", grants=[granted("yearRollovers", "QUERY", kind="FUNCTIONAL")])
    assert limited.send("GET", "/services/yearRollovers").status_code == 200
    made = limited.send("POST", "/services/yearRollovers/yearRollover", ROLLOVER)
    assert (made.status_code, len(elsewhere.seen)) == (403, 1)
    limited.user = "nobody"
    assert limited.send("GET", "/services/yearRollovers").status_code == 401


def test_a_delayed_list_of_a_utility_is_answered_in_the_queue(later: Given) -> None:
    message = later("GET", "/requests/codeSets", serviceType="UTILITY")
    assert etree.QName(etree.fromstring(message.content)).localname == "codeSets"


def test_a_delayed_query_of_code_sets_goes_through_the_pages(
    hub: Hub, consumer: Client, subscribed: Given
) -> None:
    queue = subscribed(consumer, "xSchools")
    replay = replaying(create_app(hub.settings, hub.engine, judge=Judge()))
    asked = {"requestType": "DELAYED", "queueId": queue.split("/")[2], "requestId": "r-1"}
    path = "/requests/codeSets?navigationPage=1&navigationPageSize=5"
    assert consumer.send("GET", path, **asked).status_code == 202
    while answer_next(hub.engine, hub.settings, replay, Clock()):
        pass
    pages = [etree.fromstring(each.content) for each in drained(consumer, queue)]
    whole = etree.fromstring(consumer.send("GET", "/requests/codeSets").content)
    assert [each.get("id") for page in pages for each in page] == [e.get("id") for e in whole]
