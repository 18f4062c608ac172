"""SIF of the other model is pushed: created, updated with what is gone named, deleted."""

from __future__ import annotations

from lxml import etree

from conformance.simulators import serve
from conformance.simulators.message import Response
from fixtures.generate import Plan
from fixtures.writers import notation
from fixtures.writers.models import MODELS
from reference_hub.codec import xml
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from tests.reference_hub.delivery.district import District, Vendor

TYPES = ("xLea", "xSchool", "xStudent")
STATED = {"operational_since": "2001-09-01", "days_in_session": "180", "school_year": "2027"}


def objects(students: int = 1) -> list[etree._Element]:
    """LEA, schools and students as xPress."""
    found = MODELS["xpress-4.3"].collections(Plan(5, students, 2))
    names = {f"{kind}s": kind for kind in TYPES}
    return [
        each
        for name, nodes in found.items()
        if name in names
        for each in etree.fromstring(
            b"".join(notation.stream(name, nodes, MODELS["xpress-4.3"].namespace))
        )
    ]


def change(element: etree._Element, action: str = CREATE) -> Change:
    """A change of an object."""
    body = None if action == DELETE else xml.tostring(element)
    return Change(action, xml.local_name(element), xml.fold(xml.refid_of(element)), body)


def test_a_classic_vendor_follows_xpress_objects(district: District) -> None:
    found = objects()
    student = next(each for each in found if xml.local_name(each) == "xStudent")
    app = Vendor()
    # The simulated product keeps xPress; here it only has to say yes.
    app.serves(Response(status=201), times=100)
    with serve(app) as handle:
        vendor_id = district.vendor(policy="off")
        district.connect(
            vendor_id, handle.url, format="sif-unity", objects=list(TYPES), delivery=STATED
        )
        district.accept(*(change(each) for each in found))
        district.deliver()
        made = [x for x in app.actions() if x[1] == "StudentPersonal"]
        assert made == [("POST", "StudentPersonal")]
        name = student.find("{*}name/{*}middleName")
        assert name is not None
        name.getparent().remove(name)  # type: ignore[union-attr]
        app.seen.clear()
        district.accept(change(student, UPDATE))
        district.deliver()
        (request,) = app.data()
        assert request.method == "PUT"
        gone = etree.fromstring(request.body).find(".//{*}Name/{*}MiddleName")
        assert gone is not None
        assert gone.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"
        app.seen.clear()
        district.accept(change(student, DELETE))
        district.deliver()
        kinds = {x.method for x in app.data() if "StudentPersonals" in x.segments}
        assert kinds == {"DELETE"}
