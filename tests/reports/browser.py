"""The system's Chromium for tests of pages: started once a file, cut off from every network.

Give a test the fixture `open_page` (import it and `chromium` in the conftest of the folder) and the
mark `browser`. A page may load nothing but itself: whatever else it asks for, and whatever its
scripts or its Content-Security-Policy complain about, fails the test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "No Chromium was found, and the pages are tested in a real browser. "
    "Install it with: apt-get install --yes --no-install-recommends chromium "
    "(or set CHROMIUM to the path of one)."
)
# What WCAG 2.2 asks for at the levels A and AA, as the rules of axe are tagged.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE, DESKTOP = (390, 844), (1280, 900)

Open = Callable[..., Page]


def chromium_path() -> str:
    """The path of the system's Chromium; the test fails with the line that installs it."""
    named = os.environ.get("CHROMIUM", "")
    found = next(filter(None, map(shutil.which, [named] if named else NAMES)), None)
    return found or pytest.fail(MISSING, pytrace=False)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One headless browser for all tests of a file; it starts in half a second.

    Not for the whole session: Playwright leaves an event loop running in this thread, beside which
    the tests of the SFTP client could not start theirs.
    """
    path = chromium_path()
    # A container's root may not use the sandbox, and its /dev/shm is small.
    options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Open a file: `open_page(path, size=PHONE, scheme="dark")` gives the loaded page.

    `size` in CSS pixels; `scheme` light or dark. At the end no page may have asked for anything
    but the files it was sent to, nor have logged an error; `complaint` is a part of one that must
    be logged.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    due: set[str] = set()

    def heard(kind: str, text: str) -> None:
        told = {one for one in due if one in text}
        due.difference_update(told)
        if kind in ("error", "warning") and not told:
            faults.append(f"{kind}: {text}")

    def dismiss(box: Dialog) -> None:
        faults.append(f"a dialog: {box.message}")
        box.dismiss()

    def _open(
        path: Path,
        size: tuple[int, int] = DESKTOP,
        scheme: Literal["light", "dark"] = "light",
        complaint: str = "",
    ) -> Page:
        due.update({complaint} - {""})
        context = chromium.new_context(
            offline=True,
            color_scheme=scheme,
            reduced_motion="reduce",
            viewport={"width": size[0], "height": size[1]},
        )
        contexts.append(context)
        # A busy machine is slow; that is no fault of a page.
        context.set_default_timeout(90_000)
        page, address = context.new_page(), path.resolve().as_uri()
        page.on("request", lambda one: faults.extend(_stray(one.url)))
        page.on("pageerror", lambda error: faults.append(f"script failed: {error}"))
        page.on("console", lambda said: heard(said.type, said.text))
        page.on("dialog", dismiss)
        page.goto(address)
        return page

    yield _open
    for context in contexts:
        context.close()
    assert faults == []
    assert not due, f"the browser did not complain of {due}"


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA: rule, count and first place; empty if nothing."""
    only = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=only).response["violations"]
    return [
        f"{one['id']} at {len(one['nodes'])} places, first {one['nodes'][0]['target']}"
        for one in found
    ]


def _stray(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:", "blob:")) else [f"asked for {url}"]
