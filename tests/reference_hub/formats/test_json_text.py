"""JSON is read strictly, and no hostile text ends in anything but a clean refusal."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_hub.codec.json_text import DEEPEST, dumps, loads, number
from reference_hub.codec.xml import MalformedDocument

REFUSED = {
    "nothing": b"",
    "blanks": b"  \n",
    "not closed": b'{"a": 1',
    "two values": b"{} {}",
    "a comma too many": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "a comment": b'{"a": 1} // x',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "a leading zero": b'{"a": 010}',
    "the same name twice": b'{"a": 1, "b": {"c": 2, "c": 3}}',
    "latin-1": '{"a": "é"}'.encode("latin-1"),
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "a raw line break": b'{"a": "b\nc"}',
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
    "a huge number": b'{"a": ' + b"9" * 100_000 + b"}",
    "a huge fraction": b'{"a": 0.' + b"9" * 100_000 + b"}",
}


@pytest.mark.requirement("TRN-PR-14")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_strict_json_is_refused(name: str) -> None:
    with pytest.raises(MalformedDocument):
        loads(REFUSED[name])


def test_the_refusal_names_the_line_and_no_content() -> None:
    with pytest.raises(MalformedDocument) as caught:
        loads(b'{"name":\n"Canary",\n}')
    assert str(caught.value) == "Line 3: not well-formed JSON"


def test_a_byte_order_mark_is_no_fault() -> None:
    assert loads(b'\xef\xbb\xbf{"a": "b"}') == {"a": "b"}


def test_brackets_inside_texts_do_not_count_as_depth() -> None:
    text = "[{" * 1000 + '\\"'
    assert loads(json.dumps({"a": text}).encode()) == {"a": text}


def test_the_deepest_nesting_is_read() -> None:
    body = b'{"a":' * (DEEPEST - 1) + b"[]" + b"}" * (DEEPEST - 1)
    assert dumps(loads(body)) == body


@pytest.mark.requirement("TRN-PR-15")
@pytest.mark.parametrize("text", ["54.10", "0.50", "-0", "1E5", "0.0000001", "1e400", "9" * 30])
def test_a_number_keeps_its_spelling(text: str) -> None:
    body = dumps({"n": number(text)})
    assert body == f'{{"n":{text}}}'.encode()
    assert loads(body) == {"n": text}


@pytest.mark.requirement("TRN-PR-15")
@pytest.mark.parametrize("text", ["010", "+5", ".5", "5.", "INF", "NaN", "", "1,5", "٣"])
def test_what_json_cannot_spell_as_a_number_stays_a_text(text: str) -> None:
    assert number(text) == text


@given(st.recursive(st.text() | st.booleans() | st.none(), lambda inner: st.lists(inner)))
def test_what_is_written_is_read_again(value: object) -> None:
    assert loads(dumps({"a": value})) == {"a": value}  # type: ignore[dict-item]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(MalformedDocument):
        assert loads(dumps(loads(body))) == loads(body)
