"""A consumer built on the Java framework: from its environment to its deletion."""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.system.flows.au_data import NAMESPACE, new_refid, student, students
from tests.system.flows.conftest import Served
from tests.system.flows.java_framework import JavaConsumer

Join = Callable[..., JavaConsumer]
PLACE = ";zoneId=demo-district;contextId=DEFAULT"


@pytest.fixture
def hub(australia: Served) -> Served:
    """A hub that judges by the Australian model."""
    return australia


@pytest.fixture
def join(hub: Served) -> Join:
    """A new instance of the application, with its environment."""

    def made(**given: Any) -> JavaConsumer:
        consumer = JavaConsumer(hub.url, "javaApp", **given)
        assert consumer.connect().status == 201
        return consumer

    return made


def added(consumer: JavaConsumer, local_id: str, **name: str) -> str:
    """The RefId of a student that the consumer creates."""
    refid = new_refid()
    url = consumer.requests(f"StudentPersonals/StudentPersonal{PLACE}")
    answer = consumer.send("POST", url, student(refid, local_id, **name), mustuseadvisory="true")
    assert answer.status == 201, answer.body
    return str(answer.xml.get("RefId"))


def test_the_client_sends_lower_case_names() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard: list[bytes] = []

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                heard.append(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        port = server.getsockname()[1]
        JavaConsumer(f"http://127.0.0.1:{port}", "k").send("GET", f"http://127.0.0.1:{port}/")
        thread.join()
    names = {line.partition(b":")[0] for line in heard[0].split(b"\r\n")[1:] if line}
    assert {b"requestid", b"messageid", b"requesttype", b"accept-profile"} < names
    assert {name for name in names if name != name.lower()} == {b"Host"}


def test_the_published_vector_is_what_the_client_signs() -> None:
    consumer = JavaConsumer("", "k", method="SIF_HMACSHA256")
    mac = consumer.mac("9acf5b1d-3dc9-493c-86c7-9066b81891bd", "2026-11-23T14:42:02.286Z")
    assert mac == "MpyU6W3TO1glMgo3QlrB53oXC88/Xm4U6HDLLrt1W0c="


@pytest.mark.parametrize("infra", ["3.3", "3.2.1"])
def test_the_environment_comes_in_the_namespace_asked_for(hub: Served, infra: str) -> None:
    consumer = JavaConsumer(hub.url, "javaApp", infra=infra)
    answer = consumer.connect()
    assert (answer.status, answer.xml.get("type")) == (201, "BROKERED")
    assert answer.xml.tag == f"{{{consumer.namespace}}}environment"
    wanted = {"environment", "requestsConnector", "eventsConnector", "queues", "subscriptions"}
    assert wanted < set(consumer.services)
    assert all(url.startswith(f"{hub.url}/") for url in consumer.services.values())


def test_rights_come_with_the_environment(join: Join) -> None:
    consumer = join()
    root = consumer.send("GET", consumer.services["environment"]).xml
    assert [zone.get("id") for zone in root.iterfind("{*}defaultZone")] == ["demo-district"]
    (service,) = root.iterfind(".//{*}service[@name='StudentPersonals']")
    rights = {each.get("type"): each.text for each in service.iter("{*}right")}
    needed = ("QUERY", "CREATE", "UPDATE", "DELETE", "SUBSCRIBE")
    assert {rights[name] for name in needed} == {"APPROVED"}


@pytest.mark.requirement("INF-ENV-008", "NEG-003")
@pytest.mark.parametrize("notation", ["", "pesc", "goessner"])
def test_a_second_post_is_409_with_the_same_environment(
    join: Join, hub: Served, notation: str
) -> None:
    consumer = join(notation=notation)
    again = JavaConsumer(hub.url, "javaApp", instance=consumer.instance, notation=notation)
    answer = again.connect()
    assert answer.status == 409
    assert (again.token, again.services) == (consumer.token, consumer.services)
    assert again.send("GET", again.requests("StudentPersonals")).status in (200, 204)


@pytest.mark.requirement("INF-ENV-011")
def test_the_next_run_starts_with_a_get(join: Join, hub: Served) -> None:
    consumer = join()
    later = JavaConsumer(hub.url, "javaApp", token=consumer.token)
    answer = later.connect(consumer.environment_id)
    assert (answer.status, later.services) == (200, consumer.services)


def test_hmac_with_milliseconds_opens_and_uses_an_environment(join: Join) -> None:
    consumer = join(method="SIF_HMACSHA256")
    own = consumer.send("GET", consumer.services["environment"])
    assert own.text("authenticationMethod") == "SIF_HMACSHA256"
    assert consumer.send("GET", consumer.requests("StudentPersonals")).status in (200, 204)


def test_content_type_on_requests_without_a_body_does_no_harm(join: Join) -> None:
    consumer = join()
    refid = added(consumer, "CT-1")
    one = consumer.requests(f"StudentPersonals/{refid}{PLACE}")
    seen = [consumer.send(verb, one).status for verb in ("GET", "HEAD", "DELETE", "GET")]
    assert seen == [200, 200, 204, 404]


def test_a_single_create_keeps_the_id_and_names_the_profile(join: Join) -> None:
    consumer = join()
    refid = added(consumer, "P-1")
    answer = consumer.send("GET", consumer.requests(f"StudentPersonals/{refid}"))
    assert answer.xml.tag == f"{{{NAMESPACE}}}StudentPersonal"
    assert answer.headers["content-profile"] == "urn:sif:data/au/3.4.6"
    assert answer.xml.findtext(".//{*}GivenName") == "Jørn"


@pytest.mark.requirement("INF-TRN-007", "INF-TRN-008")
def test_gzip_both_ways(join: Join) -> None:
    consumer = join(gzips=True)
    refid = added(consumer, "Z-1")
    answer = consumer.send("GET", consumer.requests(f"StudentPersonals/{refid}"))
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.xml.get("RefId") == refid


@pytest.mark.requirement("INF-ZON-002", "INF-ZON-003")
def test_matrix_parameters_lead_to_another_zone(hub: Served) -> None:
    consumer = JavaConsumer(hub.url, "rollover")
    assert consumer.connect().status == 201
    added(consumer, "R-1")
    url = consumer.requests("StudentPersonals")
    places = ("", PLACE, ";contextId=DEFAULT;zoneId=auRolloverTestingZone", ";zoneId=nowhere")
    assert [consumer.send("GET", f"{url}{place}").status for place in places] == [
        200, 200, 204, 404,
    ]  # fmt: skip


def test_a_zone_without_rights_is_no_silent_default(join: Join) -> None:
    consumer = join()
    elsewhere = consumer.requests("StudentPersonals;zoneId=auRolloverTestingZone")
    assert consumer.send("GET", elsewhere).status == 403


@pytest.mark.requirement("INF-QBE-001", "INF-QBE-005", "NEG-027")
def test_query_by_example_finds_and_creates_nothing(join: Join) -> None:
    consumer = join()
    wanted, _ = added(consumer, "Q-1", family="Only"), added(consumer, "Q-2", family="Other")
    example = (
        f'<StudentPersonal xmlns="{NAMESPACE}"><PersonInfo><Name Type="LGL"><FamilyName>Only'
        "</FamilyName></Name></PersonInfo></StudentPersonal>"
    )
    url = consumer.requests(f"StudentPersonals{PLACE}")
    paged = {"navigationpage": "1", "navigationpagesize": "5", "methodoverride": "GET"}
    for _ in range(2):
        answer = consumer.send("POST", url, example, **paged)
        assert (answer.status, [one.get("RefId") for one in answer.xml]) == (200, [wanted])
    assert answer.headers["responseaction"] == "QUERY"
    assert answer.headers["navigationcount"] == "1"


def many(consumer: JavaConsumer, count: int) -> list[str]:
    """The RefIds of students created in one request."""
    refids = [new_refid() for _ in range(count)]
    body = students(*(student(refid, f"M-{number}") for number, refid in enumerate(refids)))
    answer = consumer.send("POST", consumer.requests(f"StudentPersonals{PLACE}"), body)
    assert answer.status == 200, answer.body
    created = {one.get("advisoryId"): one.get("id") for one in answer.xml.iter("{*}create")}
    assert created.keys() == set(refids)
    return [str(created[refid]) for refid in refids]


@pytest.mark.requirement("INF-UPD-002", "INF-UPD-003", "INF-UPD-007")
def test_bulk_update_with_method_override(join: Join) -> None:
    consumer = join()
    refids = many(consumer, 3)
    changes = [
        f'<StudentPersonal xmlns="{NAMESPACE}" RefId="{refid}"><LocalId>new</LocalId>'
        "</StudentPersonal>"
        for refid in [*refids, new_refid()]
    ]
    url = consumer.requests(f"StudentPersonals{PLACE}")
    answer = consumer.send("PUT", url, students(*changes), methodoverride="UPDATE")
    codes = [one.get("statusCode") for one in answer.xml.iter("{*}update")]
    assert (answer.status, codes) == (200, ["200", "200", "200", "404"])
    one = consumer.send("GET", consumer.requests(f"StudentPersonals/{refids[0]}"))
    assert (one.text("LocalId"), one.text("FamilyName")) == ("new", "Qvexley")


def delete_request(namespace: str, refids: list[str]) -> str:
    """The infrastructure element for a bulk delete."""
    rows = "".join(f'<delete id="{refid}"/>' for refid in refids)
    return f'<deleteRequest xmlns="{namespace}"><deletes>{rows}</deletes></deleteRequest>'


@pytest.mark.requirement("INF-DEL-002", "NEG-028")
@pytest.mark.parametrize("infra", ["3.3", "3.2.1"])
def test_bulk_delete_under_the_profile_of_the_data(join: Join, infra: str) -> None:
    consumer = join(infra=infra)
    refids = many(consumer, 2)
    body = delete_request(consumer.namespace, [*refids, new_refid()])
    url = consumer.requests(f"StudentPersonals{PLACE}")
    answer = consumer.send("PUT", url, body, methodoverride="DELETE")
    codes = {one.get("id"): one.get("statusCode") for one in answer.xml.iter("{*}delete")}
    assert [codes.pop(refid) for refid in refids] == ["204", "204"]
    assert list(codes.values()) == ["404"]
    assert answer.xml.tag == f"{{{consumer.namespace}}}deleteResponse"
    gone = consumer.send("GET", consumer.requests(f"StudentPersonals/{refids[0]}"))
    assert gone.status == 404


PESC_STUDENT = {
    "RefId": "",
    "LocalId": "0100",
    "PersonInfo": {
        "Name": {"FamilyName": "Qvexley", "GivenName": "Jørn", "Type": "LGL"},
        "Demographics": {"Sex": "1", "BirthDate": "2011-09-26"},
    },
}
GOESSNER_STUDENT = {
    "@RefId": "",
    "LocalId": "0100",
    "PersonInfo": {
        "Name": {"@Type": "LGL", "FamilyName": "Qvexley", "GivenName": "Jørn"},
        "Demographics": {"Sex": "1", "BirthDate": "2011-09-26"},
    },
}
NOTATIONS = pytest.mark.parametrize(
    ("notation", "key", "one"),
    [("pesc", "RefId", PESC_STUDENT), ("goessner", "@RefId", GOESSNER_STUDENT)],
)


@NOTATIONS
def test_json_from_the_environment_to_the_object(
    join: Join, notation: str, key: str, one: dict[str, Any]
) -> None:
    consumer, refid = join(notation=notation, gzips=True), new_refid()
    body = json.dumps({"StudentPersonal": one | {key: refid}})
    url = consumer.requests(f"StudentPersonals/StudentPersonal{PLACE}")
    made = consumer.send("POST", url, body, mustuseadvisory="true")
    answer = consumer.send("GET", consumer.requests(f"StudentPersonals/{refid}{PLACE}"))
    assert (made.status, answer.status) == (201, 200), made.body
    assert answer.json == made.json == {"StudentPersonal": one | {key: refid}}
    assert answer.headers["content-profile"] == f"urn:sif:data/au/3.4.6+{notation}"


@NOTATIONS
def test_json_in_bulk_with_the_delete_request_under_the_wrong_profile(
    join: Join, notation: str, key: str, one: dict[str, Any]
) -> None:
    consumer, at = join(notation=notation), "@" if notation == "goessner" else ""
    refids = [new_refid(), new_refid()]
    url = consumer.requests(f"StudentPersonals{PLACE}")
    members = [one | {key: refid} for refid in refids]
    body = json.dumps({"StudentPersonals": {"StudentPersonal": members}})
    made = consumer.send("POST", url, body, mustuseadvisory="true")
    gone = json.dumps({"deleteRequest": {"deletes": {"delete": [{f"{at}id": refids[0]}]}}})
    deleted = consumer.send("PUT", url, gone, methodoverride="DELETE")
    codes = [each[f"{at}statusCode"] for each in made.json["createResponse"]["creates"]["create"]]
    assert (made.status, codes, deleted.status) == (200, ["201", "201"], 200)
    seen = [consumer.send("GET", consumer.requests(f"StudentPersonals/{each}")) for each in refids]
    assert [answer.status for answer in seen] == [404, 200]


@pytest.mark.requirement("INF-ENV-014", "NEG-065")
def test_its_end_is_a_delete_of_the_environment(join: Join) -> None:
    consumer = join()
    queue = consumer.new_queue()
    own = consumer.services["environment"]
    assert consumer.send("DELETE", own).status == 204
    for url in (own, consumer.requests("StudentPersonals"), queue.uri):
        assert consumer.send("GET", url).status == 401


@pytest.mark.parametrize("infra", ["3.3", "3.2.1"])
def test_no_session_no_reader_that_runs_wild(join: Join, infra: str) -> None:
    consumer = join(infra=infra)
    queue = consumer.new_queue()
    consumer.send("DELETE", consumer.services["environment"])
    for path in (queue.uri, f"{queue.uri};deleteMessageId={uuid.uuid4()}"):
        answer = consumer.send("GET", path, connectionid="0")
        assert (answer.status, answer.text("code")) == (401, "401")
        assert answer.xml.tag == f"{{{consumer.namespace}}}error"
        assert answer.headers["content-profile"] == f"urn:sif:inf/global/{infra}"
        assert "relativeservicepath" not in answer.headers
