"""The pages in a real browser: signing in by keyboard, no scripts needed, nothing wrong for axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.reference_hub.console.browsing import PHONE, Browse, violations
from tests.reference_hub.console.conftest import PASSWORD, Desk
from tests.reference_hub.console.district import District

pytestmark = pytest.mark.browser


@pytest.fixture
def ids(desk: Desk) -> dict[str, int]:
    """A district at work; its vendors by name."""
    return District(desk).busy()


def test_somebody_signs_in_and_pauses_a_vendor_by_keyboard_alone(
    desk: Desk, ids: dict[str, int], browse: Browse
) -> None:
    desk.account("maria")
    page = browse(f"{desk.base}/console/")
    page.get_by_label("Name").press_sequentially("maria")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.get_by_role("table").first.get_by_role("link", name="Bus Routes").press("Enter")
    page.get_by_role("link", name="Pause deliveries").press("Enter")
    page.get_by_label("Why?").press_sequentially("They move servers")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Deliveries to Bus Routes are paused.")
    page.get_by_role("button", name="Deliver again").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Deliveries to Bus Routes go on.")


def test_everything_works_without_scripts(desk: Desk, ids: dict[str, int], browse: Browse) -> None:
    desk.account("maria")
    page = browse(f"{desk.base}/console/vendors", scripts=False)
    page.get_by_label("Name").fill("maria")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Name or company").fill("maths")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Maths Lab").click()
    page.get_by_role("button", name="Try again now").click()
    expect(page.get_by_role("status")).to_contain_text("2 deliveries that were given up")


def test_a_fault_is_announced_and_its_field_is_ready(
    desk: Desk, ids: dict[str, int], browse: Browse
) -> None:
    cookies = desk.signed_in("manager").http.cookies
    page = browse(f"{desk.base}/console/vendors/{ids['Bus Routes']}/pause", cookies=cookies)
    page.get_by_role("button", name="Pause deliveries").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    expect(page.get_by_label("Why?")).to_be_focused()
    said = page.get_by_label("Why?").get_attribute("aria-describedby")
    assert said == "why-hint why-fault"


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("es", "dark")])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    desk: Desk, ids: dict[str, int], browse: Browse, language: str, scheme: str
) -> None:
    cookies = desk.signed_in("manager").http.cookies
    vendor = f"vendors/{ids['Maths Lab']}"
    paths = ("overview", "vendors", vendor, f"vendors/{ids['Bright Reading']}/pause")
    page = browse(f"{desk.base}/console/account?lang={language}", PHONE, scheme, cookies)
    found = {}
    for path in paths:
        page.goto(f"{desk.base}/console/{path}")
        width = page.evaluate("document.documentElement.scrollWidth")
        found[path] = (width, violations(page))
    assert found == dict.fromkeys(paths, (PHONE[0], []))


def test_the_picture_looks_again_by_itself(desk: Desk, ids: dict[str, int], browse: Browse) -> None:
    cookies = desk.signed_in("manager").http.cookies
    page = browse(f"{desk.base}/console/overview", cookies=cookies)
    page.clock.install()
    page.reload()
    expect(page.get_by_role("link", name="Bright Reading").first).to_be_visible()
    desk.run("UPDATE vendor SET name = 'Brighter Reading' WHERE name = 'Bright Reading'")
    page.clock.run_for(31_000)
    expect(page.get_by_role("link", name="Brighter Reading").first).to_be_visible()


def test_a_printed_page_has_the_picture_and_no_buttons(
    desk: Desk, ids: dict[str, int], browse: Browse, tmp_path: Path
) -> None:
    cookies = desk.signed_in("manager").http.cookies
    page = browse(f"{desk.base}/console/overview", (720, 900), cookies=cookies)
    page.emulate_media(media="print")
    expect(page.locator(".picture.wide")).to_be_visible()
    expect(page.locator(".picture.narrow")).to_be_hidden()
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    page.goto(f"{desk.base}/console/vendors/{ids['Maths Lab']}")
    expect(page.get_by_role("button", name="Try again now")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
