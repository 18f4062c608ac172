"""What is the same is the same in each format: ids in any spelling, items in any order, moments."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.reference_hub.translate.test_engine_functions import told, written
from tests.reference_hub.translate.test_oneroster_rules import student, user
from tests.reference_hub.translate.test_sif_functions import read

STUDENT = "0a1b2c3d-0000-4000-8000-00000000abcd"
SPELLINGS = (STUDENT.upper(), STUDENT.lower(), STUDENT.replace("-", ""))


@pytest.mark.requirement("TRN-ID-01")
def test_three_spellings_of_a_refid_are_one_person() -> None:
    found = [read("xpress", "xStudent", {"@refId": each}).records[0][1] for each in SPELLINGS]
    assert {record["refId"] for record in found} == {STUDENT}


@pytest.mark.requirement("TRN-MV-08")
def test_races_in_another_order_are_the_same_row() -> None:
    orders = list(permutations(("Asian", "White", "AmericanIndianOrAlaskaNative")))
    rows = [user(student(races=list(each)), file="demographics") for each in orders]
    assert rows[1:] == rows[:-1]


@pytest.mark.requirement("TRN-MV-08")
def test_further_addresses_in_another_order_are_the_same_row() -> None:
    kinds = ("Home", "Work", "Organizational")
    main, *others = ({"type": kind, "address": f"{kind}@x.example"} for kind in kinds)
    assert user(student(emails=[main, *others])) == user(student(emails=[main, *others[::-1]]))


@pytest.mark.requirement("TRN-DT-05")
@pytest.mark.parametrize(("zone", "moment"), [("-04:00", "05:30"), ("-05:00", "06:30")])
def test_the_hour_that_comes_twice_stays_two_hours(zone: str, moment: str) -> None:
    read_back = told("moment", f"2026-11-01T01:30:00{zone}")
    assert written("moment", read_back) == (f"2026-11-01T{moment}:00.000Z", ())
