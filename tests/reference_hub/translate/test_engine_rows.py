"""How records become rows and rows become records again, with the exact ledger."""

from __future__ import annotations

import pytest

from reference_hub.translate.canonical import Record
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED, NO_SLOT
from tests.reference_hub.translate.engine_tables import read, row, table, write

PEOPLE = table(
    "users,*,Student",
    "users,id,Student,refId,,,key",
    "users,name,Student,familyName,,,required",
    "users,mail ; otherMails/mail,Student,emails,items",
    "users,kind,Student,emails.type",
    "users,address,Student,emails.address,token,,required",
    "users,school,Student,SchoolEnrollment.school,,,,schools",
)
MAILS: list[dict[str, str]] = [{"address": "a"}, {"type": "Home"}, {"address": "c", "type": "X"}]
ANN: Record = {"refId": "ann", "familyName": "Ode", "emails": MAILS}
STAY: Record = {"refId": "e", "student": "ann", "school": "s", "main": "true"}


def test_items_stand_in_the_first_place_and_the_others_in_the_last() -> None:
    body = row(PEOPLE, ("Student", ANN)).body
    assert body["mail"] == {"address": "a"}
    assert body["otherMails"] == {"mail": {"kind": "X", "address": "c"}}


def test_an_item_without_what_it_needs_is_left_out_and_named() -> None:
    found = [(x.source_path, x.kind) for x in write(PEOPLE, ("Student", ANN)).of_record]
    assert found == [("Student.emails[2]", NARROWED)]


def test_items_are_read_from_all_their_places() -> None:
    node = {"id": "ann", "mail": {"address": " a "}, "otherMails": {"mail": [{"kind": "X"}]}}
    ((entity, record),) = read(PEOPLE, "users", node).records
    assert (entity, record["emails"]) == ("Student", [{"address": "a"}, {"type": "X"}])


def test_items_for_which_there_is_no_room_are_named() -> None:
    made = table(
        "users,*,Student", "users,mail,Student,emails,items(1)", "users,a,Student,emails.address"
    )
    mails: Record = {"refId": "ann", "emails": [{"address": "a"}, {"address": "b"}]}
    found = write(made, ("Student", mails))
    assert found.rows[0].body == {"mail": {"a": "a"}}
    assert [(x.source_path, x.kind) for x in found.of_record] == [
        ("Student.emails[2]", MULTI_TO_ONE)
    ]


@pytest.mark.requirement("TRN-LR-09")
def test_a_row_without_what_it_needs_is_held_with_the_columns_in_their_order() -> None:
    made = table(
        "users,*,Student",
        "users,a,Student,emails,texts,,required",
        "users,b,Student,givenName,,,required",
        "users,c,Student,gpa,number,,required",
    )
    found = row(made, ("Student", {"refId": "x", "gpa": "1"}))
    assert (found.state, found.reason) == ("held", "a, b is required and not known")


def test_a_pointer_that_is_required_is_a_need_and_any_other_a_wish() -> None:
    made = table(
        "roles,*,SchoolEnrollment",
        "roles,user,SchoolEnrollment,student,refid,,required,users",
        "roles,org,SchoolEnrollment,school,refid,,,orgs",
    )
    found = row(made, ("SchoolEnrollment", STAY))
    assert (found.needs, found.wants) == (("users:ann",), ("orgs:s",))


def test_columns_under_one_member_are_one_pointer() -> None:
    made = table(
        "stays,*,SchoolEnrollment",
        "stays,org/id,SchoolEnrollment,school,,,required,orgs",
        "stays,org/kind,SchoolEnrollment,student,,,required,orgs",
        "orgs,*,School",
        "orgs,id,School,refId,,,key",
        "orgs,kind,School,localId,,,key",
    )
    assert row(made, ("SchoolEnrollment", STAY)).needs == ("orgs:s|ann",)


def test_each_makes_a_row_for_every_record_and_for_equal_keys_one() -> None:
    made = table(
        "homes,*,Student,SchoolEnrollment.school,each", "homes,id,Student,it.localId,,,key"
    )
    stays = [("SchoolEnrollment", {**STAY, "refId": x, "school": y}) for x, y in ("as", "bt", "cs")]
    schools = [("School", {"refId": x, "localId": x * 2}) for x in "st"]
    found = write(made, ("Student", ANN), *stays, *schools)  # type: ignore[arg-type]  # plain texts
    assert [each.key for each in found.rows] == ["ss", "tt"]


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("main=true", 1),
        ("main=false", 0),
        ("!exitDate", 1),
        ("exitDate", 0),
        ("main=true, !exitDate", 1),
        ("main=true, exitDate", 0),
        ("!main", 0),
    ],
)
def test_when_decides_by_the_values(condition: str, rows: int) -> None:
    header = f'stays,*,SchoolEnrollment,,"when({condition})",,,,,,'
    made = table(header, "stays,id,SchoolEnrollment,refId,,,key")
    assert len(write(made, ("SchoolEnrollment", STAY)).rows) == rows


def test_when_may_ask_a_function_about_the_fields_of_the_header() -> None:
    made = table("demo,*,Student,sex ; races,when(@any)", "demo,id,Student,refId,,,key")
    assert write(made, ("Student", ANN)).rows == ()
    assert row(made, ("Student", {**ANN, "sex": "?"})).key == "ann"


