"""The worked examples of the standard's use, replayed: status, header fields and structure."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine

from reference_hub.settings import Settings
from tests.reference_hub.web.examples import (
    CLOCK,
    KEY,
    KEY_SIGNED,
    NA4,
    PLACE,
    SECRET,
    ZONE,
    Stage,
    grant,
    infra,
    leaves,
    outline,
    settings_of,
)

LIST = "/requests/xStudents"
NORTH = f"{LIST};zoneId={ZONE}"
RESPONSE = {"messageType": "RESPONSE", "Content-Type": "application/xml"}
ERROR = ["code", "scope", "message"]
JSON = "application/json"
PESC = "urn:sif:inf/global/{}+pesc"
PEOPLE = {1: ("Ng", "Bo"), 2: ("Ng", "Al"), 3: ("McAdam", "Cy")}
ENVIRONMENT = leaves(
    solutionId="testing",
    authenticationMethod="SIF_HMACSHA256",
    instanceId="desk-4",
    consumerName="Hub Demo Client",
    applicationInfo=leaves(
        applicationKey=KEY,
        supportedInfrastructureVersion="3.3",
        dataModelNamespace="http://www.sifassociation.org/datamodel/na/4.3",
        transport="REST",
        applicationProduct=leaves(
            vendorName="Sample Vendor", productName="Roster Reader", productVersion="2.1"
        ),
    ),
)
INFO = ["applicationKey", "supportedInfrastructureVersion", "dataModelNamespace", "transport"]
PRODUCT = ("applicationProduct", ["vendorName", "productName", "productVersion"])
SERVICES = ["environment", "requestsConnector", "queues", "subscriptions", "provisionRequests",
            "eventsConnector", "servicesConnector"]  # fmt: skip


def refid(number: int) -> str:
    return f"7A1D7C0E-5B0E-4E7B-9A33-0F3B8E1D2C0{number}"


def student(number: int) -> str:
    family, given = PEOPLE[number]
    name = f"<name>{leaves(familyName=family, givenName=given)}</name>"
    # No element of the model is called grade; a number of the district's stands for it.
    grade = leaves(localId="7")
    return f'<xStudent xmlns="{NA4}" refId="{refid(number)}">{name}{grade}</xStudent>'


def students(*numbers: int) -> bytes:
    return f'<xStudents xmlns="{NA4}">{"".join(map(student, numbers))}</xStudents>'.encode()


def answered(reply: requests.Response, status: int, action: str, **more: str) -> etree._Element:
    """The body of an answer with these header fields; its ids and times are the hub's own."""
    assert reply.status_code == status, reply.text
    expected = RESPONSE | {"responseAction": action} | more
    assert {name: reply.headers.get(name) for name in expected} == expected
    assert uuid.UUID(reply.headers["messageId"]).version == 4
    assert reply.headers["timestamp"] == "2026-03-02T09:15:02.000Z"
    return etree.fromstring(reply.content)


@pytest.fixture
def stage(another: Any, store: Engine, hub_settings: Settings) -> Stage:
    """The hub of the scene, HubDemo not yet registered."""
    settings = settings_of(hub_settings)
    return Stage(another(settings, CLOCK).base, store, settings)


@pytest.fixture
def demo(stage: Stage) -> Stage:
    """The same, HubDemo with a session."""
    stage.open()
    return stage


@pytest.fixture
def stocked(demo: Stage) -> Stage:
    """The same, with three students."""
    assert demo.send("POST", NORTH, students(1, 2, 3)).status_code == 200
    return demo


