"""The functions that serve any format, in both directions, with values that nobody likes."""

from __future__ import annotations

from typing import Any

import pytest

from reference_hub.translate import tables
from reference_hub.translate.calls import Call, Note, named
from reference_hub.translate.functions_plain import NO_DAY, NOT_A_CODE, NOT_ALONE
from reference_hub.translate.ledger import MULTI_TO_ONE, NARROWED, TRUNCATED, UNMAPPED_CODE
from reference_hub.translate.table_file import code_maps

tables.load("flat")
UUID = "1f2e3d4c-0000-4000-8000-00000000abcd"
ONE = "only one value has a place"


def call(name: str, *values: Any, codes: str = "") -> tuple[str, Call]:
    """The function and its call: `text(3)` is text with an argument."""
    function, _, argument = name.removesuffix(")").partition("(")
    maps = code_maps(codes, "oneroster") if codes else ({}, {})
    return function, Call(values, argument, *maps)


def written(name: str, *values: Any, codes: str = "") -> tuple[Any, tuple[Note, ...]]:
    """What a function writes, and its notes."""
    function, made = call(name, *values, codes=codes)
    found = named(function)
    assert found is not None
    result = found.write(made)
    return result.value, result.notes


def told(name: str, *values: Any, codes: str = "") -> Any:
    """What a function reads."""
    function, made = call(name, *values, codes=codes)
    found = named(function)
    assert found is not None
    assert found.read is not None
    return found.read(made).value


@pytest.mark.requirement("TRN-DT-02", "TRN-DT-03", "TRN-DT-04", "TRN-DT-08", "TRN-TX-09")
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("text", " a  b ", " a  b "),
        ("text", "\x00", "\x00"),
        ("text(3)", "abc", "abc"),
        ("token", " a \u00a0 b\t", "a b"),
        ("date", "2024-02-29", "2024-02-29"),
        ("date", "2024-02-29Z", "2024-02-29"),
        ("date", "2024-02-29+14:00", "2024-02-29"),
        ("date", "2024-02-29T23:59:59-12:00", "2024-02-29"),
        ("day_after", "2024-02-28", "2024-02-29"),
        ("day_after", "2023-02-28", "2023-03-01"),
        ("day_after", "2026-12-31", "2027-01-01"),
        ("moment", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"),
        ("time", "08:15:00", "08:15:00"),
        ("year", "2027", "2027"),
        ("year(json)", "2027", 2027),
        ("number", "-1.50", "-1.50"),
        ("number(json)", "-1.50", -1.5),
        ("number(json)", "12", 12),
        ("number(whole)", "12.0", "12"),
        ("refid", UUID, UUID),
        ("refid(upper)", UUID, UUID.upper()),
        ("refid(hex)", UUID, UUID.replace("-", "")),
        ("flag(json)", "true", True),
        ("flag(json)", "false", False),
        ("constant(x)", None, "x"),
        ("joined(;)", ["a", "b", "a"], "a;b"),
        ("texts", ["a", "b", "a"], ["a", "b"]),
        ("any", [], None),
        ("any", "x", "true"),
    ],
)
def test_a_function_writes(name: str, value: Any, expected: Any) -> None:
    assert written(name, value) == (expected, ())


@pytest.mark.requirement("TRN-TX-11")
@pytest.mark.parametrize("name", ["text", "token", "date", "moment", "year", "number", "refid"])
def test_what_is_not_known_writes_nothing(name: str) -> None:
    assert written(name, None) == (None, ())