def test_when_sets_its_field_on_reading() -> None:
    made = table(
        "stays,*,SchoolEnrollment,,when(main=true)", "stays,id,SchoolEnrollment,refId,,,key"
    )
    ((_, record),) = read(made, "stays", {"id": "e"}).records
    assert record == {"refId": "e", "main": "true"}


NESTED = (
    "users,*,Student",
    "users,id,Student,refId,,,key",
    'users,stay ; others/stay,SchoolEnrollment,,"records(student, main)",,,,,,',
    "users,school,SchoolEnrollment,school,,,required",
)


def test_the_chosen_record_goes_to_the_first_container() -> None:
    other: Record = {"refId": "d", "student": "ann", "school": "t"}
    around = (("SchoolEnrollment", other), ("SchoolEnrollment", STAY))
    found = write(table(*NESTED), ("Student", ANN), *around)
    assert found.rows[0].body["stay"] == {"school": "s"}
    assert found.rows[0].body["others"] == {"stay": {"school": "t"}}
    assert found.of_record == ()


def test_where_none_is_chosen_the_first_one_is_marked_as_inferred() -> None:
    other: Record = {"refId": "d", "student": "ann", "school": "t"}
    found = write(table(*NESTED), ("Student", ANN), ("SchoolEnrollment", other))
    assert found.rows[0].body["stay"] == {"school": "t"}
    assert [each.kind for each in found.of_record] == [INFERRED]


def test_without_a_choice_all_go_to_the_first_container() -> None:
    plain = [each.replace("records(student, main)", "records(student)") for each in NESTED]
    other: Record = {"refId": "d", "student": "ann", "school": "t"}
    around = (("SchoolEnrollment", other), ("SchoolEnrollment", STAY))
    body = row(table(*plain), ("Student", ANN), *around).body
    assert body["stay"] == [{"school": "t"}, {"school": "s"}]


def test_a_nested_record_without_what_it_needs_is_left_out_and_named() -> None:
    bare: Record = {"refId": "d", "student": "ann", "main": "true"}
    found = write(table(*NESTED), ("Student", ANN), ("SchoolEnrollment", bare))
    assert "stay" not in found.rows[0].body
    assert [(x.refid, x.kind) for x in found.of_record] == [("d", NARROWED)]


def test_containers_are_read_as_records_of_their_owner() -> None:
    node = {"id": "ann", "stay": {"school": "s"}, "others": {"stay": [{"school": "t"}]}}
    found = read(table(*NESTED), "users", node).records
    assert [record for entity, record in found if entity == "SchoolEnrollment"] == [
        {"student": "ann", "main": "true", "school": "s"},
        {"student": "ann", "main": "false", "school": "t"},
    ]


def test_every_leaf_that_is_not_read_is_named_once() -> None:
    node = {"id": "ann", "odd": ["1", "2"], "mail": {"address": "a", "seal": {"by": "x"}}}
    found = [(x.source_path, x.kind, x.refid) for x in read(PEOPLE, "users", node).losses]
    assert found == [("users/odd", NO_SLOT, ""), ("users/mail/seal/by", NO_SLOT, "")]


def test_every_field_that_is_not_written_is_named_with_the_words_of_the_table() -> None:
    made = table("users,*,Student", "users,id,Student,refId", ",,Student,gpa,,,,,,XW-9,too private")
    found = write(made, ("Student", {"refId": "x", "gpa": "4", "sex": "male"})).static
    said = [(each.source_path, each.crosswalk_id, each.note) for each in found]
    assert said[0] == ("Student.gpa", "XW-9", "too private")
    assert said[1][0] == "Student.sex"


def test_a_second_place_with_another_value_is_named() -> None:
    made = table("users,*,Student", "users,a ; b,Student,familyName")
    found = read(made, "users", {"a": "one", "b": "two"})
    assert found.records == (("Student", {"familyName": "one"}),)
    assert [each.kind for each in found.losses] == [MULTI_TO_ONE]


def test_the_first_line_of_a_field_wins() -> None:
    made = table(
        "users,*,Student", "users,a[k='1']/v,Student,familyName", "users,b,Student,familyName"
    )
    node = {"b": "short", "a": {"k": "1", "v": "tested"}}
    assert read(made, "users", node).records == (("Student", {"familyName": "tested"}),)


def test_a_reference_is_looked_up_where_there_are_records() -> None:
    made = table("stays,*,SchoolEnrollment", "stays,pupil,SchoolEnrollment,student.localId")
    around = ("Student", {"refId": "ann", "localId": "7"})
    assert read(made, "stays", {"pupil": "7"}, around).records == (
        ("SchoolEnrollment", {"student": "ann"}),
    )
    assert read(made, "stays", {"pupil": "7"}).losses == ()


def test_a_constant_tells_which_entity_a_row_is_of() -> None:
    made = table(
        "orgs,*,School",
        "orgs,id,School,refId,,,key",
        "orgs,type,School,,constant(school)",
        "orgs,*,LEA",
        "orgs,id,LEA,refId,,,key",
        "orgs,type,LEA,,constant(district)",
    )
    assert row(made, ("LEA", {"refId": "l"})).body == {"id": "l", "type": "district"}
    found = read(made, "orgs", {"id": "l", "type": "district"}).records
    assert found == (("LEA", {"refId": "l"}),)


def test_a_collection_that_the_table_does_not_have_is_named() -> None:
    found = read(PEOPLE, "shoes", {"size": "44"})
    assert (found.records, [each.source_path for each in found.losses]) == ((), ["shoes"])
