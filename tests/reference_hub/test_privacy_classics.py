"""Of a district of classics a vendor gets what its agreement grants, no more, and all of it that
makes a valid object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from lxml import etree
from sqlalchemy import Engine

from conformance.simulators import serve
from fixtures import pods
from fixtures.district.plan import Plan
from fixtures.leaves import values
from fixtures.writers import notation, unity
from fixtures.writers.tree import Node
from reference_hub.codec import xml
from reference_hub.model.change import CREATE, Change
from reference_hub.privacy.filter import Grants
from tests.reference_hub.delivery.district import District as Store
from tests.reference_hub.outgoing import Taker
from tests.reference_hub.privacy.drawing import District, Drawn, kept

# From 500 students on there is every awkward one.
PLAN = Plan(5, 500, 2)
SENSITIVE = (
    "StudentPersonal/SIF_ExtendedElements/SIF_ExtendedElement",
    "StudentPersonal/AlertMessages/AlertMessage",
    "StudentPersonal/MedicalAlertMessages/MedicalAlertMessage",
    "StudentPersonal/IDEA",
    "StudentSpecialEducationSummary/@StudentPersonalRefId",
    "StudentMeal/@StudentPersonalRefId",
    "DisciplineIncident/IncidentDescription",
    "StudentParticipation/ExceptionalityCategories/ExceptionalityCategory/Code",
    "StudentScoreSet/Scores/Score/ScoreValue",
)


@pytest.fixture(scope="module")
def members() -> list[Node]:
    """So many objects that there is every path that the district has."""
    return [node for nodes in unity.collections(PLAN).values() for node in covering(nodes)]


def covering(nodes: Iterable[Node]) -> Iterator[Node]:
    """The objects that have a path which none before them has."""
    seen = set[str]()
    for node in nodes:
        paths = {path for path, _ in values(node)}
        if not paths <= seen:
            seen |= paths
            yield node


def pushed(
    store: Engine, members: list[Node], granted: tuple[str, ...]
) -> Iterator[etree._Element]:
    """What a vendor with this grant is sent of the objects."""
    district, vendor = Store(store), Taker()
    with serve(vendor) as handle:
        vendor_id = district.vendor()
        types = sorted({tag for tag, _, _ in members})
        district.connect(vendor_id, handle.url, objects=types)
        district.issue(vendor_id, granted, acknowledged=True)
        elements = [notation.element(node, unity.NAMESPACE) for node in members]
        district.accept(*map(created, elements))
        district.deliver(limit=500)
    for request in vendor.data():
        root = etree.fromstring(request.body)
        yield from [root] if xml.refid_of(root) else root


def created(element: etree._Element) -> Change:
    """An object that comes into being."""
    refid = xml.fold(xml.refid_of(element))
    return Change(CREATE, xml.local_name(element), refid, xml.tostring(element))


def leaves(element: etree._Element, around: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of all attributes and leaves; nil is no value."""
    path = f"{around}/{xml.local_name(element)}" if around else xml.local_name(element)
    for name in map(str, element.attrib):
        if not name.startswith("{"):
            yield f"{path}/@{name}", element.get(name, "")
    if not len(element) and element.text:
        yield path, element.text
    for child in element:
        yield from leaves(child, path)


@pytest.mark.parametrize("name", pods.AGREEMENTS)
def test_of_classics_leaves_what_is_granted_and_all_of_it(
    store: Engine, members: list[Node], name: str
) -> None:
    granted = pods.granted_paths(pods.agreement(name), "unity")
    there = Counter(pair for node in members for pair in values(node))
    assert set(SENSITIVE) <= {path for path, _ in there}
    gone = Counter(pair for each in pushed(store, members, granted) for pair in leaves(each))
    case = Drawn(District("unity-4.3", PLAN.seed, {}), Grants(granted))
    valid = (kept(node, case) for node in members)
    assert gone == Counter(pair for node in valid if node for pair in values(node))
    paths = {path for path, _ in gone}
    assert "StudentSchoolEnrollment/EntryDate" in paths
    # What the model demands and nobody granted keeps the whole object back.
    assert ("StudentPersonal/Name/LastName" in paths) == ("StudentPersonal/LocalId" in granted)
    assert not paths & set(SENSITIVE)
