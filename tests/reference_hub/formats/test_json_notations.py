"""What the two JSON notations look like, and the ways of writing them that are taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from reference_hub.codec import json_goessner, json_pesc
from reference_hub.codec.json_evidence import evidence
from reference_hub.codec.json_text import dumps, loads
from reference_hub.codec.pesc_shape import NOTHING, Shapes
from reference_hub.codec.pesc_shape_infrastructure import infrastructure_shapes
from reference_hub.codec.pesc_shape_xsd import shapes_of
from reference_hub.codec.xml import MalformedDocument

INF = "http://www.sifassociation.org/infrastructure/3.3"
NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SHAPES = infrastructure_shapes()
CREATED = f"""<createResponse xmlns="{INF}"><creates>
  <create id="7a" advisoryId="row-2" statusCode="201"/></creates></createResponse>"""
RIGHTS = f"""<service xmlns="{INF}" type="OBJECT" name="xStudents" contextId="DEFAULT"><rights>
  <right type="QUERY">APPROVED</right><right type="CREATE">REJECTED</right></rights></service>"""


def goessner(xml: str) -> object:
    return json.loads(dumps(json_goessner.write(etree.fromstring(xml))))


def pesc(xml: str, shapes: Shapes = SHAPES) -> object:
    return json.loads(dumps(json_pesc.write(etree.fromstring(xml), shapes)))


def from_goessner(value: object, shapes: Shapes = SHAPES) -> str:
    root = json_goessner.read(loads(json.dumps(value).encode()), INF, shapes)
    return etree.tostring(root, encoding="unicode").replace(f' xmlns="{INF}"', "")


def from_pesc(value: object, namespace: str = INF, shapes: Shapes = SHAPES) -> str:
    root = json_pesc.read(loads(json.dumps(value).encode()), namespace, shapes)
    return etree.tostring(root, encoding="unicode").replace(f' xmlns="{namespace}"', "")


@pytest.mark.requirement("INF-FMT-021")
def test_goessner_marks_attributes_and_unwraps_single_values() -> None:
    create = {"@id": "7a", "@advisoryId": "row-2", "@statusCode": "201"}
    assert goessner(CREATED) == {"createResponse": {"creates": {"create": create}}}


@pytest.mark.requirement("INF-FMT-021")
def test_goessner_puts_text_beside_attributes() -> None:
    assert goessner(RIGHTS)["service"]["rights"]["right"] == [  # type: ignore[index]
        {"@type": "QUERY", "#text": "APPROVED"},
        {"@type": "CREATE", "#text": "REJECTED"},
    ]


def test_goessner_knows_texts_and_null_only() -> None:
    queue = f'<queue xmlns="{INF}"><name/><messageCount>0</messageCount></queue>'
    assert goessner(queue) == {"queue": {"name": None, "messageCount": "0"}}


@pytest.mark.requirement("INF-FMT-022")
def test_pesc_has_plain_members_and_arrays_for_what_may_repeat() -> None:
    create = [{"id": "7a", "advisoryId": "row-2", "statusCode": "201"}]
    assert pesc(CREATED) == {"createResponse": {"creates": {"create": create}}}


@pytest.mark.requirement("TRN-PR-15", "INF-FMT-022")
def test_pesc_types_numbers_and_booleans() -> None:
    phase = "<phase><name>a</name><required>1</required></phase>"
    job = f'<job xmlns="{INF}"><phases>{phase}</phases></job>'
    queue = f'<queue xmlns="{INF}"><name>7</name><messageCount> 0 </messageCount></queue>'
    assert pesc(job) == {"job": {"phases": {"phase": [{"name": "a", "required": True}]}}}
    assert pesc(queue) == {"queue": {"name": "7", "messageCount": 0}}


@pytest.mark.requirement("INF-FMT-022")
def test_pesc_calls_text_value_whenever_the_type_declares_an_attribute() -> None:
    services = "<infrastructureServices><infrastructureService>u</infrastructureService>"
    xml = f'<environment xmlns="{INF}">{services}</infrastructureServices></environment>'
    found = pesc(xml)["environment"]["infrastructureServices"]  # type: ignore[index]
    assert found == {"infrastructureService": [{"value": "u"}]}


def test_pesc_writes_nil_as_null_and_empty_as_text_or_object(kit: Shapes) -> None:
    inner = '<localId xsi:nil="true"/><name/><otherIds/><stateProvinceId/>'
    xml = f'<xStudent xmlns="{NA4}" xmlns:xsi="{XSI}">{inner}</xStudent>'
    written = pesc(xml, kit)
    assert written == {
        "xStudent": {"localId": None, "name": {}, "otherIds": {}, "stateProvinceId": ""}
    }
    assert 'localId xmlns:xsi="' in from_pesc(written, NA4, kit)


def test_pesc_underlines_an_attribute_that_clashes(tmp_path: Path) -> None:
    file = tmp_path / "clash.xsd"
    file.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:c">'
        '<xs:element name="a"><xs:complexType><xs:sequence><xs:element name="x" type="xs:string"/>'
        '</xs:sequence><xs:attribute name="x" type="xs:int"/>'
        '<xs:attribute name="value" type="xs:string"/></xs:complexType></xs:element></xs:schema>'
    )
    shapes = shapes_of(file)
    value = {"a": {"_x": 1, "_value": "v", "x": "child"}}
    xml = '<a x="1" value="v"><x>child</x></a>'
    assert pesc(xml.replace("<a", '<a xmlns="urn:c"', 1), shapes) == value
    assert from_pesc(value, "urn:c", shapes) == xml


@pytest.mark.requirement("INF-FMT-022")
def test_pesc_of_the_working_group_and_its_lists_of_values(standards: Path) -> None:
    folder = standards / "samples" / "json-tf"
    shapes = shapes_of(folder / "jsontrans.xsd")
    written = pesc((folder / "jsontrans.xml").read_text("utf-8").partition("?>")[2], shapes)
    element = written["element1"]  # type: ignore[index]
    assert element["element2"] == [["a", "b", "c"]]
    assert element["element4"] == {"attribute2": 2, "attribute3": "3", "value": "text4"}
    assert (element["element5"], element["element6"]) == (3, "4")
    assert element["element7"] == {"value": 3.14}
    assert element["element9"]["element11"] == [None]


@pytest.mark.requirement("NEG-032")
@pytest.mark.parametrize("notation", ["GOESSNER", "PESC"])
def test_the_environment_of_the_java_framework_is_written_alike(
    infra_samples: Path, notation: str
) -> None:
    stem = "java__TestData__xml__input__environment"
    xml = etree.fromstring((infra_samples / f"{stem}.xml").read_bytes())
    value = json_pesc.write(xml, SHAPES) if notation == "PESC" else json_goessner.write(xml)
    assert json.loads(dumps(value)) == json.loads(
        (infra_samples / f"{stem}-{notation}.json").read_text()
    )


@pytest.mark.requirement("NEG-032")
def test_the_published_errors_and_responses_are_read_and_written_again(infra_samples: Path) -> None:
    for path in sorted(infra_samples.glob("common__[er]*.pesc.json")):
        root = json_pesc.read(loads(path.read_bytes()), INF, SHAPES)
        assert json.loads(dumps(json_pesc.write(root, SHAPES))) == json.loads(path.read_text())


def test_lists_that_a4l_writes_as_arrays_of_objects_are_read(infra_samples: Path) -> None:
    body = (infra_samples / "common__resp-deleteMultiExamples.goessner.json").read_bytes()
    root = json_goessner.read(loads(body), INF, SHAPES)
    codes = [each.get("statusCode") for each in root.findall("{*}deletes/{*}delete")]
    assert codes == ["204", "404", "204"]


@pytest.mark.parametrize("shapes", [SHAPES, NOTHING])
def test_an_array_of_objects_is_their_collection(shapes: Shapes) -> None:
    value = [{"alert": {"reporter": "a"}}, {"alert": {"reporter": "b"}}]
    alerts = (f"<alert><reporter>{name}</reporter></alert>" for name in "ab")
    expected = f"<alerts>{''.join(alerts)}</alerts>"
    assert from_goessner(value, shapes) == expected
    assert from_goessner({"alerts": value}, shapes) == expected
    assert from_pesc(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"queue": {"@id": "1", "idleTimeout": 5, "messageCount": "0"}},
        {"queue": {"id": "1", "messageCount": 0, "idleTimeout": {"value": "5"}}},
        {"queue": {"id": "1", "messageCount": [0], "idleTimeout": ["5"]}},
    ],
)
def test_pesc_is_read_leniently(value: object) -> None:
    expected = '<queue id="1"><idleTimeout>5</idleTimeout><messageCount>0</messageCount></queue>'
    assert from_pesc(value) == expected


def test_pesc_reads_a_lone_object_where_an_array_belongs() -> None:
    value = {"deleteRequest": {"deletes": {"delete": {"id": "1"}}}}
    assert from_pesc(value) == '<deleteRequest><deletes><delete id="1"/></deletes></deleteRequest>'


def test_goessner_takes_nil_with_and_without_its_prefix() -> None:
    for name in ("@nil", "@xsi:nil"):
        assert 'xsi:nil="true"/>' in from_goessner({"queue": {"name": {name: "true"}}})


def test_a_namespace_in_the_document_stands_before_the_supposed_one() -> None:
    value = loads(b'{"xStudent": {"@xmlns": "urn:own", "localId": "1"}}')
    assert json_goessner.read(value, NA4)[0].tag == "{urn:own}localId"


def test_pesc_without_a_schema_is_refused_rather_than_guessed() -> None:
    with pytest.raises(MalformedDocument, match="schema"):
        json_pesc.read(loads(b'{"Thing": {"RefId": "1"}}'), NA4, NOTHING)


def test_pesc_without_a_schema_still_writes_lists_as_arrays() -> None:
    xml = '<Things><Thing RefId="1"><IdList><Id Type="x">7</Id></IdList></Thing></Things>'
    thing = {"RefId": "1", "IdList": {"Id": [{"Type": "x", "value": "7"}]}}
    assert pesc(xml, NOTHING) == {"Things": {"Thing": [thing]}}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": "1", "b": "2"},
        [],
        ["a"],
        "a",
        None,
        {"queue": [[]]},
        {"queue": {"na me": "1"}},
        {"queue": {"<x/>": "1"}},
        {"queue": {"": "1"}},
        {"queue": {"p:x": "1"}},
        {"queue": {"@p:x": "1"}},
        {"queue": {"@id": {"a": "b"}}},
        {"queue": {"#text": ["a"]}},
        {"queue": {"name": "a\u0000b"}},
        {"queue": {"name": "\ud800"}},
        {"queue": {"name": "\uffff"}},
        {"1queue": {}},
        {"queue": {"@xmlns": "{}"}},
    ],
)
def test_what_cannot_be_an_element_is_refused(value: object) -> None:
    body = loads(json.dumps(value).encode())
    with pytest.raises(MalformedDocument):
        json_goessner.read(body, INF, SHAPES)
    with pytest.raises(MalformedDocument):
        json_pesc.read(body, INF, SHAPES)


@pytest.mark.requirement("INF-FMT-023")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"queue": {"@id": "1"}}, "goessner"),
        ({"queue": {"id": "1"}}, "pesc"),
        ({"service": {}}, ""),
        ({"queue": {"polling": "IMMEDIATE"}}, ""),
        ({"deleteRequest": {"deletes": {"delete": [{"id": "1"}]}}}, "pesc"),
        ({"deleteRequest": {"deletes": {"delete": [{"@id": "1"}]}}}, "goessner"),
        ({"zone": {"properties": {"property": [{"value": "a"}]}}}, "pesc"),
        ({"zone": {"properties": {"property": {"#text": "a"}}}}, "goessner"),
    ],
)
def test_the_content_shows_its_notation(value: object, expected: str) -> None:
    assert evidence(loads(json.dumps(value).encode()), SHAPES) == expected
