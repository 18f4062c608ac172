"""What the functions of the SIF tables decide, seen through the tables."""

from __future__ import annotations

import pytest

from reference_hub.translate import tables
from reference_hub.translate.canonical import Record
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.ledger import INFERRED, NARROWED, UNMAPPED_CODE
from reference_hub.translate.places import Node
from reference_hub.translate.reading import Reading
from reference_hub.translate.writing import TableWriter, Writing
from tests.reference_hub.translate.sif_trip import SETTINGS, reader

SCHOOL, YEAR, STUDENT = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
SECTION, STAFF, CONTACT = (f"00000000-0000-4000-8000-00000000000{n}" for n in (4, 5, 6))
Named = tuple[str, Record]


def write(table: str, *records: Named, settings: dict[str, str] | None = None) -> Writing:
    """What the first record becomes beside the others."""
    writer = TableWriter(tables.load(table), SETTINGS if settings is None else settings)
    return writer.write(*records[0], MemoryGraph(records))


def body(table: str, *records: Named) -> Node:
    """The node that the first record becomes."""
    return write(table, *records).rows[0].body


def read(table: str, object_type: str, node: Node) -> Reading:
    """What a node is read as."""
    return reader(table).read(node, object_type, settings=SETTINGS)


def kinds(writing: Writing) -> set[tuple[str, str]]:
    """The kinds of loss by source."""
    return {(each.source_path, each.kind) for each in writing.losses}


def student(**fields: object) -> Named:
    """A student record."""
    return "Student", {"refId": STUDENT, **fields}  # type: ignore[dict-item]  # fields of a record


def test_numbers_of_one_kind_get_types_that_no_other_has() -> None:
    phones = [{"type": "Mobile", "number": "1"}, {"type": "Mobile", "number": "2"}]
    phones += [{"type": "Home", "number": "3"}, {"number": "4"}]
    written = body("unity", student(phones=phones))["PhoneNumberList"]["PhoneNumber"]
    assert [each["@Type"] for each in written] == ["Mobile", "Mobile 2", "0096", "Unspecified"]
    assert [each.get("@TypeCodeset") for each in written] == ["xPress", "xPress", None, None]


def test_types_with_a_number_are_read_as_their_kind() -> None:
    written = body("unity", student(phones=[{"type": "Mobile", "number": n} for n in "12"]))
    [(_, record)] = read("unity", "StudentPersonal", written).records
    assert record["phones"] == [{"type": "Mobile", "number": n} for n in "12"]


def test_addresses_of_unknown_kind_are_primary_and_alternate() -> None:
    emails = [{"address": "a@x.example"}, {"address": "b@x.example"}]
    written = body("unity", student(emails=emails))["EmailList"]["Email"]
    assert [each["@Type"] for each in written] == ["Primary", "Alternate1"]
    [(_, record)] = read("unity", "StudentPersonal", {"EmailList": {"Email": written}}).records
    assert record["emails"] == emails


def test_a_kind_that_no_set_knows_is_never_written_as_another() -> None:
    writing = write("unity", student(phones=[{"type": "?Pager", "number": "1"}]))
    assert writing.rows[0].body["PhoneNumberList"]["PhoneNumber"]["@Type"] == "Unspecified"
    assert ("Student.phones.type", UNMAPPED_CODE) in kinds(writing)


def test_an_address_without_what_a_classic_demands_is_left_out_and_named() -> None:
    writing = write("unity", student(addresses=[{"type": "Physical", "line1": "1 Elm"}]))
    assert "AddressList" not in writing.rows[0].body
    assert ("Student.addresses", NARROWED) in kinds(writing)


def test_former_names_have_the_classic_codes_and_others_their_word() -> None:
    names = [{"type": kind, "familyName": "A"} for kind in ("PreviousLegalName", "Nickname")]
    written = body("unity", student(otherNames=names))["OtherNames"]["Name"]
    assert [each["@Type"] for each in written] == ["05", "Nickname"]


