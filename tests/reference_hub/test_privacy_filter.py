"""Pruning: nothing ungranted survives, everything granted is whole, the rest stays valid."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element

from fixtures import pods
from fixtures.writers import xpress
from reference_hub.codec.xml import children, local_name, parse
from reference_hub.privacy.filter import Grants, prune, touches
from tests.reference_hub.districts import generate

NS = f'xmlns="{xpress.NA4}"'
XSD = "http://www.w3.org/2001/XMLSchema"


@cache
def objects() -> tuple[_Element, ...]:
    """A few objects of every kind the generator writes."""
    district = generate(5, students=4, schools=1)
    found = (each for _, root in xpress.documents(district) for each in list(root)[:4])
    return tuple(parse(etree.tostring(each)) for each in found)


def leaves(element: _Element, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of every attribute and every element with text."""
    here = f"{path}/{local_name(element)}" if path else local_name(element)
    for name, value in element.attrib.items():
        yield f"{here}/@{name!s}", str(value)
    inner = children(element)
    if element.text and not inner:
        yield here, element.text
    for child in inner:
        yield from leaves(child, here)


def covered(path: str, grants: tuple[str, ...]) -> bool:
    return any(path == grant or path.startswith(f"{grant}/") for grant in grants)


def canonical(element: _Element) -> bytes:
    return bytes(etree.tostring(element, method="c14n"))


@st.composite
def cut(draw: st.DrawFn) -> tuple[_Element, tuple[str, ...]]:
    """An object and a random set of its paths, on every level."""
    element = draw(st.sampled_from(objects()))
    known = sorted({path for leaf, _ in leaves(element) for path in prefixes(leaf)})
    return element, tuple(draw(st.lists(st.sampled_from(known), max_size=12)))


def prefixes(path: str) -> Iterator[str]:
    steps = path.split("/")
    yield from ("/".join(steps[:end]) for end in range(1, len(steps) + 1))


@given(cut())
@settings(max_examples=200, deadline=None)
def test_no_ungranted_leaf_survives(drawn: tuple[_Element, tuple[str, ...]]) -> None:
    element, grants = drawn
    pruned = prune(element, Grants(grants))
    left = [] if pruned is None else list(leaves(pruned))
    assert [path for path, _ in left if not covered(path, grants)] == []


@given(cut())
@settings(max_examples=200, deadline=None)
def test_what_is_left_is_a_part_of_the_input(drawn: tuple[_Element, tuple[str, ...]]) -> None:
    element, grants = drawn
    pruned = prune(element, Grants(grants))
    left = [] if pruned is None else list(leaves(pruned))
    given_leaves = list(leaves(element))
    assert all(left.count(leaf) <= given_leaves.count(leaf) for leaf in left)


@given(cut())
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_left_is_valid(
    strict: etree.XMLSchema, drawn: tuple[_Element, tuple[str, ...]]
) -> None:
    element, grants = drawn
    pruned = prune(element, Grants(grants))
    if pruned is not None:
        strict.assertValid(parse(etree.tostring(pruned)))


@pytest.fixture(scope="session")
def strict(standards: Path) -> etree.XMLSchema:
    """Unity 4.3 as published, with the patch that makes it load."""
    folder = standards / "schemas" / "patched" / "unity-4.3-strict"
    return etree.XMLSchema(etree.parse(str(folder / "SIF_Message.xsd")))


def test_granting_everything_gives_the_input() -> None:
    for element in objects():
        pruned = prune(element, Grants((local_name(element),)))
        assert pruned is not None
        assert canonical(pruned) == canonical(element)


def test_granting_every_leaf_gives_every_leaf() -> None:
    for element in objects():
        pruned = prune(element, Grants(tuple(path for path, _ in leaves(element))))
        assert pruned is not None
        assert list(leaves(pruned)) == list(leaves(element))


@pytest.mark.parametrize("name", pods.AGREEMENTS)
def test_each_agreement_leaves_students_valid(name: str, strict: etree.XMLSchema) -> None:
    grants = Grants(pods.granted_paths(pods.agreement(name), style="xpress"))
    for element in objects():
        pruned = prune(element, grants)
        if pruned is not None:
            strict.assertValid(parse(etree.tostring(pruned)))


