"""Whichever way a vendor reads by, the audit trail tells of it."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from sqlalchemy import text

from fixtures.model import District
from fixtures.writers import xpress
from tests.reference_hub.districts import generate
from tests.reference_hub.web.conftest import Client, Hub

LIST = "/requests/xStudents"
QBE = f'<xStudent xmlns="{xpress.NA4}"><name><givenName>%</givenName></name></xStudent>'
READ = "SELECT object_type, count FROM audit WHERE action = 'read' AND actor = 'reader' ORDER BY id"


@pytest.fixture
def district(sis: Any) -> District:
    """A district of ten students, stored."""
    made = generate(11, students=10, schools=1)
    for name, collection in xpress.documents(made):
        assert sis.send("POST", f"/requests/{name}", etree.tostring(collection)).status_code == 200
    return made


@pytest.fixture
def marked(hub: Hub, reader: Client) -> Client:
    """The vendor with its marker."""
    token = hub.pod(1, granted=("xStudent", "xSchool")).token
    reader.http.headers["dataPrivacyMarker"] = token
    return reader


def read(hub: Hub) -> list[tuple[str, int]]:
    """What the trail says that the vendor read."""
    with hub.engine.connect() as connection:
        return [(row.object_type, row.count) for row in connection.execute(text(READ))]


@pytest.mark.parametrize(
    ("verb", "path", "headers", "count"),
    [
        ("GET", LIST, {}, 10),
        ("GET", f"{LIST}/{{student}}", {}, 1),
        ("GET", f"{LIST}?navigationPage=2&navigationPageSize=4", {}, 4),
        ("GET", f"{LIST}?navigationPage=1&navigationPageSize=3", {"queryIntention": "ALL"}, 3),
        ("GET", f"{LIST}?where=[name/givenName!=%22-%22]", {}, 10),
        ("GET", f"{LIST}?order=[name/givenName=descending]", {}, 10),
        ("POST", LIST, {"methodOverride": "GET"}, 10),
        ("GET", "/requests/xSchools/{school}/xStudents", {}, 10),
    ],
)
def test_each_way_of_reading_is_in_the_trail(
    hub: Hub, marked: Client, district: District,
    verb: str, path: str, headers: dict[str, str], count: int,
) -> None:  # fmt: skip
    path = path.format(student=district.students[0].refid, school=district.schools[0].refid)
    reply = marked.send(verb, path, QBE.encode() if verb == "POST" else None, **headers)
    assert reply.status_code == 200, reply.text
    assert read(hub) == [("xStudent", count)]


def test_changes_and_kept_pages_are_in_the_trail(
    hub: Hub, marked: Client, sis: Client, district: District
) -> None:
    since = marked.send("HEAD", LIST).headers["changesSinceMarker"]
    first = marked.send(
        "GET", f"{LIST}?navigationPage=1&navigationPageSize=4", queryIntention="ALL"
    )
    kept = {"navigationId": first.headers["navigationId"], "queryIntention": "ALL"}
    marked.send("GET", f"{LIST}?navigationPage=2&navigationPageSize=5", **kept)
    sis.send("DELETE", f"{LIST}/{district.students[0].refid}")
    marked.send("GET", f"{LIST}?changesSinceMarker={since}")
    assert read(hub) == [("xStudent", 4), ("xStudent", 5), ("xStudent", 1)]


def test_whoever_is_refused_has_read_nothing(hub: Hub, reader: Client, district: District) -> None:
    assert reader.send("GET", f"{LIST}/{district.students[0].refid}").status_code == 403
    assert reader.send("GET", LIST, dataPrivacyMarker="nobody's").status_code == 403
    assert read(hub) == []