@pytest.mark.requirement("TRN-ID-04")
def test_a_session_has_one_key_in_calendar_and_roster() -> None:
    session: Node = {"sessionCode": "S1", "startDate": "2026-08-31"}
    calendar = {"@refId": YEAR, "schoolRefId": SCHOOL, "schoolYear": "2027"}
    of_year = read("xpress", "xCalendar", {**calendar, "sessions": {"session": session}})
    lesson = {"meetingTimes": {"meetingTime": {"sessionCode": "S1"}}}
    roster = {"@refId": SECTION, "schoolRefId": SCHOOL, "schoolYear": "2027", **lesson}
    of_roster = read("xpress", "xRoster", roster)
    assert of_roster.records[0][1]["sessions"] == [of_year.records[1][1]["refId"]]


@pytest.mark.requirement("TRN-ID-04")
def test_a_link_has_one_key_from_student_and_contact() -> None:
    of_student = read(
        "xpress",
        "xStudent",
        {"@refId": STUDENT, "studentContacts": {"contactPersonRefId": CONTACT}},
    )
    tie = {"relationship": {"studentRefId": STUDENT, "relationshipCode": "Mother"}}
    of_contact = read("xpress", "xContact", {"@refId": CONTACT, "relationships": tie})
    assert of_student.records[1][1]["refId"] == of_contact.records[1][1]["refId"]


def test_a_roster_becomes_section_memberships_and_teachers() -> None:
    teacher = {"staffPersonReference": {"refId": STAFF}, "teacherOfRecord": "true"}
    roster = {"@refId": SECTION, "schoolRefId": SCHOOL, "primaryStaff": teacher}
    students = {"studentReference": {"refId": STUDENT, "localId": "7"}}
    found = read("xpress", "xRoster", {**roster, "students": students}).records
    assert [entity for entity, _ in found] == ["Section", "SectionEnrollment", "StaffSection"]
    assert found[1][1]["section"] == found[2][1]["section"] == SECTION
    assert found[2][1]["primary"] == "true"


@pytest.mark.requirement("TRN-PR-05")
def test_a_teacher_in_the_place_of_unity_4_0_is_read() -> None:
    others = {"staffPersonReference": {"refId": STAFF}, "teacherOfRecord": "false"}
    roster = {"@refId": SECTION, "schoolRefId": SCHOOL, "otherStaffs": others}
    found = read("xpress", "xRoster", roster).records
    assert [(entity, record.get("primary")) for entity, record in found] == [
        ("Section", None),
        ("StaffSection", "false"),
    ]


@pytest.mark.requirement("TRN-CS-14", "TRN-PR-05")
def test_the_spellings_of_na_3_3_are_read() -> None:
    school = read(
        "xpress", "xSchool", {"@refId": SCHOOL, "yearGroups": {"yearGroup": ["KG", "01"]}}
    )
    assert school.records[0][1]["gradeLevels"] == ["KG", "01"]
    tie = {"relationship": {"studentRefId": STUDENT, "relationshipCode": "BrotherInLaw"}}
    contact = read("xpress", "xContact", {"@refId": CONTACT, "relationships": tie})
    assert contact.records[1][1]["relationship"] == "Brother-in-law"


def test_one_schedule_is_written_for_each_session() -> None:
    lessons = [{"session": each, "day": "A", "period": "1"} for each in ("s-one", "s-two")]
    section: Named = ("Section", {"refId": SECTION, "course": "c", "meetings": lessons})
    written = body("unity", section)["ScheduleInfoList"]["ScheduleInfo"]
    assert [each["@TermInfoRefId"] for each in written] == ["s-one", "s-two"]
    assert written[0]["MeetingTimeList"] == {
        "MeetingTime": [{"TimetableDay": "A", "TimetablePeriod": "1"}]
    }


def test_a_section_without_a_session_is_held_with_the_reason() -> None:
    record: Record = {"refId": SECTION, "course": "c", "schoolYear": "2027"}
    [row] = write("unity", ("Section", record)).rows
    assert (row.state, row.reason) == ("held", "ScheduleInfo is required and not known")


