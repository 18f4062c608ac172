"""Words of Ed-Fi descriptors for codes that no shared code set holds, as of Data Standard 5."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from fixtures import codesets

_NAMESPACE = "uri://ed-fi.org/"

# Languages whose two codes in ISO 639-2 are the same; Ed-Fi takes the bibliographic ones.
_ALIKE = "ara ben eng guj hat hin hmn ita jpn khm kor lao nep pan pol por rus som spa swa tel"
_ALIKE += " tgl tha tur ukr urd vie yor"
_BIBLIOGRAPHIC = {"fra": "fre", "zho": "chi", "deu": "ger", "sqi": "alb", "hye": "arm"}
_BIBLIOGRAPHIC |= {"mya": "bur", "fas": "per", "ron": "rum", "ell": "gre", "nld": "dut"}

WORDS: dict[str, dict[str, str]] = {
    "Language": {**{code: code for code in _ALIKE.split()}, **_BIBLIOGRAPHIC},
    "AcademicSubject": {
        "English Language Arts": "English Language Arts",
        "Mathematics": "Mathematics",
        "Science": "Science",
        "Social Studies": "Social Studies",
        "Fine and Performing Arts": "Fine and Performing Arts",
        "Visual Arts": "Fine and Performing Arts",
        "Music": "Fine and Performing Arts",
        "Foreign Language and Literature": "Foreign Language and Literature",
        "World Languages": "Foreign Language and Literature",
        "Physical, Health, and Safety Education": "Physical, Health, and Safety Education",
        "Physical Education": "Physical, Health, and Safety Education",
        "Reading": "Reading",
        "English": "English",
        "Writing": "Writing",
        "Other": "Other",
    },
    "CourseIdentificationSystem": {
        "LEA": "LEA course code",
        "District": "LEA course code",
        "SCED": "SCED course code",
        "School": "School course code",
        "State": "State course code",
        "University": "University course code",
        "Intermediate": "Intermediate agency course code",
        "NCES": "NCES Pilot SNCCS course code",
        "Other": "Other",
    },
    "EducationOrganizationIdentificationSystem": {
        "LEA": "LEA",
        "District": "LEA",
        "School": "School",
        "State": "SEA",
        "NCES": "NCES",
        "Federal": "Federal",
        "Other": "Other",
    },
    # Social security numbers never leave.
    "StaffIdentificationSystem": {
        "State": "State",
        "District": "District",
        "School": "School",
        "Federal": "Federal",
        "OtherFederal": "Other Federal",
        "PIN": "PIN",
        "Other": "Other",
        "ProfessionalCertificate": "Professional Certificate",
    },
    "StudentIdentificationSystem": {
        "Local": "Local",
        "State": "State",
        "District": "District",
        "School": "School",
        "StateMigrant": "State Migrant",
        "NationalMigrant": "National Migrant",
        "Family": "Family",
        "Federal": "Federal",
        "CanadianSIN": "Canadian SIN",
        "Other": "Other",
        "Medicaid": "Other",
        "Alias": "Other",
        "USVisa": "Other",
        "PIN": "Other",
        "DriversLicense": "Other",
        "Healthcare": "Other",
        "ProfessionalCertificate": "Other",
        "Institution": "Other",
        "OtherFederal": "Other",
        "SelectiveService": "Other",
    },
    "InstitutionTelephoneNumberType": {
        "Work": "Main",
        "Fax": "Fax",
        "Other": "Other",
        "Home": "Other",
        "Mobile": "Other",
        "Text": "Other",
    },
    # NCES 0209.
    "MediumOfInstruction": {
        "0609": "Center-based instruction",
        "0604": "Correspondence instruction",
        "0605": "Face-to-face instruction",
        "0610": "Independent study",
        "0611": "Internship",
        "0603": "Technology-based instruction in classroom",
        "0608": "Virtual/On-line Distance learning",
        "9999": "Other",
    },
    # NCES 0032 (districts) and 0261 (schools).
    "OperationalStatus": {
        "0820": "Active",
        "0106": "Active",
        "0821": "Closed",
        "0107": "Closed",
        "0104": "New",
        "0108": "New",
        "0105": "Future",
        "0111": "Future",
        "0822": "Inactive",
        "0110": "Inactive",
        "0118": "Changed Agency",
    },
    "StudentCharacteristic": {
        "economicDisadvantage": "Economic Disadvantaged",
        "homeless": "Homeless",
        "immigrant": "Immigrant",
    },
}


# The first two digits of a SCED code, below and from grade 9 on.
SCED_AREAS = {
    "01": "English Language Arts",
    "51": "English Language Arts",
    "02": "Mathematics",
    "52": "Mathematics",
    "03": "Science",
    "53": "Science",
    "04": "Social Studies",
    "54": "Social Studies",
    "05": "Fine and Performing Arts",
    "55": "Fine and Performing Arts",
    "06": "Foreign Language and Literature",
    "24": "Foreign Language and Literature",
    "56": "Foreign Language and Literature",
    "08": "Physical, Health, and Safety Education",
    "58": "Physical, Health, and Safety Education",
}


def uri(kind: str, code: str) -> str:
    """The URI of a code, such as `uri("Term", "Semester")`."""
    return f"{_NAMESPACE}{kind}Descriptor#{code}"


def word_of(kind: str, text: str) -> str:
    """Our word for a URI; the code itself where we have no list, or no word."""
    code = text.partition("#")[2] or text
    return _backwards(kind).get(code, code)


@cache
def _backwards(kind: str) -> dict[str, str]:
    """Code to word: of several words the one that is called like the code, else the first."""
    found: dict[str, str] = {}
    for word, code in WORDS.get(kind, {}).items():
        if code not in found or word == code:
            found[code] = word
    return found


def descriptor_words(name: str) -> Mapping[str, str]:
    """Our words of a shared code set that Ed-Fi has a descriptor for, and the descriptor."""
    words = codesets.words(name, "canonical", "edfi_descriptor")
    return {word: uri for word, uri in words.items() if uri}
