"""The rules of the OneRoster 1.2 table, one by one."""

from __future__ import annotations

import pytest
from lxml import etree

from reference_hub.codec.xml import read
from reference_hub.translate.engine import Translation, translate
from reference_hub.translate.mapping import load

NS = "http://www.sifassociation.org/datamodel/na/4.x"
KEY = "A1B2C3D4-1111-4222-8333-444455556666"
SCHOOL = "5C400100-1111-4222-8333-444455556666"
OTHER_SCHOOL = "5C400200-1111-4222-8333-444455556666"
NAMES = "<name><familyName>Okafor</familyName><givenName>Ada</givenName></name>"


def run(inner: str, object_type: str = "xStudent", key: str = KEY) -> Translation:
    """Translate an object with this content."""
    text = f'<{object_type} xmlns="{NS}" refId="{key}">{inner}</{object_type}>'
    return translate(read(text.encode()), load("oneroster-1.2"))


def cell(out: Translation, name: str) -> str:
    """The first value of a column, `users.email`; blank when there is none."""
    file, _, field = name.partition(".")
    rows = [row.cells for row in out.rows if row.file == f"{file}.csv"]
    return rows[0].get(field, "") if rows else ""


def enrollment(school: str, kind: str = "", more: str = "") -> str:
    """One enrollment with its mandatory children."""
    member = f"<membershipType>{kind}</membershipType>" if kind else ""
    return (
        f"<enrollment><leaRefId>{KEY}</leaRefId><schoolRefId>{school}</schoolRefId>"
        f"{member}<entryDate>2026-08-31</entryDate>{more}</enrollment>"
    )


def phones(*kinds: str) -> str:
    """Numbers 1, 2, ... of these kinds, a star marks the primary one."""
    items = [
        f"<phoneNumber><phoneNumberType>{kind.strip('*')}</phoneNumberType><number>{at}</number>"
        f"<primaryIndicator>{str('*' in kind).lower()}</primaryIndicator></phoneNumber>"
        for at, kind in enumerate(kinds, 1)
    ]
    return f"{items[0]}<otherPhoneNumbers>{''.join(items[1:])}</otherPhoneNumbers>"


def emails(*kinds: str) -> str:
    """Addresses named after their kinds."""
    items = [
        f"<email><emailType>{kind}</emailType><emailAddress>{kind}@x.example</emailAddress></email>"
        for kind in kinds
    ]
    return f"{items[0]}<otherEmails>{''.join(items[1:])}</otherEmails>"


def races(*codes: str) -> str:
    """A list of races."""
    items = "".join(f"<race><race>{code}</race></race>" for code in codes)
    return f"<demographics><races>{items}</races></demographics>"


FLAGS = ("americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican")
FLAGS += ("nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces")
TWO = "DemographicRaceTwoOrMoreRaces"


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((), "      "),
        (("Asian",), "ftffff"),
        (("Asian", "White"), "ftfftt"),
        ((TWO,), "     t"),
        (("White", TWO), "    tt"),
        (("Klingon",), "      "),
        (("White", "Klingon"), "    t "),
    ],
)
def test_race_flags_never_turn_unknown_into_false(codes: tuple[str, ...], expected: str) -> None:
    out = run(NAMES + races(*codes))
    found = "".join(cell(out, f"demographics.{flag}")[:1] or " " for flag in FLAGS)
    assert found == expected


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (("Home", "Work", "Organizational"), "Organizational"),
        (("Home", "Work"), "Work"),
        (("Other", "Home"), "Home"),
        (("Other", "Other2"), "Other"),
    ],
)
def test_the_email_is_chosen_by_kind(kinds: tuple[str, ...], expected: str) -> None:
    assert cell(run(NAMES + emails(*kinds)), "users.email") == f"{expected}@x.example"


