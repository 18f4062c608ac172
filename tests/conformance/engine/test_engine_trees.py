"""Hardened parsing, and the leaves of a tree."""

from __future__ import annotations

import pytest

from conformance import trees

REFUSED = [
    b"",
    b"<a>",
    b"<a/><b/>",
    b'<!DOCTYPE a><a/>',
    b'<?xml version="1.0"?>\n<!-- c --><!DOCTYPE a SYSTEM "http://127.0.0.1:1/x"><a/>',
    b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>',
    b'<!DOCTYPE a [<!ENTITY e "lol"><!ENTITY f "&e;&e;&e;">]><a>&f;</a>',
    '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
    b"<a>" * 5000 + b"</a>" * 5000,
    b"<a>\xff</a>",
]  # fmt: skip


@pytest.mark.parametrize("data", REFUSED, ids=range(len(REFUSED)))
def test_what_is_dangerous_or_broken_is_refused(data: bytes) -> None:
    with pytest.raises(trees.Unreadable):
        trees.parse(data)


def test_comments_and_instructions_do_not_split_text() -> None:
    assert trees.parse(b"<a>Mar<!-- x -->tin<?p?>ez</a>").text == "Martinez"


def test_the_word_doctype_in_a_text_is_harmless() -> None:
    assert trees.parse(b"<a><![CDATA[<!DOCTYPE a>]]></a>").text == "<!DOCTYPE a>"


def test_a_prolog_of_many_instructions_is_read_once() -> None:
    body = b"<?a b?>" * 5000 + b"<a><![CDATA[<!DOCTYPE a>]]></a>"
    assert trees.parse(body).text == "<!DOCTYPE a>"
    with pytest.raises(trees.Unreadable, match="DOCTYPE"):
        trees.parse(b"<?a b?>" * 5000 + b"<!DOCTYPE a><a/>")


def test_leaves_number_what_is_repeated() -> None:
    root = trees.parse(b'<a id="1"><b>x</b><c><d>y</d></c><b> z </b><e/></a>')
    assert list(trees.leaves(root)) == [
        ("a/@id", "1"),
        ("a/b", "x"),
        ("a/c/d", "y"),
        ("a/b[2]", "z"),
    ]


@pytest.mark.parametrize(
    ("uri", "known"),
    [
        ("http://www.sifassociation.org/infrastructure/3.3", True),
        ("http://sifassociation.org/infrastructure/3.0.1", True),
        ("http://www.sifassociation.org/infrastructure/3.x", True),
        ("http://www.sifassociation.org/infrastructure/2.6", False),
        ("http://www.sifassociation.org/datamodel/na/4.x", False),
        ("", False),
    ],
)
def test_every_infrastructure_3_namespace_is_known(uri: str, known: bool) -> None:
    assert trees.is_infrastructure(uri) is known


def test_ids_fold_case_and_hyphens() -> None:
    assert trees.folded("E3EA46B1-DD10") == trees.folded("e3ea46b1dd10")
