"""XML elements as nodes and nodes as XML."""

from __future__ import annotations

import pytest
from lxml import etree

from fixtures.generate import Plan
from fixtures.writers import notation
from fixtures.writers.models import model_of
from reference_hub.translate import trees
from reference_hub.translate.places import Node


def node_of(text: str) -> Node:
    """The node of an element written as text."""
    return trees.node(etree.fromstring(text))


@pytest.mark.requirement("TRN-MV-09")
def test_repeats_are_lists_and_single_members_are_not() -> None:
    found = node_of("<x><a>1</a><b><c>2</c><c>3</c></b></x>")
    assert found == {"a": "1", "b": {"c": ["2", "3"]}}


def test_attributes_and_the_text_beside_them_have_names_of_their_own() -> None:
    found = node_of('<x RefId="A"><mail Type="Primary">a@b.example</mail></x>')
    assert found == {"@RefId": "A", "mail": {"@Type": "Primary", "": "a@b.example"}}


@pytest.mark.requirement("TRN-TX-11")
def test_nil_and_blank_leave_no_trace() -> None:
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    nil = f'xmlns:i="{xsi}" i:nil="true"'
    found = node_of(f'<x a=" "><b {nil}/><c> \n</c><d><e/></d><f>0</f><g {nil} h=""/></x>')
    assert found == {"f": "0"}


@pytest.mark.requirement("TRN-TX-03")
def test_a_text_split_by_comments_and_instructions_is_read_whole() -> None:
    found = node_of("<x><n>Mc<!-- one -->Don<?two?>ald</n><m><![CDATA[R&D]]> &#233;</m></x>")
    assert found == {"n": "McDonald", "m": "R&D é"}


@pytest.mark.requirement("TRN-TX-04")
def test_blanks_inside_and_around_a_value_stay() -> None:
    assert node_of("<x><n>  Anna  Maria </n></x>") == {"n": "  Anna  Maria "}


@pytest.mark.requirement("TRN-PR-16")
def test_namespaces_and_prefixes_are_left_out_of_names() -> None:
    found = node_of('<p:x xmlns:p="urn:a"><p:a>1</p:a><b xmlns="urn:b">2</b></p:x>')
    assert found == {"a": "1", "b": "2"}


def test_children_are_written_in_the_order_of_the_schema() -> None:
    written = trees.xml("xStudent", {"localId": "7", "@refId": "A", "name": {"givenName": "U"}})
    body = written.partition(">")[2]
    assert body == "<name><givenName>U</givenName></name><localId>7</localId></xStudent>"


def test_what_the_schema_does_not_know_stands_last_in_the_order_given() -> None:
    written = trees.xml("xStudent", {"zz": "1", "aa": "2", "localId": "7"})
    assert written.endswith("><localId>7</localId><zz>1</zz><aa>2</aa></xStudent>")


def test_a_text_that_a_classic_demands_is_written_empty() -> None:
    written = trees.element("StudentPersonal", {"@RefId": "A", "Name": {"@Type": "04"}})
    tags = [str(each.tag).rpartition("}")[2] for each in written.iter()]
    assert tags == ["StudentPersonal", "LocalId", "Name", "LastName", "FirstName"]


def test_a_container_that_demands_nothing_is_written_empty() -> None:
    written = trees.xml("StudentContactRelationship", {"Relationship": {"Code": "1735"}})
    assert written.endswith("</Relationship><ContactFlags/></StudentContactRelationship>")


@pytest.mark.requirement("TRN-TX-01")
def test_special_letters_survive_writing_and_reading() -> None:
    content = {"@RefId": 'a"<&\t\n', "Description": "x < y & z > \r\n"}
    assert trees.node(trees.element("SectionInfo", content)) == content


def test_a_control_character_is_refused_with_the_object_and_without_the_value() -> None:
    with pytest.raises(trees.TreeError, match="xStudent holds a control character") as caught:
        trees.xml("xStudent", {"localId": "secret\x0b7"})
    assert "secret" not in str(caught.value)


@pytest.mark.requirement("TRN-TX-01")
@pytest.mark.parametrize("model", ["xpress-4.3", "unity-4.3"])
def test_generated_objects_come_back_letter_by_letter(model: str) -> None:
    count = 0
    for members in model_of(model).collections(Plan(7, 4, 1)).values():
        for member in members:
            content = trees.node(notation.element(member, trees.NA4))
            assert trees.node(trees.element(member[0], content)) == content
            count += 1
    assert count > 50
