"""Service paths where each test has a store of its own, which it fills or changes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference_hub.districts import generate
from tests.reference_hub.web.test_query_paths import NA4, ids, storing


def test_a_parent_without_children_is_204(sis: Any) -> None:
    school = f'<xSchool xmlns="{NA4}" refId="00000000-0000-4000-8000-000000000001">'
    school += f"<leaRefId>{'0' * 32}</leaRefId><schoolName>S</schoolName></xSchool>"
    assert sis.send("POST", "/requests/xSchools/xSchool", school.encode()).status_code == 201
    path = "/requests/xSchools/00000000-0000-4000-8000-000000000001/xStudents"
    assert sis.send("GET", path).status_code == 204


@pytest.mark.requirement("INF-HED-001", "INF-QRY-007")
def test_head_and_tags_work_on_paths(sis: Any) -> None:
    district = generate(11, students=40)
    stocked = storing(sis, district)
    path = f"/requests/xSchools/{district.schools[0].refid}/xRosters"
    head, get = stocked.send("HEAD", path), stocked.send("GET", path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["navigationCount"] == get.headers["navigationCount"]
    assert stocked.send("GET", path, ETag=get.headers["ETag"]).status_code == 304
    stocked.send("DELETE", f"/requests/xSchools/{district.schools[1].refid}")
    assert stocked.send("GET", path, ETag=get.headers["ETag"]).status_code == 200


A = "8A2A0C1B-55F3-4B6C-9C0F-0000000000A{}"
CLASSICS = {
    "SchoolInfos": (
        f'<SchoolInfo RefId="{A.format(1)}"><LocalId>1</LocalId><SchoolName>S</SchoolName>'
        "<OperationalStatusDate>2020-07-01</OperationalStatusDate></SchoolInfo>"
    ),
    "StudentPersonals": "".join(
        f'<StudentPersonal RefId="{A.format(n)}"><LocalId>{n}</LocalId><Name Type="04">'
        "<LastName>L</LastName><FirstName>F</FirstName></Name></StudentPersonal>"
        for n in (2, 3)
    ),
    "StudentSchoolEnrollments": (
        f'<StudentSchoolEnrollment RefId="{A.format(4)}" StudentPersonalRefId="{A.format(2)}" '
        f'SchoolInfoRefId="{A.format(1)}" MembershipType="Home" TimeFrame="Current" '
        'SchoolYear="2026"><EntryDate>2025-09-01</EntryDate></StudentSchoolEnrollment>'
    ),
}


@pytest.mark.requirement("INF-SVP-001")
@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"StudentPersonals/{A.format(2)}/StudentSchoolEnrollments", {A.format(4)}),
        (f"StudentPersonals/{A.format(3)}/StudentSchoolEnrollments", set()),
        (f"SchoolInfos/{A.format(1)}/StudentPersonals", {A.format(2)}),
        (f"StudentPersonals/{A.format(2)}/SchoolInfos", {A.format(1)}),
    ],
)
def test_classics_relate_directly_and_over_what_stands_between(
    sis: Any, path: str, found: set[str]
) -> None:
    for name, inner in CLASSICS.items():
        body = f'<{name} xmlns="{NA4}">{inner}</{name}>'.encode()
        assert b'"201"' in sis.send("POST", f"/requests/{name}", body).content
    assert ids(sis.send("GET", f"/requests/{path}"), path.rpartition("/")[2]) == found