def test_ex_01_and_02_an_environment_is_created_once(
    stage: Stage, infrastructure: etree.XMLSchema
) -> None:
    rights = dict.fromkeys(("QUERY", "CREATE", "UPDATE", "SUBSCRIBE"), "APPROVED")
    utility = grant("alerts", "UTILITY", CREATE="APPROVED", UPDATE="UNSUPPORTED")
    path = grant("xSchools/{}/xStudents", "SERVICEPATH", QUERY="APPROVED")
    stage.register(grants=(utility, grant("xStudents", **rights, DELETE="REJECTED"), path))
    sent = KEY_SIGNED | RESPONSE
    body = infra("environment", ENVIRONMENT)
    reply, again = (stage.post("/environments/environment", body, **sent) for _ in range(2))
    made = answered(reply, 201, "CREATE")
    infrastructure.assertValid(made)
    assert outline(made, 1) == ("environment", [
        "fingerprint", "sessionToken", "solutionId", "defaultZone", "authenticationMethod",
        "instanceId", "consumerName", "applicationInfo", "infrastructureServices",
        "provisionedZones",
    ])  # fmt: skip
    assert outline(made.find("{*}applicationInfo")) == ("applicationInfo", [*INFO, PRODUCT])
    assert [each.get("name") for each in made.iter("{*}infrastructureService")] == SERVICES
    zone = made.find("{*}defaultZone")
    assert (made.get("type"), zone.get("id")) == ("BROKERED", ZONE)
    assert zone.findtext("{*}description") == "Northside campus"
    listed = {
        (zone.get("id"), service.get("type"), service.get("name")): [
            (right.get("type"), right.text) for right in service.iter("{*}right")
        ]
        for zone in made.iter("{*}provisionedZone")
        for service in zone.iter("{*}service")
    }
    alerts = dict(listed["environment-global", "UTILITY", "alerts"])
    assert (alerts["CREATE"], alerts["UPDATE"]) == ("APPROVED", "UNSUPPORTED")
    assert dict(listed[ZONE, "OBJECT", "xStudents"]) == rights | {"DELETE": "REJECTED"}
    assert listed[ZONE, "SERVICEPATH", "xSchools/{}/xStudents"] == [("QUERY", "APPROVED")]
    error = answered(again, 409, "CREATE", messageType="ERROR")
    infrastructure.assertValid(error)
    assert (error.findtext("{*}code"), outline(error)[1][:3]) == ("409", ERROR)


@pytest.mark.requirement("INF-ENV-009", "INF-AUT-012", "INF-HDR-008")
def test_ex_03_an_environment_is_created_without_a_body(stage: Stage) -> None:
    stage.register()
    query = (
        "?authenticationMethod=SIF_HMACSHA256&access_token=SHViRGVtbzp4RG8xU09QcHJYR3pQZ0ZZMzE3S0Fm"
        "ZFVzNzgwSU1OVjgvMDBIZ0t2SElVPQ%3D%3D&timestamp=2026-03-02T09%3A15%3A00.000Z"
        "&applicationKey=HubDemo"
    )
    made = answered(stage.post(f"/environments/environment{query}"), 201, "CREATE")
    assert made.findtext("{*}authenticationMethod") == "SIF_HMACSHA256"
    assert made.findtext("{*}applicationInfo/{*}applicationKey") == KEY


def test_ex_04_a_page_of_a_condition_in_an_order(stocked: Stage) -> None:
    query = (
        "where=%5B(name%2FfamilyName%3D%22Ng%22)and(localId%3D%227%22)%5D"
        "&order=%5Bname%2FgivenName%3Dascending%5D"
    )
    asked = {
        "messageId": "9f6f0f0e-2a0b-4f6c-8f3e-6c2f4a1b7d04", "serviceType": "OBJECT",
        "navigationPage": "1", "navigationPageSize": "50", "queryIntention": "ALL",
        "Accept": "application/xml", "Accept-Encoding": "gzip",
    }  # fmt: skip
    reply = stocked.send("GET", f"{LIST}{PLACE}?{query}", **asked)
    told = {"navigationPage": "1", "navigationPageSize": "2", "navigationCount": "2"}
    found = answered(reply, 200, "QUERY", **told, navigationLastPage="1")
    assert [each.get("refId") for each in found] == [refid(2), refid(1)]
    again = {"navigationId": reply.headers["navigationId"], "navigationPage": "2"}
    beyond = stocked.send("GET", f"{LIST}{PLACE}?{query}", **(asked | again))
    assert (beyond.status_code, beyond.content) == (204, b"")
    assert beyond.headers["responseAction"] == "QUERY"


def test_ex_05_a_query_by_example(stocked: Stage) -> None:
    example = f'<xStudent xmlns="{NA4}"><name>{leaves(familyName="Mc%")}</name></xStudent>'
    asked = {"methodOverride": "GET", "navigationPage": "1", "navigationPageSize": "20"}
    reply = stocked.send("POST", NORTH, example.encode(), **asked)
    (found,) = answered(reply, 200, "QUERY", navigationCount="1", navigationLastPage="1")
    assert found.get("refId") == refid(3)


