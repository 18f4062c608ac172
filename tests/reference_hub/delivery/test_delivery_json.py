"""SIF is pushed in JSON to a vendor that speaks it, and says there what XML says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from fixtures.generate import student
from fixtures.writers import goessner, pesc, xpress
from fixtures.writers.shapes import shapes
from fixtures.writers.xpress import persons
from reference_hub.codec import xml
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from tests.reference_hub.delivery.district import District, change
from tests.reference_hub.delivery.json_vendor import JsonVendor
from tests.reference_hub.delivery.test_delivery_classics import STATED, objects
from tests.reference_hub.delivery.test_delivery_classics import change as changed
from tests.reference_hub.listening import listening_at

NIL: dict[str, Any] = {"pesc": None, "goessner": {"@xsi:nil": "true"}}
REFID = {"pesc": "refId", "goessner": "@refId"}
Joined = tuple[District, JsonVendor]


@pytest.fixture(params=["pesc", "goessner"])
def vendor(request: pytest.FixtureRequest) -> Iterator[tuple[JsonVendor, str]]:
    """A vendor of each notation, and its address."""
    app = JsonVendor(request.param)
    with listening_at(app) as url:
        yield app, url


@pytest.fixture
def joined(district: District, vendor: tuple[JsonVendor, str]) -> Joined:
    """A district that asks for no POD and is connected to the vendor."""
    join(district, vendor)
    return district, vendor[0]


def join(district: District, vendor: tuple[JsonVendor, str], **given: Any) -> int:
    """Connect the district to the vendor; the number of the vendor."""
    app, url = vendor
    vendor_id = district.vendor(policy=given.pop("policy", "off"))
    terms = {"notation": app.notation} | given.pop("terms", {})
    district.connect(vendor_id, url, delivery=terms, **given)
    return vendor_id


def written(notation: str, index: int) -> Any:
    """A student as the generator writes it in that notation."""
    node = persons.student(student(5, index))
    text = (
        goessner.text(node) if notation == "goessner" else pesc.text(node, shapes("unity-4.3-kit"))
    )
    return json.loads(text)


def without_middle_name(index: int) -> Change:
    """An update that takes the middle name away."""
    element = xpress.student(student(5, index))
    (name,) = element.findall("{*}name/{*}middleName")
    name.getparent().remove(name)  # type: ignore[union-attr]
    return change(index, UPDATE, xml.tostring(element))


def named(index: int) -> Change:
    """A student that has a middle name."""
    element = xpress.student(student(5, index))
    if element.find("{*}name/{*}middleName") is None:
        given = element.find("{*}name/{*}givenName")
        assert given is not None
        middle = etree.Element(str(given.tag).replace("givenName", "middleName"))
        middle.text = "Zoë"
        given.addnext(middle)
    return change(index, CREATE, xml.tostring(element))


@pytest.mark.requirement("INF-FMT-013", "INF-FMT-014")
def test_a_student_arrives_as_the_generator_writes_it(joined: Joined) -> None:
    district, app = joined
    district.accept(change(1))
    district.deliver()
    (request,) = app.data()
    assert (request.method, request.path) == ("POST", "/requests/xStudents/xStudent")
    assert request.told == written(app.notation, 1)
    assert district.states() == [("CREATE", "done", "")]


@pytest.mark.requirement("INF-FMT-018")
def test_headers_name_the_notation(joined: Joined) -> None:
    district, app = joined
    district.accept(change(1))
    district.deliver()
    opened, pushed = (each.headers for each in app.heard)
    model, infrastructure = (
        f"urn:sif:{name}+{app.notation}" for name in ("data/na/4.x", "inf/global/3.3")
    )
    assert {each["content-type"] for each in (opened, pushed)} == {"application/json"}
    assert {each["accept"] for each in (opened, pushed)} == {"application/json"}
    assert (opened["content-profile"], pushed["content-profile"]) == (infrastructure, model)
    assert pushed["accept-profile"] == f"{model},{infrastructure}"


def test_the_environment_is_asked_for_in_json_and_kept(joined: Joined) -> None:
    district, app = joined
    district.accept(change(1))
    district.deliver()
    district.accept(change(2))
    district.deliver()
    (opened,) = [each for each in app.heard if "environments" in each.path]
    wish = opened.told["environment"]
    assert wish["instanceId"].startswith("connection-")
    assert wish["applicationInfo"]["applicationKey"] == "demo-vendor"
    assert district.query("SELECT session ->> 'token' FROM subscriber") == [("a token",)]


def test_a_cleared_field_is_nil_and_a_delete_has_no_body(joined: Joined) -> None:
    district, app = joined
    district.accept(named(1))
    district.accept(without_middle_name(1))
    district.accept(change(1, DELETE))
    district.deliver()
    _, update, delete = app.data()
    assert update.told["xStudent"]["name"]["middleName"] == NIL[app.notation]
    assert (update.method, delete.method, delete.body) == ("PUT", "DELETE", b"")
    assert "content-type" not in delete.headers or not delete.headers["content-type"]
    assert [state for _, state, _ in district.states()] == ["done"] * 3


def test_a_pod_arrives_in_json_and_is_acknowledged(
    district: District, vendor: tuple[JsonVendor, str]
) -> None:
    app, _ = vendor
    pod = district.issue(join(district, vendor, policy="required"))
    district.deliver()
    (pushed,) = [each for each in app.heard if "pods" in each.path]
    told = pushed.told[0]["pod"] if app.notation == "pesc" else pushed.told["pod"]
    assert told["podToken"] == pod.token
    assert told["id" if app.notation == "pesc" else "@id"].lower() == pod.id
    assert district.query("SELECT status FROM pod") == [("Live",)]


def test_a_signed_record_over_the_pod_in_json_is_heard(district: District) -> None:
    app = JsonVendor("pesc", signs=True)
    with listening_at(app) as url:
        district.issue(join(district, (app, url), policy="required"))
        district.deliver()
    assert district.query("SELECT status FROM pod") == [("Live",)]


def test_an_error_in_json_is_taken_for_what_it_is(joined: Joined) -> None:
    district, app = joined
    error = {"error": {"code": 409, "scope": "Create", "message": "It is there."}}
    app.answers = [(409, error), (200, None), (400, error)]
    district.accept(change(1))
    district.accept(change(2))
    district.deliver()
    assert [each.method for each in app.data()] == ["POST", "PUT", "POST"]
    assert district.states() == [
        ("CREATE", "done", ""),
        ("CREATE", "dead", "the vendor answered 400"),
    ]


def test_another_id_in_the_answer_is_seen(joined: Joined) -> None:
    district, app = joined
    other = "11111111-2222-4333-8444-555555555555"
    app.answers = [(201, {"xStudent": {REFID[app.notation]: other}})]
    district.accept(change(1))
    district.deliver()
    assert district.states() == [("CREATE", "dead", "the vendor gave it another RefId")]


def test_a_translated_object_arrives_in_json_too(
    district: District, vendor: tuple[JsonVendor, str]
) -> None:
    app, _ = vendor
    types = ["xLea", "xSchool", "xStudent"]
    join(district, vendor, format="sif-unity", objects=types, terms=STATED)
    found = objects()
    district.accept(*(changed(each) for each in found))
    district.deliver()
    (pushed,) = [each for each in app.heard if each.path.endswith("StudentPersonal")]
    (source,) = [each for each in found if xml.local_name(each) == "xStudent"]
    name = pushed.told["StudentPersonal"]["Name"]
    assert name["LastName"] == source.findtext("{*}name/{*}familyName")
    assert name["FirstName"] == source.findtext("{*}name/{*}givenName")


def test_many_objects_of_one_request_are_told_of_in_json(
    district: District, vendor: tuple[JsonVendor, str]
) -> None:
    app, _ = vendor
    types = ["xLea", "xSchool", "xStudent"]
    join(district, vendor, format="sif-unity", objects=types, terms=STATED)
    district.accept(*(changed(each) for each in objects(6)))
    district.deliver()
    (pushed,) = [each for each in app.heard if "StudentPersonals" in each.path]
    assert len(pushed.told["StudentPersonals"]["StudentPersonal"]) == 6
    kept = "SELECT count(sent_body) FROM target_row WHERE collection = 'StudentPersonal'"
    assert district.query(kept) == [(6,)]