def test_a_day_that_nobody_states_holds_the_school() -> None:
    school: Named = ("School", {"refId": SCHOOL, "name": "Elm School"})
    [held] = write("unity", school, settings={}).rows
    assert (held.state, held.reason) == ("held", "OperationalStatusDate is required and not known")
    stated = write("unity", school, settings={"operational_since": "1999-07-01"})
    assert stated.rows[0].body["OperationalStatusDate"] == "1999-07-01"
    assert INFERRED in {each.kind for each in stated.losses}


def test_the_dates_say_the_time_frame_and_the_year() -> None:
    stay: Record = {"refId": "e", "student": STUDENT, "school": SCHOOL, "main": "true"}
    stay |= {"entryDate": "2026-11-02"}
    years: list[Named] = [
        (
            "SchoolYear",
            {"refId": str(end), "school": SCHOOL, "schoolYear": str(end), "endDate": day},
        )
        for end, day in ((2026, "2026-06-20"), (2027, "2027-06-20"))
    ]
    school: Named = ("School", {"refId": SCHOOL})
    written = body("unity", ("SchoolEnrollment", stay), school, *years)
    assert (written["@TimeFrame"], written["@SchoolYear"]) == ("Future", "2027")
    assert written["@MembershipType"] == "Home"


def test_a_year_that_nothing_says_is_held_or_that_of_the_settings() -> None:
    post: Named = ("StaffAssignment", {"refId": "p", "staff": STAFF, "school": SCHOOL})
    post[1]["primary"] = "true"
    [held] = write("unity", post).rows
    assert held.reason == "@SchoolYear is required and not known"
    stated = write("unity", post, settings={"school_year": "2027"})
    assert stated.rows[0].body["@SchoolYear"] == "2027"


def test_another_enrollment_without_a_type_of_membership_is_held() -> None:
    stay: Record = {"refId": "e", "student": STUDENT, "school": SCHOOL, "main": "false"}
    stay |= {"entryDate": "2025-09-02", "schoolYear": "2026"}
    [row] = write("unity", ("SchoolEnrollment", stay)).rows
    assert (row.state, row.reason) == ("held", "@MembershipType is required and not known")


def test_a_second_teacher_is_not_of_record_when_the_first_one_is() -> None:
    first: Named = ("StaffSection", {"refId": "a", "section": SECTION, "teacherOfRecord": "true"})
    second: Named = ("StaffSection", {"refId": "b", "section": SECTION, "staff": STAFF})
    section: Named = ("Section", {"refId": SECTION})
    writing = write("unity", second, first, section)
    assert writing.rows[0].body["TeacherOfRecord"] == "No"
    assert ("StaffSection.teacherOfRecord", INFERRED) in kinds(writing)


def test_a_word_without_a_number_goes_with_the_name_of_its_list() -> None:
    link: Record = {"refId": "l", "student": STUDENT, "contact": CONTACT}
    link |= {"relationship": "Father's civil partner"}
    written = body("unity", ("ContactLink", link))
    assert written["Relationship"]["Code"] == {"@Codeset": "xPress", "": "FathersCivilPartner"}
    [(_, record)] = read("unity", "StudentContactRelationship", written).records
    assert record["relationship"] == "Father's civil partner"


def test_a_classic_term_has_the_shortest_one_around_it_as_parent() -> None:
    def term(code: str, first: str, last: str) -> Named:
        of: Record = {"school": SCHOOL, "schoolYear": "2027", "code": code}
        return "Session", {"refId": code, "startDate": first, "endDate": last, **of}

    year: Named = ("SchoolYear", {"refId": YEAR, "school": SCHOOL, "schoolYear": "2027"})
    terms = [
        term("FY", "2026-08-31", "2027-06-18"),
        term("S1", "2026-08-31", "2027-01-22"),
        term("Q1", "2026-08-31", "2026-11-06"),
    ]
    written = body("xpress", year, *terms)["sessions"]["session"]
    parents = {each["sessionCode"]: each.get("linkedSessionCode") for each in written}
    assert parents == {"FY": None, "S1": "FY", "Q1": "S1"}


