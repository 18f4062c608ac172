"""Everything that was sent and has a place is there, nothing else is, under published names."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from conformance import expect, fidelity
from conformance.checks.exports import kept, sent_and_kept
from conformance.checks.preparation import created, element, partial
from conformance.fidelity import INVENTED
from conformance.problems import Finding, NotApplicable
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

EVERY = ("sourcedId", "status", "dateLastModified")
USERS = (*EVERY, "enabledUser", "username", "userIds", "givenName", "familyName", "middleName",
         "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password",
         "userMasterIdentifier", "preferredGivenName", "preferredMiddleName",
         "preferredFamilyName", "primaryOrgSourcedId", "pronouns")  # fmt: skip
DEMOGRAPHICS = (*EVERY, "birthDate", "sex", "americanIndianOrAlaskaNative", "asian",
                "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander", "white",
                "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity",
                "countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth",
                "publicSchoolResidenceStatus")  # fmt: skip


@verifies("TRN-LR-05")
def check_every_field_with_a_place_is_there(
    sif: SifClient, readback: ReadBack, edge: Callable[[str], etree._Element]
) -> None:
    """A student with every field there is loses none of those that have a column."""
    student = edge("every-field")
    refid = created(sif, student)
    if not readback.user(refid):
        raise Finding(
            "a student that was accepted is not in the export of users",
            "one row with the id of the student",
            "no row of this id",
            readback.last.exchange if readback.last else None,
        )
    kept(readback, student, refid)


@verifies("TRN-LR-05")
def check_ordinary_students_arrive_whole(
    sif: SifClient, readback: ReadBack, students: Callable[[int], list[etree._Element]]
) -> None:
    """Five ordinary students arrive with every judged column as it must be."""
    for student in students(5):
        sent_and_kept(sif, readback, student)


@verifies("TRN-LR-02")
def check_nothing_is_made_up(sif: SifClient, readback: ReadBack, student: etree._Element) -> None:
    """Of a student with a name and a local id only, every other column is blank."""
    name = element("name", element("familyName", "Qvexalder"), element("givenName", "Qvexwren"))
    bare = partial(student, name, element("localId", "0042"))
    refid = created(sif, bare)
    user, demographics = readback.user(refid), readback.demographics().get(refid, {})
    demographics = demographics or readback.demographic(refid)
    for judged in fidelity.compare(bare, user, demographics):
        if not readback.sees(judged.expected.field):
            continue
        made_up = judged.outcome == INVENTED
        expect.true(not made_up, f"{judged.expected.field} is blank, as nothing was sent",
                    readback.last)  # fmt: skip
    for column in ("pronouns", "password", "preferredMiddleName", "agentSourcedIds"):
        expect.equal(user.get(column, ""), "", f"users.{column}", readback.last)
    for column in ("stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus"):
        expect.equal(demographics.get(column, ""), "", f"demographics.{column}", readback.last)


@verifies("TRN-PR-09")
def check_columns_are_the_published_ones(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """The exports have the published columns in their order; extensions stand at the end."""
    if readback.told.form != "csv":
        raise NotApplicable("the read back is not CSV of OneRoster")
    created(sif, student)
    for path, columns in (
        (sif.config.readback.users, USERS),
        (sif.config.readback.demographics, DEMOGRAPHICS),
    ):
        reply = readback.fetch(path)
        header = reply.body.decode("utf-8-sig", "replace").partition("\n")[0].rstrip("\r")
        told = [name.strip('"') for name in header.split(",")]
        expect.equal(told[: len(columns)], list(columns), "columns of the export", reply)
        extra = [name for name in told[len(columns) :] if not name.startswith("metadata.")]
        expect.equal(extra, [], "columns that do not belong there", reply)