XSI = "http://www.w3.org/2001/XMLSchema-instance"
MARK = "zelda"
CONTAINER = "xStudent/SIF_ExtendedElements"


@st.composite
def strewn(draw: st.DrawFn) -> tuple[_Element, tuple[str, ...]]:
    """An object with foreign namespaces, prefixes and attributes strewn in, all holding MARK."""
    element, grants = draw(cut())
    sent = f'<d:wrapper xmlns:d="{xpress.NA4}" xmlns:zelda1="urn:zelda1" xmlns:xsi="{XSI}"/>'
    wrapper = etree.fromstring(sent)
    wrapper.append(parse(etree.tostring(element)))
    inside = wrapper[0]
    for node in draw(st.lists(st.sampled_from(list(inside.iter())), max_size=6)):
        kind = draw(st.sampled_from(["element", "attribute", "xsi", "type", "prefix"]))
        if kind == "element":
            etree.SubElement(node, "{urn:zelda1}name").text = MARK
        elif kind == "prefix":
            etree.SubElement(node, f"{{{xpress.NA4}}}name", nsmap={"zelda2": "urn:zelda2"})
        elif kind == "attribute":
            node.set("{urn:zelda1}refId", MARK)
        else:
            named = draw(st.sampled_from(["type", "schemaLocation", "zelda"]))
            node.set(f"{{{XSI}}}{named}", f"zelda1:{MARK}")
    return inside, grants


@given(strewn())
@settings(max_examples=300, deadline=None)
def test_no_foreign_namespace_prefix_or_attribute_survives(
    drawn: tuple[_Element, tuple[str, ...]],
) -> None:
    element, grants = drawn
    pruned = prune(element, Grants(grants))
    if pruned is None:
        return
    uris = {uri for each in pruned.iter() for uri in each.nsmap.values()}
    assert uris <= {xpress.NA4, XSI}
    named = {str(name) for each in pruned.iter() for name in each.attrib if f"{{{XSI}" in str(name)}
    assert named <= {f"{{{XSI}}}nil", f"{{{XSI}}}type"}
    assert MARK not in etree.tostring(pruned).decode()


@pytest.mark.parametrize(
    ("inner", "left"),
    [
        ('<n xsi:nil="true" xsi:schemaLocation="z"/>', f'<n xmlns:xsi="{XSI}" xsi:nil="true"/>'),
        ('<n xsi:type="T"/>', f'<n xmlns:xsi="{XSI}" xsi:type="T"/>'),
        ('<n xsi:type="d:T"/>', f'<n xmlns:xsi="{XSI}" xmlns:d="{xpress.NA4}" xsi:type="d:T"/>'),
        ('<n xsi:type="z:T"/>', "<n/>"),
        ('<n z:a="1" b="2" xml:lang="en"/>', '<n b="2" xml:lang="en"/>'),
        ("<z:n>x</z:n><n/>", "<n/>"),
        ('<d:n a="1"/>', '<n a="1"/>'),
    ],
)
def test_only_the_data_model_s_namespace_passes(inner: str, left: str) -> None:
    declared = f'{NS} xmlns:d="{xpress.NA4}" xmlns:z="urn:z" xmlns:xsi="{XSI}"'
    sent = f'<xStudent {declared} xsi:schemaLocation="a b" refId="1">{inner}</xStudent>'
    pruned = prune(parse(sent.encode()), Grants(("xStudent",)))
    assert pruned is not None
    expected = parse(f'<xStudent {NS} refId="1">{left}</xStudent>'.encode())
    assert attributes_and_names(pruned) == attributes_and_names(expected)
    assert b"urn:z" not in etree.tostring(pruned)
    assert (b"xmlns:d=" in etree.tostring(pruned)) == ("d:T" in left)


def attributes_and_names(element: _Element) -> list[tuple[str, dict[str, str]]]:
    return [
        (str(each.tag), {str(name): str(value) for name, value in each.attrib.items()})
        for each in element.iter()
    ]


