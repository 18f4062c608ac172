"""Places in a node, in all the forms a table may write them."""

from __future__ import annotations

import re

import pytest

from reference_hub.translate.places import Node, PlaceError, add, leaves, parse, put, texts_at

PERSON: Node = {
    "@refId": "A",
    "name": {"givenName": "Ann", "": "Miss"},
    "ids": {"id": [{"@type": "NCES", "": "1"}, {"@type": "State", "": "2"}, {"": "3"}]},
    "emails": [{"address": "a@b.example"}, {"address": "c@d.example"}],
    "count": 3,
    "active": True,
    "blank": "  ",
    "codes": ["x", "y"],
}


@pytest.mark.parametrize(
    ("place", "texts"),
    [
        ("@refId", ["A"]),
        ("name", ["Miss"]),
        ("name/givenName", ["Ann"]),
        ("name/givenName/deeper", []),
        ("ids/id", ["1", "2", "3"]),
        ("ids/id[@type='NCES']", ["1"]),
        ("ids/id[@type!='NCES']", ["2", "3"]),
        ("ids/id[@type='St*']", ["2"]),
        ("ids/id[@type!='St*']", ["1", "3"]),
        ("emails[]/address", ["a@b.example", "c@d.example"]),
        ("codes[]", ["x", "y"]),
        ("count", ["3"]),
        ("active", ["true"]),
        ("blank", []),
        ("nowhere/at/all", []),
    ],
)
def test_a_place_leads_to_its_texts(place: str, texts: list[str]) -> None:
    assert texts_at(PERSON, parse(place).segments) == texts


def test_a_point_is_the_text_of_the_element_itself() -> None:
    assert texts_at({"": "here"}, parse(".").segments) == ["here"]


def test_a_leading_slash_starts_at_the_root() -> None:
    assert parse("/name/givenName").absolute
    assert parse("/name/givenName").path == "name/givenName"


def test_only_names_alone_are_plain() -> None:
    assert parse("name/givenName").plain == ("name", "givenName")
    assert [parse(x).plain for x in ("/a", "a[]/b", "a[b='c']/d")] == [(), (), ()]


@pytest.mark.parametrize("place", ["", "/", "a b", "a[", "a//b", "a[b=c]", "a[]['x']"])
def test_what_is_no_place_is_refused_by_name(place: str) -> None:
    with pytest.raises(PlaceError, match=f"^'{re.escape(place)}' is not a place"):
        parse(place)


@pytest.mark.parametrize(
    ("place", "value", "node"),
    [
        ("a/b", "1", {"a": {"b": "1"}}),
        ("a[]/b", "1", {"a": [{"b": "1"}]}),
        ("a[]/b", ["1", "2"], {"a": [{"b": "1"}, {"b": "2"}]}),
        ("a[]", "1", {"a": ["1"]}),
        ("a[t='N']/b", "1", {"a": [{"t": "N", "b": "1"}]}),
        ("a[@t='N']", "1", {"a": [{"@t": "N", "": "1"}]}),
        ("a", ["1", "2"], {"a": ["1", "2"]}),
    ],
)
def test_a_value_is_put_at_its_place(place: str, value: object, node: Node) -> None:
    made: Node = {}
    put(made, parse(place).segments, value)
    assert made == node


def test_a_text_and_an_attribute_share_an_element_in_either_order() -> None:
    first: Node = {}
    put(first, parse("a").segments, "text")
    put(first, parse("a/@kind").segments, "k")
    second: Node = {}
    put(second, parse("a/@kind").segments, "k")
    put(second, parse("a").segments, "text")
    assert first == second == {"a": {"": "text", "@kind": "k"}}


def test_a_second_item_makes_a_list() -> None:
    node: Node = {}
    for each in ("1", "2", "3"):
        add(node, parse("list/item").segments, {"id": each})
    assert node == {"list": {"item": [{"id": "1"}, {"id": "2"}, {"id": "3"}]}}


def test_leaves_are_told_with_their_paths_and_without_positions() -> None:
    node: Node = {"a": [{"b": "1"}, {"b": "2"}], "c": {"": "3"}}
    assert list(leaves(node)) == [("a/b", "1"), ("a/b", "2"), ("c", "3")]
