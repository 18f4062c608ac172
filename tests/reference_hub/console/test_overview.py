"""The hub in the middle: who sends, who receives, how much today, what is wrong."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from reference_hub.model.scope import Scope
from reference_hub.store.audits import Entry
from tests.reference_hub.console.conftest import Desk
from tests.reference_hub.console.district import District
from tests.reference_hub.console.reading import figures, parsed, rows


@pytest.fixture
def district(desk: Desk) -> District:
    """Something to put into the store."""
    return District(desk)


def test_the_table_says_format_amount_health_and_agreement(district: District) -> None:
    district.busy()
    assert rows(district.desk.signed_in().get("/overview").text) == {
        "Maths Lab": ["SIF", "0", "0", "2 not delivered", "in force"],
        "Bus Routes": ["Ed-Fi 5.1", "0", "0", "does not answer", "in force"],
        "Lunch Counter": ["OneRoster 1.2 CSV", "0", "0", "3 held back", "not acknowledged yet"],
        "Bright Reading": ["SIF", "1,204", "0", "works", "in force"],
        "Library Plus": ["comes for its data", "311", "0", "works", "in force"],
        "New Portal": ["not connected", "0", "0", "not connected", "no agreement"],
    }


def test_the_tangle_is_a_number(district: District) -> None:
    district.busy()
    district.audit(Entry("load", "accepted CREATE", "xSchool", 3))
    page = district.desk.signed_in().get("/overview").text
    assert figures(page) == {
        "Systems that send": "2",
        "Vendors": "6",
        "Need attention": "3",
        "Point-to-point links replaced": "12",
    }
    assert "2 × 6 = 12 links" in page
    assert "2 + 6 = 8, and one place that checks" in page


def test_the_picture_shows_every_system_with_its_line(district: District) -> None:
    district.busy()
    page = parsed(district.desk.signed_in().get("/overview").text)
    drawn = page.xpath("//figure[contains(@class, 'wide')]/svg")[0]
    names = [each.text for each in drawn.xpath(".//g//text[not(@class)]")]
    assert names == ["district-sis", "Maths Lab", "Bus Routes", "Lunch Counter",
                     "Bright Reading", "Library Plus", "New Portal"]  # fmt: skip
    assert len(drawn.xpath(".//path")) == 7
    assert [each.get("class") for each in drawn.xpath(".//path")][:3] == [
        "line good", "line bad", "line bad",
    ]  # fmt: skip
    assert drawn.xpath(".//*[@style]") == []


def test_a_vendor_that_writes_back_has_an_arrow_in_both_directions(district: District) -> None:
    ids = district.busy()
    district.audit(Entry("library", "accepted UPDATE", "xStudent", 5))
    page = district.desk.signed_in().get("/overview").text
    assert rows(page)["Library Plus"][:3] == ["comes for its data", "311", "5"]
    box = parsed(page).xpath("//figure[contains(@class, 'wide')]//polygon")
    assert len(box) == len(ids) + 2


def test_yesterday_does_not_count(district: District) -> None:
    ids = district.busy()
    assert ids
    district.desk.moved[0] += timedelta(days=1)
    page = district.desk.signed_in().get("/overview").text
    assert rows(page)["Bright Reading"][1] == "0"


def test_many_vendors_are_drawn_as_some_and_the_number_of_the_others(desk: Desk) -> None:
    for number in range(30):
        desk.vendor(f"vendor-{number:02}")
    page = desk.signed_in().get("/overview").text
    drawn = parsed(page).xpath("//figure[contains(@class, 'wide')]//g")
    assert len(drawn) == 14
    assert "and 17 more vendors" in drawn[-1].text_content()


def test_an_empty_hub_says_what_to_do_first(desk: Desk) -> None:
    page = desk.signed_in().get("/overview").text
    assert "No vendor is connected yet" in page
    assert "reference-hub vendor add reading" in page
    assert "reference-hub app add district-sis" in page


def test_a_district_sees_only_its_own_vendors(desk: Desk) -> None:
    desk.vendor("ours")
    desk.vendor("theirs", Scope("other-district"))
    web = desk.signed_in("manager", zone="demo-district")
    for path in ("/overview", "/vendors", "/overview?zone=other-district"):
        page = web.get(path).text
        assert "ours" in page
        assert "theirs" not in page
    everywhere = desk.signed_in("admin").get("/overview?zone=other-district").text
    assert "theirs" in everywhere


def test_a_vendor_is_led_to_its_own_page(desk: Desk) -> None:
    own = desk.vendor("own")
    web = desk.signed_in("vendor", vendor_id=own)
    assert web.get("/overview").headers["Location"] == f"/console/vendors/{own}"


def test_the_names_of_vendors_are_text_and_nothing_else(desk: Desk) -> None:
    name = "<script>alert(1)</script>"
    vendor_id = desk.vendor(name)
    web = desk.signed_in()
    for path in ("/overview", "/vendors", f"/vendors/{vendor_id}"):
        page = web.get(path).text
        assert name not in page
        assert "&lt;script&gt;" in page
        assert re.findall(r"<script[^>]*>", page) == [
            match for match in re.findall(r"<script[^>]*>", page) if "console.js" in match
        ]