@pytest.mark.parametrize(
    "foreign",
    ['<z:a xmlns:z="urn:z" z:b="1">x</z:a>', '<a xmlns="urn:z" b="1">x</a>'],
)
def test_a_granted_container_may_hold_what_is_foreign(foreign: str) -> None:
    inner = f"<SIF_ExtendedElements>{foreign}</SIF_ExtendedElements>"
    sent = f'<xStudent {NS} xmlns:q="urn:q" refId="1">{inner}</xStudent>'
    pruned = prune(parse(sent.encode()), Grants(("xStudent", CONTAINER)))
    assert pruned is not None
    expected = f'<xStudent {NS} refId="1">{inner}</xStudent>'
    assert canonical(pruned) == canonical(parse(expected.encode()))


def test_a_part_of_a_container_may_not() -> None:
    part = '<SIF_ExtendedElements><e>x<z:a xmlns:z="urn:z">y</z:a></e></SIF_ExtendedElements>'
    sent = f'<xStudent {NS} refId="1">{part}</xStudent>'
    pruned = prune(parse(sent.encode()), Grants(("xStudent/@refId", f"{CONTAINER}/e")))
    assert pruned is not None
    assert b"urn:z" not in etree.tostring(pruned)
    assert pruned.findtext(".//{*}e") == "x"


def test_the_input_is_not_changed() -> None:
    for element in objects():
        before = canonical(element)
        prune(element, Grants((f"{local_name(element)}/name",)))
        assert canonical(element) == before


CASES = {
    "no grant": ((), ""),
    "another object": (("xStaff",), ""),
    "empty paths grant nothing": (("", "/", " "), ""),
    "a prefix of a name is no path": (
        ("xStudent/na", "xStudent/@refId"),
        f'<xStudent {NS} refId="1"/>',
    ),
    "a wildcard is no path": (("xStudent/*", "*", "//name"), ""),
    "an ancestor brings no text and no attributes": (
        ("xStudent/@refId", "xStudent/name/givenName"),
        f'<xStudent {NS} refId="1"><name><givenName>A</givenName></name></xStudent>',
    ),
    "a parent that loses a mandatory child goes": (
        ("xStudent/@refId", "xStudent/email/emailType"),
        f'<xStudent {NS} refId="1"/>',
    ),
    "without its id the object goes": (("xStudent/name",), ""),
    "a container passes only by name": (
        ("xStudent/@refId", "xStudent/SIF_ExtendedElements"),
        f'<xStudent {NS} refId="1"><SIF_ExtendedElements>x</SIF_ExtendedElements></xStudent>',
    ),
}
SAMPLE = (
    f'<xStudent {NS} refId="1">text<!-- comment --><?pi value?>'
    '<name kind="k">mixed<familyName>B</familyName><givenName>A<!-- c --></givenName></name>'
    "<email><emailType>Home</emailType><emailAddress>a@b.example</emailAddress></email>"
    "<SIF_ExtendedElements>x</SIF_ExtendedElements></xStudent>"
)


@pytest.mark.parametrize("case", CASES)
def test_pruning(case: str) -> None:
    grants, expected = CASES[case]
    pruned = prune(parse(SAMPLE.encode()), Grants(grants))
    assert ("" if pruned is None else etree.tostring(pruned).decode()) == expected


def test_a_grant_of_the_whole_leaves_containers_and_comments_out() -> None:
    pruned = prune(parse(SAMPLE.encode()), Grants(("xStudent",)))
    assert pruned is not None
    written = etree.tostring(pruned)
    assert not [word for word in (b"comment", b"<?pi", b"SIF_Extended") if word in written]
    assert b"a@b.example" in written


def test_text_after_a_comment_is_kept() -> None:
    body = f'<xStudent {NS} refId="1"><localId>12<!-- x -->34</localId></xStudent>'
    pruned = prune(parse(body.encode()), Grants(("xStudent",)))
    assert pruned is not None
    assert pruned.findtext("{*}localId") == "1234"


def test_touches_looks_at_the_object_name_only() -> None:
    assert touches(("xStaff/name", "xStudent/name"), "xStudent")
    assert not touches(("xStudents/name", "xStaff/xStudent"), "xStudent")
