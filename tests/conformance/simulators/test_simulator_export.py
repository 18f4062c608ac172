"""What the simulator makes of students: OneRoster 1.2 rows, from objects and from bundles."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest

from conformance.simulators.oneroster import COLUMNS, write_table

A, B = "A" * 32, "B" * 32


def school(
    refid: str, membership: str, grade: str, entry: str = "2026-09-01", exit_: str = ""
) -> str:
    last = f"<exitDate>{exit_}</exitDate>" if exit_ else ""
    return (
        f"<enrollment><leaRefId>{A}</leaRefId><schoolRefId>{refid}</schoolRefId>"
        f"<membershipType>{membership}</membershipType><entryDate>{entry}</entryDate>{last}"
        f"<gradeLevel>{grade}</gradeLevel></enrollment>"
    )


def rows(vendor: Any, name: str) -> list[dict[str, str]]:
    text = vendor.rows(name).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def only(
    vendor: Any, build: Any, inner: str, table: str = "users", name: str = "Okafor"
) -> dict[str, str]:
    """Create one student and give its only row."""
    assert vendor.create(build.student(build.refid(), inner, name=name)).status_code == 201
    (row,) = rows(vendor, table)
    return row


def test_the_export_has_the_published_columns_and_crlf(vendor: Any) -> None:
    first, rest = vendor.rows("users").split(b"\r\n")
    assert (first.decode().split(","), rest) == (list(COLUMNS["users"]), b"")


def test_the_sourced_id_is_the_refid_in_lower_case(vendor: Any, build: Any) -> None:
    vendor.create(build.student("0123456789ABCDEF0123456789ABCDEF"))
    assert rows(vendor, "users")[0]["sourcedId"] == "01234567-89ab-cdef-0123-456789abcdef"


def test_identifiers_keep_zeros_and_leave_ssn_out(vendor: Any, build: Any) -> None:
    other = "<otherId><type>{}</type><id>{}</id></otherId>"
    others = f"<otherIds>{other.format('SSN', '1')}{other.format('District', 'D:1')}</otherIds>"
    inner = f"<localId>0012</localId><stateProvinceId>0034</stateProvinceId>{others}"
    row = only(vendor, build, inner)
    assert (row["userIds"], row["identifier"]) == (
        "{local:0012},{state:0034},{District:D%3A1}",
        "0012",
    )
    assert row["username"] == "0012"


@pytest.mark.parametrize(
    "name", ["Zoë", "Nguye\u0302\u0303n", "O’Brien", "a, \"b\"; 'c'", "=1+1", "x\ty\nz", "王"]
)
def test_names_arrive_letter_for_letter(vendor: Any, build: Any, name: str) -> None:
    assert only(vendor, build, "", name=name)["familyName"] == name


def test_preferred_names_have_their_columns_and_former_ones_none(vendor: Any, build: Any) -> None:
    names = (
        "<otherNames><name><type>PreviousLegalName</type><familyName>Old</familyName></name>"
        "<name><type>PreferredGivenName</type><givenName>Addie</givenName></name></otherNames>"
    )
    row = only(vendor, build, names)
    assert (row["givenName"], row["preferredGivenName"], row["preferredFamilyName"]) == (
        "Ada",
        "Addie",
        "",
    )


def test_the_school_address_beats_work_and_home(vendor: Any, build: Any) -> None:
    mail = "<emailType>{0}</emailType><emailAddress>{0}@example.org</emailAddress>"
    others = "".join(f"<email>{mail.format(kind)}</email>" for kind in ("Organizational", "Work"))
    row = only(
        vendor, build, f"<email>{mail.format('Home')}</email><otherEmails>{others}</otherEmails>"
    )
    assert row["email"] == "Organizational@example.org"


def test_a_mobile_number_goes_to_sms(vendor: Any, build: Any) -> None:
    phones = (
        "<phoneNumber><phoneNumberType>Mobile</phoneNumberType><number>1</number></phoneNumber>"
        "<otherPhoneNumbers><phoneNumber><number>2</number></phoneNumber><phoneNumber><number>3</number>"
        "<primaryIndicator>true</primaryIndicator></phoneNumber></otherPhoneNumbers>"
    )
    row = only(vendor, build, phones)
    assert (row["sms"], row["phone"]) == ("1", "3")


def test_the_home_school_comes_first(vendor: Any, build: Any) -> None:
    inner = (
        school(A, "Concurrent", "10")
        + f"<otherEnrollments>{school(B, 'Home', '09')}</otherEnrollments>"
    )
    row = only(vendor, build, inner)
    assert row["grades"] == "09,10"
    assert row["primaryOrgSourcedId"] == "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"
    assert [role["roleType"] for role in rows(vendor, "roles")] == ["primary", "secondary"]


def test_the_last_day_becomes_the_first_day_after(vendor: Any, build: Any) -> None:
    row = only(vendor, build, school(A, "Home", "09", "2025-09-01Z", "2028-02-28"), "roles")
    assert (row["beginDate"], row["endDate"]) == ("2025-09-01", "2028-02-29")


def demographics(vendor: Any, build: Any, inner: str) -> dict[str, str]:
    return only(vendor, build, f"<demographics>{inner}</demographics>", "demographics")


FLAGS = COLUMNS["demographics"][5:11]


@pytest.mark.parametrize(
    ("races", "flags"),
    [
        ((), ["", "", "", "", "", ""]),
        (("Asian",), ["false", "true", "false", "false", "false", "false"]),
        (("Asian", "White"), ["false", "true", "false", "false", "true", "true"]),
        (("DemographicRaceTwoOrMoreRaces",), ["", "", "", "", "", "true"]),
    ],
)
def test_races_are_a_set_and_unknown_is_blank(
    vendor: Any, build: Any, races: tuple[str, ...], flags: list[str]
) -> None:
    told = "".join(f"<race><race>{race}</race></race>" for race in races)
    row = demographics(vendor, build, f"<races>{told}</races>" if races else "")
    assert [row[flag] for flag in FLAGS] == flags


@pytest.mark.parametrize(("told", "shown"), [("1", "true"), ("false", "false"), (None, "")])
def test_ethnicity_has_three_values(vendor: Any, build: Any, told: str | None, shown: str) -> None:
    inner = f"<hispanicLatinoEthnicity>{told}</hispanicLatinoEthnicity>" if told else ""
    assert demographics(vendor, build, inner)["hispanicOrLatinoEthnicity"] == shown


@pytest.mark.parametrize(
    "date", ["2014-03-09", "2014-03-09Z", "2014-03-09-05:00", "2014-03-09+14:00"]
)
def test_a_birth_date_is_never_shifted(vendor: Any, build: Any, date: str) -> None:
    assert (
        demographics(vendor, build, f"<birthDate>{date}</birthDate>")["birthDate"] == "2014-03-09"
    )


def test_a_deleted_student_is_not_exported(vendor: Any, build: Any) -> None:
    refid = build.refid()
    vendor.create(build.student(refid))
    vendor.send("DELETE", f"xStudents/{refid}")
    assert rows(vendor, "users") == []


def test_the_export_needs_the_application(vendor: Any) -> None:
    url = f"{vendor.url}/export/users.csv"
    assert vendor.http.get(url, headers=vendor.session()).status_code == 401


def bundle(users: bytes, version: str = "1.2") -> bytes:
    lines = ("propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}")
    manifest = "\r\n".join((*lines, "file.users,bulk", ""))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("manifest.csv", manifest)
        archive.writestr("users.csv", users)
    return packed.getvalue()


def put(vendor: Any, body: bytes, message: str = "", **headers: str) -> Any:
    marker = {"dataPrivacyMarker": vendor.marker} if vendor.marker else {}
    kind = {"Content-Type": "application/zip", "messageId": message}
    url = f"{vendor.url}/files/roster.zip"
    return vendor.http.put(url, body, headers={**vendor.application(), **kind, **marker, **headers})


def user(sourced_id: str, name: str = "Okafor") -> dict[str, str]:
    named = {"givenName": "Ada", "familyName": name, "username": "ada", "enabledUser": "true"}
    return {"sourcedId": sourced_id, **named}


def users(*ids: str) -> bytes:
    return bundle(write_table(COLUMNS["users"], [user(each) for each in ids]))


def test_a_bundle_is_taken_and_the_next_one_replaces_it(vendor: Any) -> None:
    assert put(vendor, users("a", "b")).status_code == 201
    reply = put(vendor, users("b", "c"))
    assert (reply.status_code, reply.headers["dataPrivacyMarker"]) == (204, vendor.marker)
    assert [row["sourcedId"] for row in rows(vendor, "users")] == ["b", "c"]


def test_a_repeated_message_changes_nothing(vendor: Any) -> None:
    put(vendor, users("a"), "11111111-1111-4111-8111-111111111111")
    assert put(vendor, users("b"), "11111111-1111-4111-8111-111111111111").status_code == 204
    assert [row["sourcedId"] for row in rows(vendor, "users")] == ["a"]


def test_a_bundle_without_marker_is_refused_and_not_kept(vendor: Any) -> None:
    vendor.marker = None
    assert put(vendor, users("a")).status_code == 403
    assert rows(vendor, "users") == []


@pytest.mark.parametrize(
    "body",
    [
        b"no zip",
        bundle(b"sourcedId,givenName\r\na,b\r\n"),
        bundle(write_table(COLUMNS["users"], [user("a"), user("b", "")])),
        bundle(write_table(COLUMNS["users"], [user("a")]), "1.0"),
        bundle(write_table(COLUMNS["users"], [user("\ue000")]).replace("\ue000".encode(), b"\xff")),
        bundle(write_table(COLUMNS["users"], [user("a")]) + b"b\r\n"),
    ],
)
def test_a_malformed_bundle_is_refused_whole(vendor: Any, body: bytes) -> None:
    assert put(vendor, body).status_code == 400
    assert rows(vendor, "users") == []
