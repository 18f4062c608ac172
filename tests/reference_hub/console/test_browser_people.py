"""Audit, people, deletions, collections and the public page in a real browser."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from reference_hub.store.audits import Entry
from tests.reference_hub.collection.conftest import State
from tests.reference_hub.collection.planting import a_district, put
from tests.reference_hub.console.browsing import PHONE, Browse, violations
from tests.reference_hub.console.conftest import Desk, Web
from tests.reference_hub.console.district import District
from tests.reference_hub.console.student import WHY, School

pytestmark = pytest.mark.browser


@dataclass
class Ground:
    """A district at work, somebody who decides, a student that vendors have."""

    desk: Desk
    web: Web
    number: str

    def address(self, path: str) -> str:
        """A page of the console."""
        return f"{self.desk.base}/console{path}"


@pytest.fixture
def ground(desk: Desk) -> Ground:
    district = a_district(students=30)
    put(district["StudentPersonal"][0], "StateProvinceId", "1")
    state = State(desk.engine)
    state.keep(district)
    state.run("ma-sims")
    District(desk).busy()
    looked = {"person": ["d2e46dfa3b99448895b95ab2caaf8d88"], "why": WHY}
    District(desk).audit(Entry("console:maria", "console looked at a student", detail=looked))
    school = School(desk)
    refid, number = school.student()
    school.sent("Reading Room", refid)
    school.comes("Library")
    return Ground(desk, desk.signed_in("admin"), number)


PAGES = ("/audit", "/audit/check", "/people", "/people/delete", "/deletions", "/collection",
         "/collection/ma-sims", "/collection/ma-sims/records", "/collection/ma-sims/again",
         "/vendors/1/delete")  # fmt: skip


def wide(page: Page) -> bool:
    """Whether a page scrolls sideways."""
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return bool(page.evaluate(wider))


def test_no_page_keeps_anybody_out_nor_scrolls_sideways(ground: Ground, browse: Browse) -> None:
    page = browse(ground.address(PAGES[0]), size=PHONE, cookies=ground.web.http.cookies)
    for path in PAGES:
        page.goto(ground.address(path))
        assert violations(page) == [], path
        assert not wide(page), path


def test_a_student_is_looked_at_and_deleted_by_keyboard(ground: Ground, browse: Browse) -> None:
    page = browse(ground.address("/people"), cookies=ground.web.http.cookies)
    page.get_by_label("Number of the person").fill(ground.number)
    page.get_by_label("Why you look").fill(WHY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Student {ground.number}")
    assert ground.number not in page.url
    assert violations(page) == []
    page.get_by_role("button", name="Have this student deleted at vendors").press("Enter")
    expect(page.get_by_role("button", name="Have it deleted")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Have it deleted").press("Enter")
    page.wait_for_url(re.compile("/deletions/1$"))
    assert "Request 1 is filed" in page.get_by_role("status").first.inner_text()
    assert violations(page) == []


def test_parents_read_the_public_page_without_scripts(ground: Ground, browse: Browse) -> None:
    for scheme in ("light", "dark"):
        page = browse(f"{ground.desk.base}/public/demo-district", size=PHONE, scheme=scheme)
        assert violations(page) == []
        assert not wide(page)
    page = browse(f"{ground.desk.base}/public/demo-district", scripts=False, locale="es-MX")
    assert page.get_by_role("heading", level=1).inner_text().startswith("Quién recibe datos")
    page.get_by_role("link", name="English").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Who gets data about students")
