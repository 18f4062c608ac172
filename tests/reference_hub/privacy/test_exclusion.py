"""People whom a vendor must never hear of, and the document that says who they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from fixtures.standards import MODELS
from reference_hub.codec.xml import fold, parse, tostring
from reference_hub.privacy.exclusion import Exclusion, exclusions_of
from reference_hub.privacy.filter import Grants, passes_whole, prune, shows_each
from reference_hub.privacy.grants import shown_id

ANA, BEN, DOC = (f"{n}B1C2D3E-4F50-4162-8394-A5B6C7D8E9F0" for n in "012")
NA4, AU = MODELS["unity-4.3-kit"].namespace, MODELS["au-3.4-kit"].namespace
TYPES = ("xStudent", "xStaff", "xContact", "xRoster", "xSchool", "StudentSchoolEnrollment")
TYPES += ("StudentContactRelationship", "StaffAssignment", "SectionInfo", "DisciplineIncident")
TYPES += ("StudentSnapshot", "xTransferIep")
GRANTS = Grants(TYPES, excluded=frozenset({fold(ANA)}))


def reference(refid: str) -> str:
    return f"<studentReference><refId>{refid}</refId><localId>7</localId></studentReference>"


def teacher(refid: str) -> str:
    return f"<StaffPersonalRefId>{refid}</StaffPersonalRefId>"


def offender(refid: str) -> str:
    named = f'<SIF_RefId SIF_RefObject="StudentPersonal">{refid}</SIF_RefId>'
    return f"<Offender>{named}</Offender>"


WITHOUT = {
    "xRoster": ("<students>{0}{1}</students>", "<students>{1}</students>", reference),
    "SectionInfo": (
        "<ScheduleInfoList><ScheduleInfo><TeacherList>{0}{1}</TeacherList></ScheduleInfo>"
        "</ScheduleInfoList>",
        "<ScheduleInfoList><ScheduleInfo><TeacherList>{1}</TeacherList></ScheduleInfo>"
        "</ScheduleInfoList>",
        teacher,
    ),
    "DisciplineIncident": (
        "<OffenderList>{0}{1}</OffenderList>",
        "<OffenderList>{1}</OffenderList>",
        offender,
    ),
    "xStudent": (
        "<studentContacts><contactPersonRefId>{0}</contactPersonRefId></studentContacts>"
        "<localId>7</localId>",
        "<studentContacts/><localId>7</localId>",
        str,
    ),
    "StudentSchoolEnrollment": (
        '<Advisor SIF_RefObject="StaffPersonal">{0}</Advisor><ExitDate>2026-01-01</ExitDate>',
        "<ExitDate>2026-01-01</ExitDate>",
        str,
    ),
    "xContact": (
        "<relationships><relationship><studentRefId>{0}</studentRefId></relationship>"
        "</relationships><localId>7</localId>",
        "<relationships/><localId>7</localId>",
        str,
    ),
}


@pytest.mark.requirement("POD-MIN-011")
@pytest.mark.parametrize("spelled", [ANA, ANA.lower(), fold(ANA)])
@pytest.mark.parametrize("name", WITHOUT)
def test_the_entry_that_names_the_person_goes_and_the_rest_stays(name: str, spelled: str) -> None:
    inside, left, write = WITHOUT[name]
    body = inside.format(write(spelled), write(BEN))
    found = prune(parse(f'<{name} xmlns="{NA4}" RefId="{DOC}">{body}</{name}>'.encode()), GRANTS)
    expected = f'<{name} xmlns="{NA4}" RefId="{DOC}">{left.format("", write(BEN))}</{name}>'
    assert found is not None
    assert tostring(found) == tostring(parse(expected.encode()))


NOTHING_LEFT = {
    "the person": f'<xStudent xmlns="{NA4}" refId="{ANA.lower()}"/>',
    "about the person": f'<StudentSchoolEnrollment xmlns="{NA4}" StudentPersonalRefId="{ANA}"/>',
    "about the person, where nothing is mandatory": f'<StudentSchoolEnrollment xmlns="{AU}">'
    f"<StudentPersonalRefId>{ANA}</StudentPersonalRefId></StudentSchoolEnrollment>",
    "about the person and another": f'<StudentContactRelationship xmlns="{AU}">'
    f"<StudentContactPersonalRefId>{ANA}</StudentContactPersonalRefId>"
    "</StudentContactRelationship>",
    "the only one of a mandatory list": f'<DisciplineIncident xmlns="{NA4}"><OffenderList>'
    f"{offender(ANA)}</OffenderList></DisciplineIncident>",
    "no schema of the object": f'<StudentSnapshot xmlns="{NA4}"><A>{ANA}</A></StudentSnapshot>',
    "an education plan": f'<xTransferIep xmlns="{NA4}"><referenceObjects><student refId="{ANA}"/>'
    "</referenceObjects></xTransferIep>",
}


@pytest.mark.requirement("POD-MIN-011")
@pytest.mark.parametrize("case", NOTHING_LEFT)
def test_an_object_of_or_about_the_person_is_not_sent(case: str) -> None:
    body = NOTHING_LEFT[case].encode()
    assert prune(parse(body), GRANTS) is None
    assert prune(parse(body), Grants(TYPES)) is not None


def test_it_counts_also_where_the_reference_is_not_granted() -> None:
    paths = ("StudentSchoolEnrollment/EntryDate",)
    body = NOTHING_LEFT["about the person, where nothing is mandatory"].replace(
        "</StudentSchool", "<EntryDate>2025-09-01</EntryDate></StudentSchool"
    )
    assert prune(parse(body.encode()), Grants(paths)) is not None
    assert prune(parse(body.encode()), Grants(paths, excluded=GRANTS.excluded)) is None


def test_nothing_passes_unread_where_somebody_is_excluded() -> None:
    body = f'<xStudent xmlns="{NA4}" refId="{BEN}"/>'.encode()
    assert passes_whole(body, 1, Grants(TYPES), "xStudent")
    assert not passes_whole(body, 1, GRANTS, "xStudent")
    assert not shows_each(GRANTS, "xStudent")


def test_not_even_the_deletion_of_an_excluded_person_is_told() -> None:
    assert shown_id(GRANTS, "xStudent", ANA.lower()) == ""
    assert shown_id(GRANTS, "xStudent", BEN) == BEN


def wish(*entries: str, consent: bool = True) -> bytes:
    inside = "".join(entries)
    told = f"<ConsentToSharingOfData>{inside}</ConsentToSharingOfData>" if consent else ""
    return (
        f'<PersonPrivacyObligationDocument xmlns="{NA4}" RefId="{DOC}"><ParentRefId>{ANA}'
        f"</ParentRefId>{told}</PersonPrivacyObligationDocument>"
    ).encode()


def never(inside: str) -> str:
    return f"<NeverShareWithList><NeverShareWith>{inside}</NeverShareWith></NeverShareWithList>"


DOMAIN = (
    "<DataDomainObligationList><DataDomainObligation><DataDomain>Health</DataDomain>"
    "<DoNotShareWithList><DoNotShareWith><DoNotShareWithParty>Beta</DoNotShareWithParty>"
    "</DoNotShareWith></DoNotShareWithList></DataDomainObligation></DataDomainObligationList>"
)
ACME = (
    "<NeverShareWithParty>Acme</NeverShareWithParty>"
    "<NeverShareWithLocalId>7</NeverShareWithLocalId>"
)
WISHES = {
    "one party": (wish(never(ACME)), Exclusion(fold(ANA), frozenset({"Acme", "7"}))),
    "a domain": (wish(DOMAIN), Exclusion(fold(ANA), frozenset({"Beta"}))),
    "both": (wish(DOMAIN, never(ACME)), Exclusion(fold(ANA), frozenset({"Acme", "7", "Beta"}))),
    "nobody": (wish(), Exclusion(fold(ANA))),
    "an entry without a name": (wish(never("")), Exclusion(fold(ANA), everyone=True)),
    "no consent part": (wish(consent=False), Exclusion(fold(ANA), everyone=True)),
}


@pytest.mark.requirement("POD-MIN-011")
@pytest.mark.parametrize("case", WISHES)
def test_a_person_s_document_says_with_whom_nothing_is_shared(case: str) -> None:
    body, expected = WISHES[case]
    assert exclusions_of(parse(body)) == expected


def test_other_documents_say_nothing() -> None:
    assert exclusions_of(parse(f'<xStudent xmlns="{NA4}" refId="{ANA}"/>'.encode())) is None


def test_the_names_of_the_document_are_the_published_ones(standards: Path) -> None:
    place = standards / "schemas" / "patched" / "unity-4.3-strict" / "SIF_Message.xsd"
    names = {each.get("name") for each in etree.parse(str(place)).getroot().iter("{*}element")}
    used = {
        each.tag.rpartition("}")[2] for body, _ in WISHES.values() for each in parse(body).iter()
    }
    assert used <= names
