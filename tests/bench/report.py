"""How long the engineers' page of a large run takes to be written, and to be opened."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from reports.render import write_report
from tests.bench.figures import Figure
from tests.reports.browser import chromium_path
from tests.reports.large_run import CHECKS, EXCHANGES_EACH, large_run

ROUNDS = 3
# A reader takes up to a tenth of a second for at once (Nielsen), and ten times that for no wait.
OPEN_SECONDS, FILTER_MS = 1.0, 100.0
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
_FILTER = """async () => {
  const began = performance.now();
  const field = document.querySelector("#filter [name=verdict]");
  field.value = "pass";
  field.dispatchEvent(new Event("input", {bubbles: true}));
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  const took = performance.now() - began;
  field.value = "";
  field.dispatchEvent(new Event("input", {bubbles: true}));
  return took;
}"""


def measure(folder: Path) -> list[Figure]:
    """Seconds to write, megabytes, seconds to open and milliseconds to filter; every check failed.

    Chromium must be there: reports/bench.json tells of a page that people open in a browser.
    """
    whole = folder / "large-run"
    whole.mkdir()
    large_run(whole, failing_every=1)
    seconds = statistics.median(_seconds(whole) for _ in range(ROUNDS))
    size = (whole / "report.html").stat().st_size / 1e6
    opened, filtered = _opened(whole / "report.html")
    told = f"{CHECKS} checks, all failed, {CHECKS * EXCHANGES_EACH} exchanges"
    return [
        Figure("report_render_seconds", seconds, 5.0, "lower", f"seconds; {told}"),
        Figure("report_page_mb", size, 5.0, "lower", f"megabytes; {told}"),
        Figure("report_open_seconds", opened, OPEN_SECONDS, "lower", "seconds until it is drawn"),
        Figure("report_filter_ms", filtered, FILTER_MS, "lower", "milliseconds until it is drawn"),
    ]


def _seconds(folder: Path) -> float:
    began = time.perf_counter()
    write_report(folder)
    return time.perf_counter() - began


def _opened(file: Path) -> tuple[float, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_context(offline=True).new_page()
        opened = statistics.median(_open(page, file) for _ in range(ROUNDS))
        filtered = statistics.median(float(page.evaluate(_FILTER)) for _ in range(ROUNDS))
        browser.close()
    return opened, filtered


def _open(page: Page, file: Path) -> float:
    began = time.perf_counter()
    page.goto(file.as_uri())
    page.evaluate(_DRAWN)
    return time.perf_counter() - began