@pytest.mark.parametrize(
    ("kinds", "phone", "sms"),
    [
        (("Home", "Mobile"), "1", "2"),
        (("Mobile", "Mobile*"), "", "2"),
        (("Home", "Work*", "Text"), "2", "3"),
        (("Carrier pigeon",), "1", ""),
    ],
)
def test_telephones_go_to_phone_or_sms(kinds: tuple[str, ...], phone: str, sms: str) -> None:
    out = run(NAMES + phones(*kinds))
    assert (cell(out, "users.phone"), cell(out, "users.sms")) == (phone, sms)


@pytest.mark.parametrize("form", [KEY, KEY.lower(), KEY.replace("-", ""), f" {KEY} "])
def test_all_spellings_of_a_refid_give_one_sourcedid(form: str) -> None:
    assert cell(run(NAMES, key=form), "users.sourcedId") == KEY.lower()


def test_a_refid_that_is_no_uuid_still_gives_a_legal_sourcedid() -> None:
    assert cell(run(NAMES, key="ÄÖ 1"), "users.sourcedId")[14] == "5"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<loginId>ada</loginId><localId>007</localId>", "ada"),
        ("<localId>007</localId>" + emails("Home"), "Home@x.example"),
        ("<localId>007</localId>", "007"),
        ("", KEY.lower()),
    ],
)
def test_a_username_is_found_in_the_declared_order(source: str, expected: str) -> None:
    assert cell(run(NAMES + source), "users.username") == expected


def test_a_username_that_is_no_login_is_marked_as_inferred() -> None:
    losses = run(NAMES + "<localId>007</localId>").losses
    assert [(x.target_field, x.kind) for x in losses] == [("users.username", "inferred")]


def test_ids_travel_with_their_kind_and_leading_zeros() -> None:
    out = run(NAMES + "<localId>007</localId><stateProvinceId>0,1</stateProvinceId>")
    assert cell(out, "users.userIds") == "{local:007},{state:0%2C1}"


def test_an_id_of_a_kind_that_is_not_sent_stays_out_and_is_named() -> None:
    other = "<otherIds><otherId><type>SSN</type><id>000-00-0000</id></otherId></otherIds>"
    out = run(NAMES + other)
    assert "000" not in cell(out, "users.userIds")
    assert "xStudent/otherIds/otherId/id" in [loss.source_path for loss in out.losses]


def test_grades_of_all_enrollments_come_home_school_first() -> None:
    grades = [f"<gradeLevel>{grade}</gradeLevel>" for grade in ("10", "09")]
    main = enrollment(SCHOOL, "Concurrent", grades[0])
    other = enrollment(OTHER_SCHOOL, "Home", grades[1])
    out = run(f"{NAMES}{main}<otherEnrollments>{other}</otherEnrollments>")
    assert cell(out, "users.grades") == "09,10"
    assert cell(out, "users.primaryOrgSourcedId") == OTHER_SCHOOL.lower()


def test_each_enrollment_is_one_student_role() -> None:
    others = enrollment(OTHER_SCHOOL) + enrollment(SCHOOL, more="<exitDate>2027-02-28</exitDate>")
    out = run(f"{NAMES}{enrollment(SCHOOL)}<otherEnrollments>{others}</otherEnrollments>")
    roles = [row.cells for row in out.rows if row.file == "roles.csv"]
    assert [(role["roleType"], role["orgSourcedId"], role.get("endDate")) for role in roles] == [
        ("primary", SCHOOL.lower(), None),
        ("primary", OTHER_SCHOOL.lower(), None),
    ]
    assert "left out: it has the id of another row" in {loss.note for loss in out.losses}


def test_the_last_day_becomes_the_first_day_after() -> None:
    out = run(NAMES + enrollment(SCHOOL, more="<exitDate>2028-02-28Z</exitDate>"))
    assert cell(out, "roles.endDate") == "2028-02-29"