def test_ex_06_and_07_results_of_many(stocked: Stage, infrastructure: etree.XMLSchema) -> None:
    new = f'<xStudent refId="row-2"><name>{leaves(familyName="New")}</name></xStudent>'
    body = students(1).replace(b"</xStudents>", new.encode() + b"</xStudents>")
    created = answered(stocked.send("POST", NORTH, body), 200, "CREATE")
    known, made = sorted(created[0], key=lambda each: str(each.get("advisoryId")))
    assert dict(known.attrib) == {"advisoryId": refid(1), "statusCode": "409"}
    assert outline(known[0])[1][:3] == ERROR
    assert dict(made.attrib) == {
        "advisoryId": "row-2", "statusCode": "201", "id": made.get("id")
    }  # fmt: skip
    unknown = "11111111-2222-4333-8444-555566667777"
    change = students(1).replace(
        b"</xStudents>", f'<xStudent refId="{unknown}"/></xStudents>'.encode()
    )
    updated = answered(stocked.send("PUT", NORTH, change), 200, "UPDATE")
    ids = "".join(f'<delete id="{each}"/>' for each in (made.get("id"), unknown))
    deletion = infra("deleteRequest", f"<deletes>{ids}</deletes>")
    deleted = answered(stocked.send("PUT", NORTH, deletion, methodOverride="DELETE"), 200, "DELETE")
    for answer, name, done in ((updated, "update", "200"), (deleted, "delete", "204")):
        infrastructure.assertValid(answer)
        assert outline(answer) == (
            f"{name}Response",
            [(f"{name}s", [name, (name, [("error", ERROR)])])],
        )
        assert [each.get("statusCode") for each in answer[0]] == [done, "404"]
        assert answer[0][1].get("id") == unknown


def test_ex_08_an_error_in_both_notations(demo: Stage) -> None:
    reply = demo.send("GET", f"{LIST}/{refid(9)}", Accept=JSON)
    error = reply.json()["error"]
    assert list(reply.json()) == ["error"]
    assert error == error | {"code": "404"}
    assert set(error) == {"@id", "code", "scope", "message"}
    newer = {"Accept": JSON, "Accept-Profile": PESC.format("3.6")}
    profile = demo.post("/environments/environment", b"<environment", **newer)
    error = profile.json()["error"]
    assert (error["code"], error["type"]) == (401, "INFRASTRUCTURE")


def test_ex_09_results_in_both_notations(demo: Stage) -> None:
    one = demo.send("POST", NORTH, students(1), Accept=JSON).json()
    item = {"@id": refid(1), "@advisoryId": refid(1), "@statusCode": "201"}
    assert one == {"createResponse": {"creates": {"create": item}}}
    asked = {"Accept": JSON, "Accept-Profile": PESC.format("3.3")}
    two = demo.send("POST", NORTH, students(2), **asked).json()
    item = {"id": refid(2), "advisoryId": refid(2), "statusCode": "201"}
    assert two == {"createResponse": {"creates": {"create": [item]}}}


@pytest.mark.parametrize(
    ("profile", "kind", "value"), [("", "@type", "#text"), (PESC.format("3.3"), "type", "value")]
)
def test_ex_10_rights_in_both_notations(stage: Stage, profile: str, kind: str, value: str) -> None:
    stage.open(grants=(grant("xStudents", QUERY="APPROVED", CREATE="REJECTED"),))
    assert stage.environment is not None
    path = f"/environments/{stage.environment.get('id')}"
    reply = stage.send("GET", path, Accept=JSON, Accept_Profile=profile).json()
    expected = [{kind: "QUERY", value: "APPROVED"}, {kind: "CREATE", value: "REJECTED"}]
    assert f'"rights":{{"right":{json.dumps(expected, separators=(",", ":"))}}}' in json.dumps(
        reply, separators=(",", ":")
    )


def test_ex_15_a_provision_request_waits_and_is_decided(
    stage: Stage, infrastructure: etree.XMLSchema
) -> None:
    stage.open(grants=(grant("xStudents", QUERY="APPROVED"),))
    right = '<right type="{}">REQUESTED</right>'
    rights = f"<rights>{right.format('QUERY')}{right.format('DELETE')}</rights>"
    service = f'<service type="OBJECT" name="xStaffs" contextId="DEFAULT">{rights}</service>'
    zone = f'<provisionedZone id="{ZONE}"><services>{service}</services></provisionedZone>'
    body = infra("provisionRequest", f"<provisionedZones>{zone}</provisionedZones>")
    made = answered(stage.send("POST", "/provisionRequests", body), 201, "CREATE")
    path = f"/provisionRequests/{made.get('id')}"
    waiting = answered(stage.send("GET", path), 202, "QUERY")
    infrastructure.assertValid(waiting)
    assert waiting.get("completionStatus") is None
    assert outline(waiting) == outline(etree.fromstring(body))


