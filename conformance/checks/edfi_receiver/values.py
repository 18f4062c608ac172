"""What was sent is what is shown: names, days, digits, codes, lists, truth values, numbers."""

from __future__ import annotations

import pytest

from conformance import edfi_expect, expect
from conformance.checks.edfi_receiver.steps import (
    comes_back,
    in_district,
    put_down,
    seen,
    stays_of,
    taken,
)
from conformance.edfi import EdfiClient, id_of
from conformance.edfi_bodies import Bodies
from conformance.edfi_expect import prepared
from conformance.edfi_shapes import KNOWN, STAYS, STUDENTS, Body, uri
from conformance.plugin_edfi_receiver import Pupil, enrolled
from conformance.problems import NotApplicable
from conformance.verifies import verifies

NAMES = {
    "letters with signs": ("Zoë-Ærøskøbing", "Łukasiewicz d’Óñ"),
    "other scripts": ("Иван", "王小明"),
    "right to left": ("سارة", "בן־דוד"),
    "beyond the first plane": ("𠮷野", "Ng 🄰"),
    "decomposed": ("Ame\u0301lie", "Nguye\u0302\u0303n"),
    "quotes and ampersands": ('Ann "Nan" \'O', "Smith & Sons\\"),
}
RACES = (
    "American Indian or Alaska Native",
    "Asian",
    "Black or African American",
    "Native Hawaiian or Pacific Islander",
    "White",
)


@verifies("EDF-VLE-001")
def check_every_value_of_a_student_comes_back(host: EdfiClient, pupil: Pupil) -> None:
    """All names and the birth day that were sent are shown, letter for letter."""
    comes_back(host, STUDENTS, pupil.number, pupil.body)


@verifies("TRN-LR-02")
def check_nothing_is_added_to_a_record(host: EdfiClient, bodies: Bodies, pupil: Pupil) -> None:
    """Student, enrolment and what the district knows have no value that nobody sent."""
    body = bodies.known(pupil.body)
    number = put_down(host, KNOWN, body)
    for name, which, sent in (
        (STUDENTS, pupil.number, pupil.body),
        (STAYS, pupil.stay_number, pupil.stay),
        (KNOWN, number, body),
    ):
        shown, reply = seen(host, name, which)
        edfi_expect.nothing_added(sent, shown, reply)


@verifies("TRN-TX-01")
@pytest.mark.parametrize("case", list(NAMES))
def check_edfi_names_of_any_script_come_back(host: EdfiClient, bodies: Bodies, case: str) -> None:
    """Letters of any script, composed or not, come back code point by code point."""
    given, family = NAMES[case]
    student = bodies.student(firstName=given, lastSurname=family)
    reply = taken(host.post(STUDENTS, student), "a name of any script")
    prepared(host.post(STAYS, bodies.stay(student)))
    number = id_of(reply) or host.look_up(STUDENTS, student)
    comes_back(host, STUDENTS, number, student, "firstName", "lastSurname")


@verifies("TRN-TX-04")
def check_blanks_inside_a_surname_stay(host: EdfiClient, bodies: Bodies) -> None:
    """Two blanks inside a name, and one before a hyphen, are still there."""
    pupil = enrolled(host, bodies, lastSurname="de la  Cruz -Paz")
    comes_back(host, STUDENTS, pupil.number, pupil.body, "lastSurname")