def test_a_minted_role_id_is_the_same_each_time() -> None:
    ids = {cell(run(NAMES + enrollment(SCHOOL)), "roles.sourcedId") for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize("written", ["2014-03-09", "2014-03-09Z", "2014-03-09+14:00"])
def test_a_birth_date_never_shifts(written: str) -> None:
    inner = f"<demographics><birthDate>{written}</birthDate></demographics>"
    assert cell(run(NAMES + inner), "demographics.birthDate") == "2014-03-09"


@pytest.mark.parametrize(("sex", "expected"), [("Male", "male"), ("Female", "female"), ("X", "")])
def test_sex_is_never_guessed(sex: str, expected: str) -> None:
    inner = f"<demographics><sex>{sex}</sex><birthDate>2014-01-01</birthDate></demographics>"
    assert cell(run(NAMES + inner), "demographics.sex") == expected


def test_preferred_names_have_their_own_columns() -> None:
    other = "<name><type>PreferredGivenName</type><givenName>Addie</givenName></name>"
    out = run(f"{NAMES}<otherNames>{other}</otherNames>")
    assert cell(out, "users.givenName") == "Ada"
    assert cell(out, "users.preferredGivenName") == "Addie"


def test_one_name_stands_in_both_places_and_is_marked() -> None:
    out = run("<name><familyName>Sukarno</familyName></name>")
    assert cell(out, "users.givenName") == cell(out, "users.familyName") == "Sukarno"
    assert ("users.givenName", "inferred") in [(x.target_field, x.kind) for x in out.losses]


def test_a_student_without_any_name_is_left_out_and_named() -> None:
    out = run("<localId>1</localId>")
    assert out.rows == ()
    assert {loss.source_path for loss in out.losses} == {"xStudent/@refId", "xStudent/localId"}


def test_a_long_name_is_cut_at_255_characters_between_letters() -> None:
    name = f"<name><familyName>{'a' * 254}e\u0301z</familyName><givenName>B</givenName></name>"
    out = run(name)
    assert cell(out, "users.familyName") == "a" * 254
    assert "truncated" in [loss.kind for loss in out.losses]


def test_blanks_and_nil_say_nothing() -> None:
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
    out = run(f"{NAMES}<localId {nil}/><loginId> </loginId>")
    assert {loss.kind for loss in out.losses} == {"inferred"}


def test_a_bare_carriage_return_never_reaches_the_file() -> None:
    out = run("<leaName>North&#13;South</leaName>", "xLea")
    assert cell(out, "orgs.name") == "North\nSouth"


def test_a_school_takes_its_state_id_and_names_the_others() -> None:
    ids = "<localId>1</localId><stateProvinceId>0042</stateProvinceId>"
    out = run(f"<leaRefId>{SCHOOL}</leaRefId>{ids}<schoolName>East</schoolName>", "xSchool")
    assert cell(out, "orgs.identifier") == "0042"
    assert cell(out, "orgs.parentSourcedId") == SCHOOL.lower()
    assert ("xSchool/localId", "multi_to_one") in [(x.source_path, x.kind) for x in out.losses]


def test_a_district_that_names_itself_has_no_parent() -> None:
    out = run(f"<leaRefId>{KEY.lower()}</leaRefId><leaName>North</leaName>", "xLea")
    assert cell(out, "orgs.parentSourcedId") == ""
    assert out.losses == ()


def test_a_field_that_no_row_lists_is_named_once_for_all_records() -> None:
    (loss,) = [x for x in run(f"{NAMES}<shoeSize>42</shoeSize>").losses if x.kind == "no_slot"]
    assert (loss.source_path, loss.refid) == ("xStudent/shoeSize", "")


def test_a_comment_inside_a_name_does_not_cut_it() -> None:
    name = "<name><familyName>Mc<!--x-->Donald</familyName><givenName>A</givenName></name>"
    assert cell(run(name), "users.familyName") == "McDonald"


def test_an_object_without_rows_in_the_table_loses_everything_by_name() -> None:
    element = etree.fromstring(f'<xCourse xmlns="{NS}" refId="{KEY}"/>')
    out = translate(element, load("oneroster-1.2"))
    assert [loss.source_path for loss in out.losses] == ["xCourse/@refId"]
