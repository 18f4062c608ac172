"""Alerts: report one, read one's own, tell subscribers without quoting a message."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text

from reference_hub.clock import Clock
from reference_hub.journeys.alert import forgetting, raise_alert
from reference_hub.model.scope import Scope

INF = "http://www.sifassociation.org/infrastructure/3.3"
SCOPE = Scope("demo-district")
QUOTED = '<xStudents><xStudent refId="unknown"><name/></xStudent></xStudents>'
FIELDS = {
    "reporter": "Reading",
    "cause": "sis",
    "exchange": "EVENT",
    "level": "ERROR",
    "description": "Delete event for an unknown student.",
    "messageID": "6d1e4b2a-7c8d-4e9f-8a0b-1c2d3e4f5a12",
    "body": f"<![CDATA[{QUOTED}]]>",
    "category": "1",
    "code": "404",
}


def document(**changed: str | None) -> bytes:
    fields = {name: text for name, text in (FIELDS | changed).items() if text is not None}
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items())
    return f'<alert xmlns="{INF}">{inner}</alert>'.encode()


def report(client: Any, **changed: str | None) -> etree._Element:
    reply = client.send("POST", "/requests/alerts/alert", document(**changed))
    assert reply.status_code == 201
    return etree.fromstring(reply.content)


@pytest.mark.requirement("INF-ALR-001")
def test_a_report_is_answered_201_with_the_alert_and_its_id(
    sis: Any, infrastructure: etree.XMLSchema
) -> None:
    alert = report(sis)
    infrastructure.assertValid(alert)
    assert {etree.QName(each).localname: each.text for each in alert} == FIELDS | {"body": QUOTED}


def test_an_id_in_the_report_is_replaced(sis: Any) -> None:
    body = document().replace(b"<alert ", b'<alert id="8f9e0d1c-2b3a-4c5d-8e6f-7a8b9c0d1e15" ')
    reply = sis.send("POST", "/requests/alerts/alert", body)
    assert etree.fromstring(reply.content).get("id") != "8f9e0d1c-2b3a-4c5d-8e6f-7a8b9c0d1e15"


@pytest.mark.requirement("INF-ALR-001")
@pytest.mark.parametrize("collected", [True, False])
def test_several_at_once_are_refused(sis: Any, collected: bool) -> None:
    body = f'<alerts xmlns="{INF}">'.encode() + document() + b"</alerts>"
    path = "alerts" if collected else "alerts/alert"
    assert sis.send("POST", f"/requests/{path}", body).status_code == (405 if collected else 400)
    assert sis.send("GET", "/requests/alerts").status_code == 204


@pytest.mark.requirement("INF-ALR-002")
def test_the_reporter_finds_its_alerts_again(sis: Any, infrastructure: etree.XMLSchema) -> None:
    made = [report(sis).get("id"), report(sis, description="Another.").get("id")]
    reply = sis.send("GET", "/requests/alerts")
    found = etree.fromstring(reply.content)
    infrastructure.assertValid(found)
    assert [each.get("id") for each in found] == made


def test_an_alert_is_found_by_its_id_in_either_case(sis: Any) -> None:
    made = report(sis)
    reply = sis.send("GET", f"/requests/alerts/{made.get('id', '').upper()}")
    assert reply.content == etree.tostring(made)


@pytest.mark.requirement("INF-ALR-002")
def test_somebody_elses_alerts_are_not_shown(sis: Any, reader: Any) -> None:
    made = report(sis)
    assert reader.send("GET", "/requests/alerts").status_code == 204
    assert reader.send("GET", f"/requests/alerts/{made.get('id')}").status_code == 404


def test_a_vendor_may_report(reader: Any) -> None:
    assert report(reader).findtext("{*}reporter") == "Reading"


def test_an_alert_belongs_to_the_zone_it_was_reported_in(sis: Any) -> None:
    report(sis)
    assert sis.send("GET", "/requests/alerts;zoneId=demo-district").status_code == 200
    assert sis.send("GET", "/requests/alerts;zoneId=other-district").status_code == 204


def test_a_zone_without_rights_takes_no_report(sis: Any) -> None:
    reply = sis.send("POST", "/requests/alerts/alert;zoneId=other-district", document())
    assert reply.status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"reporter": None},
        {"exchange": None},
        {"level": None},
        {"level": "WORSE"},
        {"exchange": "LETTER"},
        {"category": None},
        {"code": None},
        {"code": "-1"},
        {"code": "4294967296"},
        {"body": "<xStudent/>"},
    ],
)
def test_an_incomplete_report_is_refused(sis: Any, changed: dict[str, str | None]) -> None:
    reply = sis.send("POST", "/requests/alerts/alert", document(**changed))
    assert reply.status_code == 400
    assert sis.send("GET", "/requests/alerts").status_code == 204


def test_below_an_error_category_and_code_may_be_missing(sis: Any) -> None:
    alert = report(sis, level="WARNING", category=None, code=None)
    assert alert.find("{*}code") is None


def test_the_prose_spelling_of_the_message_id_is_taken(sis: Any) -> None:
    body = document().replace(b"messageID", b"messageId")
    reply = sis.send("POST", "/requests/alerts/alert", body)
    assert etree.fromstring(reply.content).findtext("{*}messageID") == FIELDS["messageID"]


def test_a_query_by_example_reports_nothing(sis: Any) -> None:
    reply = sis.send("POST", "/requests/alerts/alert", document(), methodOverride="GET")
    assert reply.status_code == 400
    assert sis.send("GET", "/requests/alerts").status_code == 204


@pytest.mark.requirement("NEG-060")
@pytest.mark.parametrize("path", ["alerts/alert", "xquerys/xquery"])
def test_an_external_entity_is_refused_and_not_expanded(sis: Any, path: str) -> None:
    body = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + document(description="&e;")
    reply = sis.send("POST", f"/requests/{path}", body)
    assert reply.status_code == 400
    assert b"root:" not in reply.content


@pytest.mark.requirement("INF-ALR-007")
def test_subscribers_hear_of_an_alert(
    sis: Any, reader: Any, ear: Callable[..., Any], infrastructure: etree.XMLSchema
) -> None:
    heard = ear(reader, "UTILITY", "alerts")
    made = report(sis)
    ((headers, event),) = heard.events()
    infrastructure.assertValid(event)
    assert (headers["eventAction"], headers["serviceName"]) == ("CREATE", "alerts")
    assert event[0].get("id") == made.get("id")


def test_what_may_quote_a_message_does_not_go_into_the_event(
    sis: Any, reader: Any, ear: Callable[..., Any]
) -> None:
    heard = ear(reader, "UTILITY", "alerts")
    report(sis, error="<![CDATA[Ann]]>", xpath="/x[name='Ann']", internal="Ann")
    told = {etree.QName(each).localname for each in heard.events()[0][1][0]}
    assert told == {"reporter", "cause", "exchange", "level", "messageID", "category", "code"}


def test_the_hub_reports_the_same_once_a_day(
    hub: Any, sis: Any, ear: Callable[..., Any], infrastructure: etree.XMLSchema
) -> None:
    heard, start = ear(sis, "UTILITY", "alerts"), datetime(2026, 11, 26, 1, tzinfo=UTC)
    hours, raised = (0, 1, 30), []
    for hour in hours:
        clock = Clock(now=lambda at=start + timedelta(hours=hour): at)  # type: ignore[misc]
        with hub.engine.begin() as connection:
            args = (connection, clock, SCOPE, "Hub", "ERROR", "Not the provider.")
            raised.append(raise_alert(*args, cause="sis", exchange="EVENT", code=403))
    assert raised == [True, False, True]
    infrastructure.assertValid(heard.events()[1][1])


def test_what_the_hub_reported_is_nobodys_own(hub: Any, sis: Any) -> None:
    with hub.engine.begin() as connection:
        raise_alert(connection, Clock(), SCOPE, "Hub", "INFO", "A queue has no reader.")
    assert sis.send("GET", "/requests/alerts").status_code == 204


def test_alerts_are_forgotten_after_90_days(hub: Any, sis: Any) -> None:
    report(sis)
    for days, status in ((89, 200), (91, 204)):
        age = text("UPDATE alert SET created = now() - make_interval(days => :days)")
        with hub.engine.begin() as connection:
            connection.execute(age, {"days": days})
        forgetting()(hub.engine)
        assert sis.send("GET", "/requests/alerts").status_code == status
