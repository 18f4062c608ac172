"""The short way of a plain line and its function say the same of any text."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_hub.translate.calls import Call
from reference_hub.translate.simple import Simple
from reference_hub.translate.tables import Line
from tests.reference_hub.translate.engine_tables import table

WAYS: Mapping[str, tuple[str, str, str]] = {
    "text": ("familyName", "text", ""),
    "text of few letters": ("familyName", "text(4)", ""),
    "token": ("localId", "token", ""),
    "token of few letters": ("localId", "token(4)", ""),
    "date": ("birthDate", "date", ""),
    "day_after": ("birthDate", "day_after", ""),
    "flag": ("hispanicLatino", "flag", "boolean3"),
    "code": ("sex", "code", "sex"),
    "grade": ("sex", "code", "grade"),
    "number": ("gpa", "number", ""),
    "year": ("graduationYear", "year", ""),
    "refid": ("refId", "refid", ""),
    "time": ("loginId", "time", ""),
    "moment": ("loginId", "moment", ""),
}
ODD = (
    *("", " ", "\t", "2026-W01-1", "20260101", "9999-12-31", "2024-02-29", "2023-02-29"),
    *("2026-01-01Z", "2026-01-01T10:00:00", ".", "5.", "-1", "1e5", "٣", "True", "1", "\x00"),
)


def line_of(way: str) -> tuple[Line, Simple]:
    """The line of a table with one function, and its short way."""
    field, function, codes = WAYS[way]
    made = table("users,*,Student", f"users,a,Student,{field},{function},{codes}")
    line = made.sections[0].lines[0]
    assert line.simple is not None
    return line, line.simple


LINES = {way: line_of(way) for way in WAYS}


def plausible() -> st.SearchStrategy[str]:
    """Texts of the kinds that the functions know, whole and spoiled, and any others."""
    words = [word for line, _ in LINES.values() for word in (*line.codes, *line.meanings)]
    days = st.dates().map(str)
    odd = st.sampled_from(ODD)
    plain = st.one_of(days, odd, st.sampled_from(words), st.uuids().map(str), st.text(max_size=8))
    numbers = st.decimals(allow_nan=False, allow_infinity=False).map(str)
    spaced = plain.map(lambda each: f" {each}\u00a0")
    return st.one_of(plain, spaced, numbers, plain.map(str.upper))


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=40, deadline=None)
@given(text=plausible())
def test_a_short_reading_says_what_the_function_says(way: str, text: str) -> None:
    line, simple = LINES[way]
    found = simple.read(text) if simple.read else None
    if found is not None:
        read = line.function.read
        assert read is not None
        assert text.strip()
        call = Call([text], line.argument, line.codes, line.meanings)
        assert (read(call).value, read(call).notes) == (found, ())


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=40, deadline=None)
@given(text=plausible())
def test_a_short_writing_says_what_the_function_says(way: str, text: str) -> None:
    line, simple = LINES[way]
    found = simple.write(text) if simple.write else None
    if found is not None:
        written = line.function.write(Call([text], line.argument, line.codes, line.meanings))
        assert (written.value, written.notes) == (found, ())


@pytest.mark.parametrize(
    ("way", "text"),
    [
        ("text", "Ann"),
        ("token", "a1"),
        ("date", "2026-02-28"),
        ("number", "3.89"),
        ("code", "male"),
    ],
)
def test_plain_texts_do_go_the_short_way(way: str, text: str) -> None:
    _, simple = LINES[way]
    assert simple.read is not None
    assert simple.write is not None
    assert simple.read(text) == simple.write(text) == text
