"""Delivery of a whole roster as the CSV files of Clever and SDS, to a vendor that takes files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from conformance.simulators.message import Response
from reference_hub.journeys.renew_rows import renew_rows
from tests.reference_hub.delivery.district import District, Vendor, roster

TYPES = ["xLea", "xSchool", "xStudent"]


def delivered(
    district: District, vendor: tuple[Vendor, str], form: str
) -> dict[str, list[dict[str, str]]]:
    """The files that were put, by name."""
    app, url = vendor
    vendor_id = district.vendor()
    district.connect(vendor_id, url, name="sif", objects=["xNothing"])
    drop = {"format": form, "transport": "http_put", "objects": TYPES}
    district.connect(vendor_id, f"{url}/files", name="files", **drop)
    district.issue(vendor_id)
    district.deliver()
    district.accept(*roster(4))
    # The vendor knows OneRoster only; this one just keeps what it is given.
    app.serves(Response(201), times=20)
    district.deliver()
    assert district.states() == [("CREATE", "done", "")]
    assert {each.header("content-type") for each in app.data()} == {"text/csv"}
    texts = {each.segments[-1]: each.body.decode() for each in app.data()}
    return {name: list(csv.DictReader(io.StringIO(text))) for name, text in texts.items()}


@pytest.mark.parametrize(
    ("form", "file", "column"),
    [("clever", "students.csv", "Student_id"), ("sds-2.1", "users.csv", "sourcedId")],
)
def test_a_district_arrives_as_the_files_of_the_vendor(
    form: str, file: str, column: str, district: District, vendor: tuple[Vendor, str]
) -> None:
    found = delivered(district, vendor, form)
    assert len({row[column] for row in found[file]}) == 4


@pytest.mark.requirement("TRN-DT-11")
def test_a_new_day_makes_the_rows_of_current_people_anew(
    district: District, vendor: tuple[Vendor, str]
) -> None:
    delivered(district, vendor, "clever")
    assert renew_rows(district.engine, district.clock) == 0
    district.hour.moved = timedelta(days=1)
    assert renew_rows(district.engine, district.clock) == 1
    assert ("CREATE", "waiting", "") in district.states()
