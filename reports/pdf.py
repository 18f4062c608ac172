"""The one page as PDF, printed by a Chromium that is cut off from the network."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_PLAYWRIGHT = (
    "a PDF needs the extra `pdf`, which is not installed. "
    "Install it with: python -m pip install 'sif-conformance-kit[pdf]'"
)
NO_BROWSER = (
    "a PDF needs Chromium, and none was found. Install it with: apt-get install --yes "
    "--no-install-recommends chromium (or set CHROMIUM to the path of one)"
)


class NoPrinter(RuntimeError):
    """What prints pages is not installed; says what to install."""


def chromium() -> str:
    """The path of the system's Chromium; raises NoPrinter."""
    named = os.environ.get("CHROMIUM", "")
    found = next(filter(None, map(shutil.which, [named] if named else NAMES)), None)
    if found is None:
        raise NoPrinter(NO_BROWSER)
    return found


def printed(page: Path) -> bytes:
    """A local page as PDF on A4; raises NoPrinter when something has to be installed first."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ModuleNotFoundError:
        raise NoPrinter(NO_PLAYWRIGHT) from None
    path = chromium()
    # A container's root may not use the sandbox, and its /dev/shm is small.
    options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=options)
        except Error as error:
            first = str(error).partition("\n")[0]
            raise NoPrinter(f"{path} does not start ({first}). {NO_BROWSER}") from None
        context = browser.new_context(offline=True, java_script_enabled=False)
        opened = context.new_page()
        opened.goto(page.resolve().as_uri())
        data = opened.pdf(format="A4", print_background=True, tagged=True, outline=True)
        browser.close()
    return data