def test_the_main_language_is_read_first_and_written_as_a_member() -> None:
    tongues: Node = {"type": "Native", "code": "kea", "language": {"code": "eng"}}
    [(_, record)] = read("xpress", "xStudent", {"@refId": STUDENT, "languages": tongues}).records
    assert record["languages"] == [{"use": "Native", "code": "kea"}, {"code": "eng"}]
    written = body("xpress", ("Student", record))["languages"]
    assert written == {"language": [{"type": "Native", "code": "kea"}, {"code": "eng"}]}


@pytest.mark.requirement("TRN-TX-10")
def test_an_unknown_flag_is_absent_and_never_no() -> None:
    node: Node = {"@RefId": STUDENT, "IDEA": "Unknown", "ELL": "No"}
    [(_, record)] = read("unity", "StudentPersonal", node).records
    assert "idea" not in record
    assert record["ell"] == "false"


def test_a_restriction_goes_as_an_extension() -> None:
    link: Record = {"refId": "l", "student": STUDENT, "contact": CONTACT, "relationship": "Mother"}
    written = body("unity", ("ContactLink", {**link, "restrictions": "No pick-up."}))
    assert written["SIF_ExtendedElements"]["SIF_ExtendedElement"] == [
        {"@Name": "ContactRestrictions", "": "No pick-up."}
    ]
    [(_, record)] = read("unity", "StudentContactRelationship", written).records
    assert record["restrictions"] == "No pick-up."


def test_a_school_day_has_its_own_word_where_nces_has_no_code() -> None:
    day: Record = {"refId": "d", "date": "2026-09-01", "type": "Instructional", "year": YEAR}
    written = body("unity", ("CalendarDay", day))["CalendarDateType"]
    assert written["Code"] == "9999"
    [(_, record)] = read("unity", "CalendarDate", {"CalendarDateType": written}).records
    assert record["type"] == "Instructional"


HEADER = "collection,place,entity,field,function,codes,need,to,loss,crosswalk_id,note\n"


def overlaid(*lines: str) -> TableWriter:
    """The classics under a district's own lines."""
    own = "# dialect: unity\n" + HEADER + "\n".join(lines) + "\n"
    return TableWriter(tables.overlaid(tables.load("unity"), own, "own"), SETTINGS)


def test_a_districts_line_replaces_that_of_the_same_place_and_no_other() -> None:
    writer = overlaid(
        "StudentPersonal,*,Student,,,,,,,,",
        "StudentPersonal,LocalId,Student,stateId,token,,,,,XW-080,The state's number",
        "StudentPersonal,Number,Student,phones.number,token(3),,required,,,XW-113,",
    )
    held = student(localId="7", stateId="99", phones=[{"type": "Home", "number": "12345"}])
    written = writer.write(*held, MemoryGraph([held])).rows[0].body
    assert (written["LocalId"], written["StateProvinceId"]) == ("99", "99")
    assert written["PhoneNumberList"]["PhoneNumber"] == {"@Type": "0096", "Number": "123"}


def test_a_code_that_several_meanings_share_is_named_once() -> None:
    link: Record = {"refId": "l", "student": STUDENT, "contact": CONTACT}
    contact: Named = ("Contact", {"refId": CONTACT})
    writing = write("xpress", contact, ("ContactLink", {**link, "relationship": "Foster parent"}))
    tie = writing.rows[0].body["relationships"]["relationship"]
    assert tie["relationshipCode"] == "Other"
    named = [each for each in writing.losses if each.source_path == "ContactLink.relationship"]
    assert [each.kind for each in named] == [NARROWED]


def test_a_section_of_unity_is_in_the_school_of_its_course() -> None:
    node: Node = {"@RefId": SECTION, "@SchoolCourseInfoRefId": CONTACT, "@SchoolYear": "2027"}
    course: Named = ("Course", {"refId": CONTACT, "school": SCHOOL})
    section = read("unity", "SectionInfo", node).records[0]
    assert "school" not in section[1]
    graph = MemoryGraph([section, course])
    assert [each["refId"] for each in graph.referring("Section", "school", SCHOOL)] == [SECTION]