@verifies("TRN-TX-06")
def check_digits_that_are_names_keep_their_zeros(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """An identifier and a postal code with zeros in front come back as text, zeros and all."""
    codes = bodies.known(pupil.body)["studentIdentificationCodes"]
    codes = [codes[0] | {"identificationCode": "000123450"}]
    addresses = [_address("00501")]
    number = in_district(
        host, bodies, pupil.body, studentIdentificationCodes=codes, addresses=addresses
    )
    sent = {"studentIdentificationCodes": codes, "addresses": addresses}
    shown, reply = seen(host, KNOWN, number)
    edfi_expect.same(sent, shown, reply)


def _address(postal_code: str) -> Body:
    return {
        "addressTypeDescriptor": uri("AddressType", "Home"),
        "streetNumberName": "12 Test Road",
        "city": "Lawrence",
        "stateAbbreviationDescriptor": uri("StateAbbreviation", "MA"),
        "postalCode": postal_code,
    }


@verifies("TRN-CS-05")
@pytest.mark.parametrize("count", [0, 1, 2, 5], ids=["none", "one", "two", "all"])
def check_races_come_back_as_the_set_they_are(
    host: EdfiClient, bodies: Bodies, pupil: Pupil, count: int
) -> None:
    """None, one, two and five races come back as sent, none more and none less."""
    races = bodies.races(*RACES[:count])
    number = in_district(host, bodies, pupil.body, races=races or None)
    shown, reply = seen(host, KNOWN, number)
    edfi_expect.same({"races": races}, shown, reply)


@verifies("TRN-CS-03")
def check_sex_that_was_not_said_is_not_made_up(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """Without a sex in what the district knows, none is shown (data standard 4 demands one)."""
    if host.config.edfi.data_standard == "4":
        raise NotApplicable("data standard 4 demands a sex")
    number = in_district(host, bodies, pupil.body, sexDescriptor=None)
    shown, reply = seen(host, KNOWN, number)
    expect.equal(shown.get("sexDescriptor"), None, "the sex that nobody said", reply)


@verifies("EDF-VLE-002")
def check_every_item_of_a_list_comes_back(host: EdfiClient, bodies: Bodies, pupil: Pupil) -> None:
    """Three telephones, three mail addresses and two languages are all shown, with their kinds."""
    sent: Body = {
        "telephones": [
            {
                "telephoneNumber": f"(978) 555-010{place}",
                "telephoneNumberTypeDescriptor": uri("TelephoneNumberType", kind),
                "orderOfPriority": place,
            }
            for place, kind in enumerate(("Home", "Mobile", "Work"), 1)
        ],
        "electronicMails": [
            {
                "electronicMailAddress": f"sck.{kind[:4].lower()}@example.org",
                "electronicMailTypeDescriptor": uri("ElectronicMailType", kind),
            }
            for kind in ("Home/Personal", "Organization", "Work")
        ],
        "languages": [{"languageDescriptor": uri("Language", code)} for code in ("eng", "spa")],
    }
    number = in_district(host, bodies, pupil.body, **sent)
    shown, reply = seen(host, KNOWN, number)
    edfi_expect.same(sent, shown, reply)


@verifies("EDF-VLE-003")
@pytest.mark.parametrize("said", [True, False, None], ids=["yes", "no", "not said"])
def check_no_is_not_the_same_as_not_said(
    host: EdfiClient, bodies: Bodies, pupil: Pupil, said: bool | None
) -> None:
    """Yes comes back as true, no as false, and what was not said is not there."""
    number = in_district(host, bodies, pupil.body, hispanicLatinoEthnicity=said)
    shown, reply = seen(host, KNOWN, number)
    told = shown.get("hispanicLatinoEthnicity")
    expect.true(told is said, f"hispanicLatinoEthnicity is {said}", reply, str(told))


@verifies("EDF-VLE-004")
def check_credits_keep_their_value(host: EdfiClient, bodies: Bodies) -> None:
    """Credits of 0.125 and 12.5 come back with this value, as numbers."""
    sent = {"minimumAvailableCredits": 0.125, "maximumAvailableCredits": 12.5}
    number = put_down(host, "courses", bodies.course(**sent))
    shown, reply = seen(host, "courses", number)
    edfi_expect.same(sent, shown, reply)


@verifies("EDF-VLE-005")
def check_last_day_is_the_day_that_was_sent(host: EdfiClient, bodies: Bodies, pupil: Pupil) -> None:
    """The last day of an enrolment is inclusive here: it comes back as the same day."""
    ended = pupil.stay | {"exitWithdrawDate": bodies.day(3, 31)}
    prepared(host.put(STAYS, pupil.stay_number, ended))
    comes_back(host, STAYS, pupil.stay_number, ended, "exitWithdrawDate")


@verifies("TRN-LC-11")
def check_withdrawal_ends_the_enrolment_and_keeps_the_person(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """After a last day the enrolment, the student and what the district knows are still there."""
    known = in_district(host, bodies, pupil.body)
    ended = pupil.stay | {"exitWithdrawDate": bodies.day(3, 31)}
    prepared(host.put(STAYS, pupil.stay_number, ended))
    for name, number in ((STUDENTS, pupil.number), (STAYS, pupil.stay_number), (KNOWN, known)):
        reply = host.get(name, number)
        expect.true(reply.ok, f"{name} is still there after a withdrawal", reply)


@verifies("EDF-VLE-006")
def check_second_enrolment_stands_beside_the_first(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """Who leaves and comes back has two enrolments, told apart by the first day."""
    first = pupil.stay | {"exitWithdrawDate": bodies.day(1, 20)}
    prepared(host.put(STAYS, pupil.stay_number, first))
    again = bodies.stay(pupil.body, entryDate=bodies.day(3, 2))
    put_down(host, STAYS, again)
    days = sorted(str(one.get("entryDate")) for one in stays_of(host, pupil.body))
    expect.equal(days, [first["entryDate"], again["entryDate"]], "first days")


@verifies("TRN-LR-05")
def check_every_field_of_a_record_arrives(host: EdfiClient, bodies: Bodies, pupil: Pupil) -> None:
    """What the district knows of a student, with all its lists at once, is there whole."""
    body = bodies.known(
        pupil.body,
        loginId="sck.login",
        races=bodies.races("Asian", "White"),
        hispanicLatinoEthnicity=False,
        addresses=[_address("01841"), _address("01840") | {
            "addressTypeDescriptor": uri("AddressType", "Mailing")}],
    )  # fmt: skip
    comes_back(host, KNOWN, put_down(host, KNOWN, body), body)
