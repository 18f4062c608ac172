"""Signing in at a provider of another site, in a real browser: its cookies obey the real rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reference_hub.console.browsing import DESKTOP, PHONE, violations
from tests.reference_hub.console.openid_door import Door, door

pytestmark = pytest.mark.browser
__all__ = ["door"]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that may go to other hosts, without scripts."""
    size = {"width": PHONE[0], "height": PHONE[1]}
    context = chromium.new_context(viewport=size, java_script_enabled=False)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def test_somebody_comes_back_from_another_site_to_the_page_they_wanted(
    door: Door, page: Page
) -> None:
    page.goto(f"{door.desk.base}/console/vendors?q=maths")
    page.get_by_role("link", name="Sign in with Demo Schools").press("Enter")
    assert page.url.startswith(f"{door.provider.issuer}/authorize")
    page.get_by_role("button", name="Let me in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vendors")
    assert page.url == f"{door.desk.base}/console/vendors?q=maths"
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign out of Demo Schools as well").click()
    expect(page.get_by_text("You are signed out of the provider.")).to_be_visible()


def test_axe_finds_nothing_on_the_ways_in(door: Door, chromium: Browser) -> None:
    size = {"width": DESKTOP[0], "height": DESKTOP[1]}
    context = chromium.new_context(viewport=size, locale="es-ES")  # type: ignore[arg-type]
    page = context.new_page()
    found = []
    for path in ("sign-in?why=out&by=provider", "openid/back?state=x"):
        page.goto(f"{door.desk.base}/console/{path}")
        found.append((page.title().partition(" \u2013 ")[0], violations(page)))
    context.close()
    assert found == [("Iniciar sesi\u00f3n", []), ("No ha iniciado sesi\u00f3n", [])]
