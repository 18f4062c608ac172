"""The hardened parser and what it tells of an object."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from reference_hub.codec.xml import (
    MalformedDocument,
    fold,
    local_name,
    members,
    namespace_of,
    parse,
    read,
    refid_of,
    tostring,
)

DOCTYPES = {
    "plain": b"<!DOCTYPE a><a/>",
    "after a declaration": b'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    "after a byte order mark": b"\xef\xbb\xbf<!DOCTYPE a><a/>",
    "after comments that name one": b"<!-- <!DOCTYPE --><?p <!DOCTYPE ?> <!DOCTYPE a><a/>",
    "external": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
}


@pytest.mark.requirement("INF-FMT-016", "NEG-060")
@pytest.mark.parametrize("name", DOCTYPES)
def test_every_doctype_is_refused(name: str) -> None:
    with pytest.raises(MalformedDocument, match="DOCTYPE"):
        parse(DOCTYPES[name])


def test_text_that_looks_like_a_doctype_is_text() -> None:
    root = parse(b"<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>")
    assert root.text == "<!DOCTYPE a>"


@pytest.mark.requirement("INF-TRN-006", "NEG-036")
@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0" encoding="iso-8859-1"?><a/>',
        b"<?xml version='1.0' encoding='UTF-16'?><a/>",
        b"<a>\xe9</a>",
        "<a/>".encode("utf-16"),
        "<a/>".encode("utf-32-le"),
    ],
)
def test_only_utf_8_is_read(body: bytes) -> None:
    with pytest.raises(MalformedDocument):
        parse(body)


@pytest.mark.requirement("INF-FMT-016")
def test_a_byte_order_mark_is_legal() -> None:
    assert parse("\ufeff<a>é</a>".encode()).text == "é"


@pytest.mark.parametrize(
    "body", [b"", b" ", b"<a>", b"<a></b>", b"<a>&x;</a>", b"<a/><b/>", b"<p:a/>", b"<a>" * 300]
)
def test_what_is_not_well_formed_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedDocument, match="well-formed"):
        parse(body)


def test_the_line_of_a_fault_is_told_and_nothing_of_the_content() -> None:
    with pytest.raises(MalformedDocument) as caught:
        parse(b"<a>\n<familyName>Canary</a>")
    assert caught.value.line == 2
    assert "Canary" not in str(caught.value)
    assert "familyName" not in str(caught.value)


@pytest.mark.parametrize("part", [b"<!--", b"<?a", b"<?a?>", b"<!---->", b"\n"])
def test_a_long_prolog_costs_no_more_than_its_length(part: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(MalformedDocument):
        parse(part * 100_000)
    assert time.perf_counter() - started < 2


@given(st.binary(max_size=200))
def test_no_bytes_whatever_end_in_another_error(body: bytes) -> None:
    with suppress(MalformedDocument):
        parse(body)


def test_read_drops_comments_and_parse_keeps_them() -> None:
    body = b"<a>1<!-- x --><?p q?>2</a>"
    assert read(body).text == "12"
    assert tostring(parse(body)) == body


def test_tostring_brings_the_namespaces_and_no_tail() -> None:
    root = parse(b'<p:a xmlns:p="urn:p"><p:b>\xc3\xa9</p:b> tail</p:a>')
    assert tostring(root[0]) == b'<p:b xmlns:p="urn:p">\xc3\xa9</p:b>'


@pytest.mark.requirement("INF-FMT-005")
def test_ids_are_compared_without_hyphens_and_case() -> None:
    assert fold(" 1D2F9A40-77aa-4D0E-8b55-2A7F0C6E9B10 ") == "1d2f9a4077aa4d0e8b552a7f0c6e9b10"


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b'<a refId=" 1 "/>', "1"), (b'<a RefId="2"/>', "2"), (b"<a/>", ""), (b'<a refid="3"/>', "")],
)
def test_the_id_is_the_key_attribute_of_either_style(body: bytes, expected: str) -> None:
    assert refid_of(parse(body)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<xStudents><xStudent/><!-- c --><xStudent/></xStudents>", ("xStudent", 2, True)),
        (b'<x:xStudents xmlns:x="urn:x"><x:xStudent/></x:xStudents>', ("xStudent", 1, True)),
        (b"<xStudents/>", ("xStudent", 0, True)),
        (b'<xStudent refId="1"><name/></xStudent>', ("xStudent", 1, False)),
        (b"<xStudents><xStudent/><name/></xStudents>", ("xStudents", 1, False)),
        (b"<Activitys><Activity/></Activitys>", ("Activity", 1, True)),
    ],
)
def test_members_tells_a_collection_from_an_object(
    body: bytes, expected: tuple[str, int, bool]
) -> None:
    object_type, found, is_collection = members(parse(body))
    assert (object_type, len(found), is_collection) == expected


def test_names_come_without_their_namespace() -> None:
    root = etree.fromstring('<p:a xmlns:p="urn:p"/>')
    assert (local_name(root), namespace_of(root)) == ("a", "urn:p")
    assert namespace_of(etree.fromstring("<a/>")) == ""
