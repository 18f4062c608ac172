"""The hub's OneRoster bundle against the one that the kit writes straight from the same records.

Two writers that share no code agree in every cell but those named here, each with its reason.
"""

from __future__ import annotations

from collections import Counter

import pytest

from fixtures.district.plan import Plan
from fixtures.writers.oneroster import csv_files
from tests.reference_hub.translate.districts import district, packed, written
from tests.reference_hub.translate.test_oneroster_bundle import Rows, unpacked

DECLARED = {"extensions": ["ext:aide"]}
MADE = "xPress has no id for it: each writer makes its own"
UNDATED = "xPress has no dates for it"
NO_SUBJECT = "a classic course has no subject, and codes run beside subjects"
NO_GRADES = "a classic course has a level and no grades"
NO_MOBILE = "classic telephones have no kind for a mobile"
NO_AIDE = "xPress does not tell an aide from a teacher"
APART = {
    "xpress": {
        "academicSessions.csv": {"sourcedId": MADE, "parentSourcedId": MADE},
        "courses.csv": {"schoolYearSourcedId": MADE},
        "classes.csv": {"termSourcedIds": MADE},
        "enrollments.csv": {
            "sourcedId": MADE,
            "beginDate": UNDATED,
            "role": NO_AIDE,
        },
        "roles.csv": {"sourcedId": MADE, "beginDate": UNDATED},
        "demographics.csv": {"cityOfBirth": "xPress has no place of birth"},
    },
    "unity": {
        "academicSessions.csv": {"parentSourcedId": "a classic term has no term above it"},
        "courses.csv": {"subjects": NO_SUBJECT, "subjectCodes": NO_SUBJECT, "grades": NO_GRADES},
        "classes.csv": {"subjects": NO_SUBJECT, "subjectCodes": NO_SUBJECT, "grades": NO_GRADES},
        "roles.csv": {"sourcedId": "a contact's role has no id in SIF: each writer makes its own"},
        "demographics.csv": {"sex": "classics say U where a record says nothing"},
        "users.csv": {
            "username": "classics keep logins in objects that the hub does not send",
            "phone": NO_MOBILE,
            "sms": NO_MOBILE,
        },
    },
}


def judged(seed: int) -> dict[str, Rows]:
    """What the kit writes."""
    return unpacked(b"".join(csv_files.files(Plan(seed, 12))[csv_files.NAME]))


def facts(rows: Rows, without: dict[str, str]) -> Counter[tuple[tuple[str, tuple[str, ...]], ...]]:
    """Rows as facts: the order inside a list and of the rows says nothing."""
    kept = [name for name in rows[0] if name not in without]
    return Counter(
        tuple((name, tuple(sorted(row[name].split(",")))) for name in kept) for row in rows
    )


@pytest.mark.parametrize(
    "seed", [10, *(pytest.param(x, marks=pytest.mark.soak) for x in range(11, 20))]
)
@pytest.mark.parametrize("model", ["xpress", "unity"])
def test_two_independent_writers_agree(model: str, seed: int) -> None:
    theirs = judged(seed)
    ours = unpacked(packed(written(district(seed, model=model), "oneroster-1.2", DECLARED), "1.2"))
    students = {row["sourcedId"] for row in theirs["demographics.csv"]}
    # The crosswalk gives the staff's sex a place; the kit leaves it out.
    ours["demographics.csv"] = [x for x in ours["demographics.csv"] if x["sourcedId"] in students]
    for name in sorted(set(theirs) - {"manifest.csv"}):
        apart = APART[model].get(name, {})
        assert facts(ours[name], apart) == facts(theirs[name], apart), name


@pytest.mark.parametrize("model", ["xpress", "unity"])
def test_each_cell_that_is_named_really_differs(model: str) -> None:
    named = {(name, column) for name, columns in APART[model].items() for column in columns}
    found: set[tuple[str, str]] = set()
    for seed in (10, 12):
        theirs = judged(seed)
        ours = unpacked(
            packed(written(district(seed, model=model), "oneroster-1.2", DECLARED), "1.2")
        )
        for name, column in named - found:
            others = {x: why for x, why in APART[model][name].items() if x != column}
            if facts(ours[name], others) != facts(theirs[name], others):
                found.add((name, column))
    assert found == named