@pytest.mark.parametrize(
    ("name", "value", "expected", "note"),
    [
        ("text(3)", "abcd", "abc", Note(TRUNCATED, "cut after 3 characters")),
        ("text(2)", "ae\u0301", "a", Note(TRUNCATED, "cut after 2 characters")),
        ("token(4)", " ab  cd", "ab c", Note(TRUNCATED, "cut after 4 characters")),
        ("date", "2023-02-29", None, Note(NARROWED, NO_DAY)),
        ("date", "soon", None, Note(NARROWED, NO_DAY)),
        ("day_after", "9999-12-31", None, Note(NARROWED, NO_DAY)),
        ("year", "27", None, Note(NARROWED, "the value is no year")),
        ("number", "1e5", None, Note(NARROWED, "the value is no number")),
        ("number", "NaN", None, Note(NARROWED, "the value is no number")),
        ("number(whole)", "1.5", None, Note(NARROWED, "only whole numbers have a place")),
        ("flag", "?maybe", None, Note(UNMAPPED_CODE, NOT_A_CODE)),
        ("text", ["a", "b"], "a", Note(MULTI_TO_ONE, ONE, item=1)),
    ],
)
def test_what_cannot_be_carried_whole_is_noted(
    name: str, value: Any, expected: Any, note: Note
) -> None:
    assert written(name, value) == (expected, (note,))


def test_a_huge_text_is_cut_and_noted_once() -> None:
    value, notes = written("text(255)", "x" * 1_000_000)
    assert (len(value), [each.kind for each in notes]) == (255, [TRUNCATED])


@pytest.mark.requirement("TRN-DT-01", "TRN-DT-02", "TRN-DT-07", "TRN-TX-10")
@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("text", [" a "], " a "),
        ("token", [" a   b "], "a b"),
        ("date", ["2026-01-01Z"], "2026-01-01"),
        ("date", ["soon "], "soon"),
        ("day_after", ["2024-03-01"], "2024-02-29"),
        ("day_after", ["0001-01-01"], "0001-01-01"),
        ("moment", ["2026-01-01T02:00:00+02:00"], "2026-01-01T00:00:00.000Z"),
        ("moment", ["2026-01-01T02:00:00"], "2026-01-01T02:00:00.000"),
        ("moment", ["then"], "then"),
        ("year", ["2027Z"], "2027"),
        ("year", ["MMXX"], "MMXX"),
        ("number", [" 3.89 "], "3.89"),
        ("refid", [UUID.upper()], UUID),
        ("flag", ["Yes"], "true"),
        ("flag", ["N"], "false"),
        ("flag", ["perhaps"], "?perhaps"),
        ("joined", ["a, b,,c"], ["a", "b", "c"]),
        ("texts", ["a", "a"], ["a", "a"]),
    ],
)
def test_a_function_reads(name: str, texts: list[str], expected: Any) -> None:
    assert told(name, *texts) == expected


@pytest.mark.requirement("TRN-CS-04")
def test_codes_go_both_ways_and_unknown_ones_are_kept_with_their_mark() -> None:
    assert told("code", " female ", codes="sex") == "female"
    assert told("code", "??", codes="sex") == "???"
    assert told("codes", "05", "05", "Q", codes="grade") == ["05", "?Q"]


@pytest.mark.requirement("TRN-CS-04")
def test_an_unknown_code_is_never_written() -> None:
    assert written("code", "?Q", codes="grade") == (None, (Note(UNMAPPED_CODE, NOT_A_CODE),))
    assert written("codes", ["?Q", "05"], codes="grade") == (
        ["05"],
        (Note(UNMAPPED_CODE, NOT_A_CODE, item=0),),
    )


def test_a_code_that_several_values_share_is_noted() -> None:
    codes, meanings = code_maps("sessiontype", "oneroster")
    shared = next(each for each in codes if meanings[codes[each]] != each)
    assert written("code", shared, codes="sessiontype") == (
        codes[shared],
        (Note(NARROWED, NOT_ALONE),),
    )


def test_first_takes_the_first_field_and_names_the_others() -> None:
    assert written("first", None, "b", ["b", "c"]) == ("b", (Note(MULTI_TO_ONE, ONE, 2, 1),))
    assert written("first", None, None) == (None, ())


@pytest.mark.requirement("TRN-ID-04")
def test_a_minted_key_is_read_as_it_is_or_made_of_its_parts() -> None:
    found = named("minted")
    assert found is not None
    assert found.read is not None
    made = Call([], "school, code", record={"school": "s", "code": "c"}, entity="Session")
    other = Call([], "school, code", record={"school": "s", "code": "d"}, entity="Session")
    assert found.read(Call([UUID.upper()])).value == UUID
    assert found.read(made).value == found.read(made).value != found.read(other).value
