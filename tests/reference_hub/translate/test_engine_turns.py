"""Functions with a short way for one text say the same on both ways; lines compiled around it."""

from __future__ import annotations

import uuid

import pytest

from reference_hub.translate.calls import Call, Function
from reference_hub.translate.identity import minted
from tests.reference_hub.translate.engine_tables import read, row, table, write

TEXTS = ("a", " a  b ", "Ann", "x" * 255, "x" * 256, "", " ", "2026-01-01", "é", "true")
KEYS = ("7692BFC3-D207-4FCD-B2FC-8ACE55269CF9", " 7692bfc3d2074fcdb2fc8ace55269cf9 ", "S 1", "")
WRITERS = ("identifier", "username", "name", "enabled")
READERS = (("ref", KEYS), ("key_or_made", KEYS), ("read_year", TEXTS), ("graduation", TEXTS))


def function_of(name: str, dialect: str) -> Function:
    """A function of the tables of a dialect."""
    made = table("users,*,Student", f"users,a,Student,loginId,{name}", dialect=dialect)
    return made.sections[0].lines[0].function


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", WRITERS)
def test_a_turned_text_is_what_the_function_writes(name: str, text: str) -> None:
    function = function_of(name, "oneroster")
    assert function.turn is not None
    made = function.turn(text)
    if made is not None:
        written = function.write(Call([text, None], fields=("loginId", "localId")))
        assert (written.value, written.notes) == (made, ())


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, of in READERS for text in of])
def test_a_turned_text_is_what_the_function_reads(name: str, text: str) -> None:
    function = function_of(name, "xpress")
    assert function.read is not None
    assert function.read_turn is not None
    made = function.read_turn(text)
    if made is not None:
        found = function.read(Call([text]))
        assert (found.value, found.notes) == (made, ())


def test_a_line_with_a_short_way_falls_back_to_its_other_fields() -> None:
    made = table(
        "users,*,Student",
        "users,sourcedId,Student,refId,refid,,key",
        "users,username,Student,loginId ; localId,username",
    )
    assert row(made, ("Student", {"refId": "s", "loginId": " a b "})).body["username"] == "a b"
    written = write(made, ("Student", {"refId": "s", "loginId": " ", "localId": "7"}))
    assert written.rows[0].body["username"] == "7"
    assert [(x.source_path, x.kind) for x in written.losses] == [("Student.localId", "inferred")]


def test_a_key_is_made_where_the_place_of_it_is_empty() -> None:
    made = table(
        "stays,*,SchoolEnrollment",
        "stays,id,SchoolEnrollment,refId,key_or_made(school)",
        "stays,school,SchoolEnrollment,school,refid",
        dialect="xpress",
    )
    own = read(made, "stays", {"id": "X1", "school": "b"}).records
    assert own == (("SchoolEnrollment", {"refId": "x1", "school": "b"}),)
    parts = (("SchoolEnrollment", {"school": "b", "refId": minted("SchoolEnrollment", "b")}),)
    assert read(made, "stays", {"school": "b"}).records == parts


def test_a_function_without_fields_may_have_a_short_way() -> None:
    made = table(
        "users,*,Student", "users,sourcedId,Student,refId,refid,,key", "users,b,Student,,enabled"
    )
    assert row(made, ("Student", {"refId": "s"})).body == {"sourcedId": "s", "b": "true"}


def test_what_a_list_does_not_carry_is_named_by_its_members() -> None:
    made = table(
        "users,*,Student",
        "users,sourcedId,Student,refId,refid,,key",
        "users,number,Student,phones.number,texts",
    )
    phones = [{"number": "1", "type": "Home"}, {"number": "2", "primary": "true"}]
    written = write(made, ("Student", {"refId": "s", "phones": phones}))
    assert [x.source_path for x in written.static] == [
        "Student.phones.primary",
        "Student.phones.type",
    ]


@pytest.mark.parametrize("parts", [("a",), ("a", "b"), ("", "é"), ("x" * 300,)])
def test_a_minted_id_is_a_version_5_uuid_of_the_hubs_namespace(parts: tuple[str, ...]) -> None:
    space = uuid.UUID("6f0d3c0a-2a57-5d4e-9a55-6b1f8f0a1d10")
    assert minted(*parts) == str(uuid.uuid5(space, "\n".join(parts)))
