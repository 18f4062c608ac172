"""The registry of named XQueries: scripts are kept, never run."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

INF = "http://www.sifassociation.org/infrastructure/3.3"
SCRIPT = "&lt;xStudents&gt;{ //xStudent[name='{:name:}'] }&lt;/xStudents&gt;"
PARAMETERS = "<parameter><name>name</name></parameter>"
TEMPLATE = "/requests/Named?name="


def document(
    token: str = "Named", script: str = SCRIPT, parameters: str = PARAMETERS, more: str = ""
) -> bytes:
    inner = f"{more}<script>{script}</script><parameters>{parameters}</parameters>"
    return (
        f'<xquery xmlns="{INF}" id="{token}">{inner}<returnType>urn:x</returnType></xquery>'
    ).encode()


def register(client: Any, body: bytes, zone: str = "") -> Any:
    return client.send("POST", f"/requests/xquerys/xquery{zone}", body)


def run(client: Any, path: str) -> int:
    status: int = client.send("GET", path, serviceType="XQUERYTEMPLATE").status_code
    return status


@pytest.fixture
def registered(sis: Any) -> etree._Element:
    """One entry of `sis`."""
    reply = register(sis, document())
    assert reply.status_code == 201
    return etree.fromstring(reply.content)


@pytest.mark.requirement("INF-XQR-001")
def test_the_entry_has_the_consumers_id_and_the_registrys_status(
    registered: etree._Element, infrastructure: etree.XMLSchema
) -> None:
    infrastructure.assertValid(registered)
    assert registered.get("id") == "Named"
    assert [registered.findtext("{*}type"), registered.findtext("{*}status")] == [
        "EXTENDED",
        "PENDING",
    ]


@pytest.mark.requirement("INF-XQR-001")
def test_a_status_that_the_consumer_sends_does_not_count(sis: Any) -> None:
    reply = register(sis, document(more="<type>SINGULAR</type><status>APPROVED</status>"))
    assert etree.fromstring(reply.content).findtext("{*}status") == "PENDING"


@pytest.mark.requirement("INF-XQR-001")
def test_a_known_id_is_refused_with_409(sis: Any, reader: Any, registered: object) -> None:
    assert register(sis, document()).status_code == 409
    assert register(reader, document(script="other")).status_code == 409


def test_everything_of_a_parameter_is_kept(sis: Any, infrastructure: etree.XMLSchema) -> None:
    told = (
        "<parameter><name>name</name><type>xs:string</type><default>A</default>"
        "<description>Who</description><required>false</required>"
        "<enumerations><enumeration><value>A</value><code>1</code></enumeration></enumerations>"
        "<range><start>-1</start><end>9</end></range>"
        "<minLength>1</minLength><maxLength>9</maxLength></parameter>"
    )
    entry = etree.fromstring(register(sis, document(parameters=told)).content)
    infrastructure.assertValid(entry)
    kept = entry.find("{*}parameters/{*}parameter")
    assert etree.tostring(kept).decode().replace(f' xmlns="{INF}"', "") == told


def test_the_script_is_kept_to_the_letter(registered: etree._Element) -> None:
    assert registered.findtext("{*}script") == etree.fromstring(f"<a>{SCRIPT}</a>").text


@pytest.mark.requirement("INF-XQR-002")
def test_a_list_of_parameters_that_lacks_one_is_refused(sis: Any) -> None:
    body = document(script="{:name:} {:grade:}")
    assert register(sis, body).status_code == 400
    assert register(sis, document(script="{:name:}", parameters="")).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        document(token=""),
        document(token="a/b"),
        document(token="xquery"),
        document(script="<a/>"),
        document(parameters="<parameter/>"),
        document(parameters="<parameter><name>name</name><required>so</required></parameter>"),
        document(parameters="<parameter><name>name</name><minLength>a</minLength></parameter>"),
        document(more=f"<description>{'a' * 1025}</description>"),
        f'<xquery xmlns="{INF}" id="a"/>'.encode(),
        f'<zone xmlns="{INF}" id="a"/>'.encode(),
        b"<xquery",
    ],
)
def test_what_is_no_xquery_is_refused(sis: Any, body: bytes) -> None:
    assert register(sis, body).status_code == 400
    assert sis.send("GET", "/requests/xquerys").status_code == 204


def test_a_missing_return_type_is_written_as_nil(sis: Any, infrastructure: Any) -> None:
    body = document().replace(b"<returnType>urn:x</returnType>", b"")
    infrastructure.assertValid(etree.fromstring(register(sis, body).content))


def test_the_entries_of_the_zone_are_shown_to_all_in_it(
    sis: Any, reader: Any, registered: etree._Element, infrastructure: etree.XMLSchema
) -> None:
    found = etree.fromstring(reader.send("GET", "/requests/xQueryTemplates").content)
    infrastructure.assertValid(found)
    assert [each.get("id") for each in found] == ["Named"]
    assert etree.tostring(found[0]) == etree.tostring(registered)


def test_an_entry_is_found_by_its_id(sis: Any, registered: etree._Element) -> None:
    reply = sis.send("GET", "/requests/xquerys/Named")
    assert reply.content == etree.tostring(registered)
    assert sis.send("GET", "/requests/xquerys/named").status_code == 404


def test_an_entry_stays_in_its_zone(sis: Any, registered: object) -> None:
    reply = sis.send("GET", "/requests/xquerys;zoneId=other-district")
    assert reply.status_code == 204


@pytest.mark.requirement("INF-XQR-003")
def test_an_entry_cannot_be_updated(sis: Any, registered: object) -> None:
    body = document(script="other", parameters="")
    assert sis.send("PUT", "/requests/xquerys/Named", body).status_code == 405


@pytest.mark.requirement("INF-XQR-003")
def test_only_who_registered_an_entry_may_delete_it(
    sis: Any, reader: Any, registered: object
) -> None:
    assert reader.send("DELETE", "/requests/xquerys/Named").status_code == 403
    assert sis.send("DELETE", "/requests/xquerys/Named").status_code == 204
    assert sis.send("DELETE", "/requests/xquerys/Named").status_code == 404


def test_a_deleted_id_can_be_taken_again(sis: Any, reader: Any, registered: object) -> None:
    sis.send("DELETE", "/requests/xquerys/Named")
    assert register(reader, document()).status_code == 201


@pytest.mark.requirement("INF-XQT-002")
def test_no_template_is_run_known_or_not(sis: Any, registered: object) -> None:
    assert run(sis, "/requests/Unknown?name=Ann") == 404
    assert run(sis, f"{TEMPLATE}Ann") == 404


@pytest.mark.requirement("INF-XQT-006", "NEG-060")
@pytest.mark.parametrize("value", ["'] or ['1'='1", "a}b", "doc(x)", "a/b", "%3Ca%3E", "(: :)"])
def test_a_parameter_that_could_change_the_script_is_refused(
    sis: Any, registered: object, value: str
) -> None:
    assert run(sis, f"{TEMPLATE}{value}") == 400


@pytest.mark.requirement("INF-XQT-006")
@pytest.mark.parametrize("value", ["Ann", "Ann%20Lee", "3.5", "-2.25", "", "%C3%89mile"])
def test_a_harmless_parameter_is_not_the_reason_for_a_refusal(
    sis: Any, registered: object, value: str
) -> None:
    assert run(sis, f"{TEMPLATE}{value}") == 404


@pytest.mark.requirement("INF-XQR-002")
@pytest.mark.parametrize("query", ["", "?name=Ann&other=1", "?name=Ann&where=[a=1]"])
def test_parameters_that_do_not_fit_are_refused(sis: Any, registered: object, query: str) -> None:
    assert run(sis, f"/requests/Named{query}") == 400


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
def test_a_template_can_only_be_queried(sis: Any, verb: str) -> None:
    reply = sis.send(verb, "/requests/Named", b"<a/>", serviceType="XQUERYTEMPLATE")
    assert reply.status_code == 405
