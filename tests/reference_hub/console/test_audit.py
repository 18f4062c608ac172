"""The audit trail in the console: filtered and paged, in counts, and checked."""

from __future__ import annotations

import re

import pytest

from reference_hub.store.audits import Entry
from tests.reference_hub.console.conftest import Desk, Web
from tests.reference_hub.console.district import District


@pytest.fixture
def viewer(desk: Desk) -> Web:
    return desk.signed_in("viewer")


def body(web: Web, path: str = "/audit") -> str:
    page = web.get(path)
    assert page.status_code == 200, page.text
    return page.text.partition("<tbody>")[2]


def test_fields_are_shown_with_their_counts(desk: Desk, viewer: Web) -> None:
    detail = {"pod": "a-pod", "fields": {"xStudent/name/givenName": 311}}
    District(desk).audit(Entry("library", "read", "xStudent", 311, detail))
    rows = body(viewer)
    assert "read records" in rows
    assert "<code>xStudent/name/givenName</code>: 311" in rows
    assert "1 field path" in rows


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("who=libr", True), ("who=l_br", False), ("who=nobody", False),
        ("what=read", True), ("what=deliv", False),
        ("object=xStudent", True), ("object=xStaff", False),
        ("until=2020-01-01&since=2019-01-01", False),
    ],
)  # fmt: skip
def test_a_filter_leaves_what_fits(desk: Desk, viewer: Web, query: str, found: bool) -> None:
    District(desk).audit(Entry("library", "read", "xStudent", 7))
    assert ("library" in body(viewer, f"/audit?{query}")) is found


def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk, viewer: Web) -> None:
    for number in range(120):
        District(desk).audit(Entry(f"app-{number:03}", "read"))
    seen, path = list[str](), "/audit?what=read"
    while path:
        page = viewer.get(path).text
        seen += re.findall(r">(app-\d{3})<", page)
        link = re.search(r'href="/console(/audit\?[^"]*)" rel="next"', page)
        path = link[1].replace("&amp;", "&") if link else ""
    assert seen == [f"app-{number:03}" for number in reversed(range(120))]


def test_a_day_that_is_none_is_told_at_its_field(viewer: Web) -> None:
    page = viewer.get("/audit?since=yesterday")
    assert page.status_code == 422
    assert 'id="since-fault"' in page.text
    assert 'value="yesterday"' in page.text


def test_days_the_wrong_way_round_are_told(viewer: Web) -> None:
    page = viewer.get("/audit?since=2026-09-02&until=2026-09-01")
    assert page.status_code == 422
    assert 'id="until-fault"' in page.text


def test_only_who_decides_sees_whom_a_look_was_about(desk: Desk, viewer: Web) -> None:
    detail = {"person": ["0b3e5f6c"], "why": "case 17"}
    District(desk).audit(Entry("console:maria", "console looked at a student", detail=detail))
    assert "0b3e5f6c" not in body(viewer)
    assert "case 17" in body(viewer)
    assert "0b3e5f6c" in body(desk.signed_in("manager"))


def test_another_district_sees_nothing_of_it(desk: Desk) -> None:
    District(desk).audit(Entry("library", "read", "xStudent", 7))
    other = desk.signed_in("viewer", zone="other-district")
    assert "library" not in body(other, "/audit?zone=demo-district")


def test_a_whole_trail_is_found_whole(desk: Desk) -> None:
    District(desk).audit(Entry("library", "read"))
    answer = desk.signed_in("manager").post("/audit/check")
    assert answer.status_code == 200
    assert "The audit trail is whole" in answer.text
    assert re.search("<code>[0-9a-f]{64}</code>", answer.text)


def test_an_altered_entry_is_found(desk: Desk) -> None:
    District(desk).audit(Entry("library", "read"))
    manager = desk.signed_in("manager")
    manager.post("/audit/check")
    desk.run("ALTER TABLE audit DISABLE TRIGGER audit_only_grows")
    desk.run("UPDATE audit SET count = 5 WHERE actor = 'library'")
    desk.run("ALTER TABLE audit ENABLE TRIGGER audit_only_grows")
    answer = manager.post("/audit/check")
    assert "The audit trail is not whole" in answer.text
    assert "is not what was sealed" in answer.text


def test_a_head_of_another_chain_is_found(desk: Desk) -> None:
    answer = desk.signed_in("manager").post("/audit/check", {"head": "a" * 64})
    assert "the end was cut off" in answer.text


def test_a_head_that_is_none_is_told_at_its_field(desk: Desk) -> None:
    answer = desk.signed_in("manager").post("/audit/check", {"head": "abc"})
    assert answer.status_code == 422
    assert 'id="head-fault"' in answer.text
