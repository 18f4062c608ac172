"""Service paths: the objects that belong to another one."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from fixtures.model import District
from fixtures.writers import xpress
from tests.reference_hub.districts import generate

NA4 = xpress.NA4


@pytest.fixture(scope="module")
def district() -> District:
    """Two schools, forty students and all that belongs to them."""
    return generate(11, students=40)


@pytest.fixture(scope="module")
def stocked(shared_sis: Any, district: District) -> Any:
    """A SIS that has stored the whole district, which nobody here changes."""
    return storing(shared_sis, district)


def storing(sis: Any, district: District) -> Any:
    """The SIS, when it has stored the district."""
    for name, collection in xpress.documents(district):
        reply = sis.send("POST", f"/requests/{name}", etree.tostring(collection))
        assert b'"201"' in reply.content
    return sis


def ids(reply: Any, collection: str = "") -> set[str]:
    if reply.status_code == 204:
        return set()
    assert reply.status_code == 200, reply.text
    root = etree.fromstring(reply.content)
    assert not collection or root.tag == f"{{{NA4}}}{collection}"
    found = [each.get("refId") or each.get("RefId") or "" for each in root]
    assert len(set(found)) == len(found)
    return set(found)


@pytest.mark.requirement("INF-SVP-001", "INF-SVP-003", "INF-SVP-004", "NEG-054", "NEG-055")
@pytest.mark.parametrize("headers", [{"serviceType": "SERVICEPATH"}, {"serviceType": "OBJECT"}, {}])
def test_the_students_of_a_school(
    stocked: Any, district: District, headers: dict[str, str]
) -> None:
    school = district.schools[0].refid
    wanted = {
        each.refid
        for each in district.students
        if school
        in [stay.school_refid for stay in (each.enrollment, *each.other_enrollments) if stay]
    }
    assert 0 < len(wanted) < 40
    reply = stocked.send("GET", f"/requests/xSchools/{school.lower()}/xStudents", **headers)
    assert ids(reply, "xStudents") == wanted
    assert reply.headers["navigationCount"] == str(len(wanted))


@pytest.mark.requirement("INF-SVP-001")
def test_the_members_of_a_roster_and_the_way_back(stocked: Any, district: District) -> None:
    section = next(each for each in district.sections if each.students)
    path = f"/requests/xRosters/{section.refid}"
    members = {each.refid for each in section.students}
    assert ids(stocked.send("GET", f"{path}/xStudents"), "xStudents") == members
    assert ids(stocked.send("GET", f"{path}/xCourses"), "xCourses") == {section.course_refid}
    teacher = section.primary_staff.person.refid
    assert teacher in ids(stocked.send("GET", f"{path}/xStaffs"), "xStaffs")
    mine = ids(stocked.send("GET", f"/requests/xStaffs/{teacher}/xRosters"), "xRosters")
    assert section.refid in mine
    student = next(iter(members))
    theirs = {
        each.refid for each in district.sections if student in {x.refid for x in each.students}
    }
    assert ids(stocked.send("GET", f"/requests/xStudents/{student}/xRosters")) == theirs


@pytest.mark.requirement("INF-SVP-001")
def test_the_contacts_of_a_student_and_the_way_back(stocked: Any, district: District) -> None:
    student = next(each for each in district.students if each.contact_refids)
    reply = stocked.send("GET", f"/requests/xStudents/{student.refid}/xContacts")
    assert ids(reply, "xContacts") == set(student.contact_refids)
    back = stocked.send("GET", f"/requests/xContacts/{student.contact_refids[0]}/xStudents")
    assert student.refid in ids(back, "xStudents")


@pytest.mark.requirement("INF-SVP-001")
@pytest.mark.parametrize(
    ("collection", "part"),
    [("xCalendars", "calendars"), ("xCourses", "courses"), ("xRosters", "sections")],
)
def test_what_belongs_to_a_district_over_its_schools(
    stocked: Any, district: District, collection: str, part: str
) -> None:
    reply = stocked.send("GET", f"/requests/xLeas/{district.lea.refid}/{collection}")
    assert ids(reply, collection) == {each.refid for each in getattr(district, part)}


@pytest.mark.requirement("INF-SVP-001")
def test_a_path_may_have_three_levels(stocked: Any, district: District) -> None:
    section = next(each for each in district.sections if each.students)
    school, roster = section.school_refid, section.refid
    other = next(each.refid for each in district.schools if each.refid != school)
    path = "/requests/xSchools/{}/xRosters/{}/xStudents"
    members = {each.refid for each in section.students}
    assert ids(stocked.send("GET", path.format(school, roster))) == members
    # The roster is there, but it is not one of that school.
    assert stocked.send("GET", path.format(other, roster)).status_code == 404
    longer = f"/requests/xLeas/{district.lea.refid}/xSchools/{school}/xRosters/{roster}/xStudents"
    assert ids(stocked.send("GET", longer)) == members


@pytest.mark.requirement("INF-SVP-001", "INF-WHR-007", "INF-ORD-001", "INF-QBE-005", "INF-PAG-001")
def test_a_path_takes_conditions_order_examples_and_pages(stocked: Any, district: District) -> None:
    path = f"/requests/xLeas/{district.lea.refid}/xStudents"
    chosen = sorted(each.refid for each in district.students)[:3]
    where = " or ".join(f'@refId="{each}"' for each in chosen)
    asked = {"queryIntention": "ALL", "navigationPageSize": "2"}
    first = stocked.send("GET", f"{path}?where=[{where}]&order=[@refId=ascending]", **asked)
    again = {"navigationId": first.headers["navigationId"], "navigationPage": "2"}
    second = stocked.send("GET", path, **(again | {"navigationPageSize": "2"}))
    assert (ids(first), ids(second)) == (set(chosen[:2]), {chosen[2]})
    example = f'<xStudent xmlns="{NA4}" refId="{chosen[1]}"/>'.encode()
    assert ids(stocked.send("POST", path, example, methodOverride="GET")) == {chosen[1]}


@pytest.mark.requirement("INF-SVP-006", "INF-ZON-004", "NEG-015")
@pytest.mark.parametrize(
    "path",
    [
        "xSchools/{}/xTransferIeps",
        "xStudents/{}/xLeas/{}/xCourses/{}/xContacts",
        "xSchools/00000000-0000-4000-8000-000000000000/xStudents",
        "xSchools/{}/nothings",
        "xSchools/{}/xStudents/{}",
        "xSchools//xStudents",
    ],
)
def test_a_path_without_an_answer_is_404(stocked: Any, district: District, path: str) -> None:
    filled = path.replace("{}", district.schools[0].refid)
    reply = stocked.send("GET", f"/requests/{filled}", serviceType="SERVICEPATH")
    assert reply.status_code == (400 if "//" in path else 404)


@pytest.mark.requirement("INF-SVP-002", "INF-ACL-005")
@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
def test_a_path_is_only_read(stocked: Any, district: District, verb: str) -> None:
    path = f"/requests/xSchools/{district.schools[0].refid}/xStudents"
    body = f'<xStudents xmlns="{NA4}"><xStudent/></xStudents>'.encode()
    reply = stocked.send(verb, path, body)
    assert reply.status_code == 405
    assert "GET" in reply.headers["Allow"]


@pytest.mark.requirement("INF-CHG-002", "INF-SVP-002")
def test_changes_since_are_not_for_paths(stocked: Any, district: District) -> None:
    path = f"/requests/xSchools/{district.schools[0].refid}/xStudents?changesSinceMarker=x"
    assert stocked.send("GET", path).status_code == 400
