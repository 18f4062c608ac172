"""A district's own layout of school life reaches a vendor's folder file by file, and follows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from lxml import etree

from fixtures.generate import Plan
from fixtures.writers import notation, unity
from reference_hub.codec import xml
from reference_hub.model.change import CREATE, UPDATE, Change
from reference_hub.store import vendor_profiles
from reference_hub.store.vendor_profiles import OwnProfile
from tests.reference_hub.delivery.district import SCOPE, District
from tests.reference_hub.delivery.sftp_server import PASSWORD, USER, Drop, sftp_server

NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
TYPES = ["SchoolInfo", "StudentPersonal", "StudentMeal", "StudentTransportInfo"]
LAYOUT = """
title = "Lunch counter"
format = "CSV"
version = "1"
table = "flat"
shape = "files"
files = "each"
transports = ["sftp"]
[layout]
date_format = "%m/%d/%Y"
[layout.files.meals]
name = "lunch.csv"
columns = ["id", "student", "status", "start"]
headings = { status = "Lunch Status" }
[layout.files.transport]
name = "bus.csv"
columns = ["student", "route", "days"]
"""


def objects() -> list[etree._Element]:
    """Schools, students, their meals and buses."""
    return [
        notation.element(node, NA4)
        for name, nodes in unity.collections(Plan(5, 6, 2)).items()
        if name.removesuffix("s") in TYPES
        for node in nodes
    ]


def change(element: etree._Element, action: str = CREATE) -> Change:
    """A change of an object."""
    refid = xml.fold(xml.refid_of(element))
    return Change(action, xml.local_name(element), refid, xml.tostring(element))


def lunch(drop: Drop) -> dict[str, dict[str, str]]:
    """The rows of the lunch file by id."""
    text = drop.read("lunch.csv").decode()
    return {row["id"].upper(): row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_lunch_and_bus_follow_their_objects(district: District, tmp_path: Path) -> None:
    found = objects()
    meals = {
        xml.refid_of(each).upper(): each for each in found if xml.local_name(each) == "StudentMeal"
    }
    with sftp_server(tmp_path / "vendor") as drop:
        with district.engine.begin() as connection:
            vendor_profiles.put(connection, SCOPE, OwnProfile("lunch", LAYOUT, ""))
        district.connect(
            district.vendor(policy="off"), drop.url, format="lunch", transport="sftp",
            objects=TYPES, credentials={"key": USER, "secret": PASSWORD},
            delivery={"host_keys": [drop.fingerprint]},
        )  # fmt: skip
        district.accept(*map(change, found))
        district.deliver()
        assert drop.names() == ["bus.csv", "lunch.csv"]
        assert {key: row["start"] for key, row in lunch(drop).items()} == {
            key: _american(each.findtext("{*}MealStatus/{*}StartDate"))
            for key, each in meals.items()
        }
        refid, first = next(iter(meals.items()))
        (status,) = first.findall("{*}MealStatus")
        status.set("Type", "Reduced")
        district.accept(change(first, UPDATE))
        district.deliver()
        assert lunch(drop)[refid]["Lunch Status"] == "Reduced"


def _american(day: str | None) -> str:
    year, month, date = str(day).split("-")
    return f"{month}/{date}/{year}"