def test_ex_18_an_alert(demo: Stage, infrastructure: etree.XMLSchema) -> None:
    told = leaves(
        reporter="Hub Demo Client", cause="DemoSIS", exchange="EVENT", level="ERROR",
        description="Delete event for an unknown student.",
        messageID="6d1e4b2a-7c8d-4e9f-8a0b-1c2d3e4f5a12",
        body='<![CDATA[<xStudents><xStudent refId="unknown"/></xStudents>]]>',
        category="1", code="404",
    )  # fmt: skip
    body = infra("alert", told)
    reply = demo.send("POST", "/requests/alerts/alert", body, serviceType="UTILITY")
    made = answered(reply, 201, "CREATE")
    infrastructure.assertValid(made)
    sent = etree.fromstring(body)
    assert [(each.tag, each.text) for each in made] == [(each.tag, each.text) for each in sent]


def test_ex_19_changes_since_a_marker(stocked: Stage) -> None:
    def ask(marker: str, verb: str = "GET", **headers: str) -> requests.Response:
        query = f"?changesSinceMarker={marker}" if marker else ""
        return stocked.send(verb, NORTH + query, **headers)

    first = ask("", "HEAD")
    assert (first.status_code, first.headers["responseAction"]) == (200, "HEAD")
    start = first.headers["changesSinceMarker"]
    for number in (1, 2):
        part = f'<xStudent xmlns="{NA4}">{leaves(localId="9")}</xStudent>'.encode()
        assert stocked.send("PUT", f"{LIST}/{refid(number)}{PLACE}", part).status_code == 204
    page = {"navigationPage": "1", "navigationPageSize": "1"}
    one = ask(start, **page)
    two = ask(start, **(page | {"navigationPage": "2"}), navigationId=one.headers["navigationId"])
    assert [each.status_code for each in (one, two)] == [200, 200]
    assert "changesSinceMarker" not in two.headers
    after = ask(one.headers["changesSinceMarker"])
    assert (after.status_code, after.content) == (204, b"")
    assert "changesSinceMarker" in after.headers
    assert ask("3").status_code in (400, 410)


def test_ex_20_a_job_and_a_state(demo: Stage, infrastructure: etree.XMLSchema) -> None:
    payload = (
        f'<payload><xStudents xmlns="{NA4}"><xStudent refId="{refid(1)}"/></xStudents></payload>'
    )
    begun = f"<initialization><phaseName>submission</phaseName>{payload}</initialization>"
    path = "/services/rosterValidations"
    body = infra("job", f"<name>rosterValidation</name>{begun}")
    job = answered(demo.send("POST", f"{path}/rosterValidation", body), 201, "CREATE")
    infrastructure.assertValid(job)
    parts = ["name", "state", "created", "lastModified", "timeout", "phases"]
    assert [etree.QName(each).localname for each in job] == parts
    phase = job.find("{*}phases/{*}phase")
    assert phase is not None
    names = [etree.QName(each).localname for each in phase]
    assert names == ["name", "states", "required", "rights", "statesRights"]
    states = f"{path}/{job.get('id')}/submission/states/state"
    state = answered(
        demo.send("POST", states, infra("state", leaves(type="COMPLETED"))), 201, "CREATE"
    )
    infrastructure.assertValid(state)
    assert outline(state) == ("state", ["type", "created", "lastModified"])


def test_ex_21_versions_named_by_profiles(stocked: Stage) -> None:
    named = "urn:sif:data/na/4.3+pesc"
    asked = {"Accept": JSON, "Accept-Profile": f"{named},urn:sif:inf/global/3.3+pesc"}
    reply = stocked.send("GET", f"{LIST}/{refid(1)}{PLACE}", **asked)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, JSON)
    assert reply.headers["Content-Profile"] == named
    assert reply.json()["xStudent"]["refId"] == refid(1)


def test_ex_22_a_bearer_names_its_application(stage: Stage) -> None:
    stage.register()
    form = {"grant_type": "client_credentials"}
    token = requests.post(f"{stage.base}/oauth/token", form, auth=(KEY, SECRET)).json()
    shown = {"Authorization": f"Bearer {token['access_token']}", "applicationKey": KEY}
    assert stage.post("/environments/environment", **shown).status_code == 201
    reply = stage.http.get(f"{stage.base}{LIST}", headers=shown)
    assert (reply.status_code, reply.headers["responseAction"]) == (204, "QUERY")
