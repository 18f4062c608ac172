"""A vendor is taken on in a real browser, from the agreement to real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reference_hub.model.vendor_kind import KINDS
from tests.reference_hub.console.browsing import PHONE, Browse, violations
from tests.reference_hub.console.conftest import Desk
from tests.reference_hub.console.test_onboarding import delivered, student
from tests.reference_hub.console.vendor_at_work import (
    ENTERED,
    KEY,
    SECRET,
    Taking,
    delivering,
    product,
    runs_desk,
    runs_settings,
    taking,
)
from tests.waiting import until

__all__ = ["runs_desk", "runs_settings", "taking"]
pytestmark = pytest.mark.browser
SHOTS = os.environ.get("CONSOLE_SCREENSHOTS", "")


# Axe looks at these alone, except where pictures are taken: a look costs a second.
LOOKED_AT = ("enter", "preview", "running", "conforms", "on", "onboarding")


def shoot(page: Page, name: str) -> None:
    """Nothing serious for axe; a picture for whoever wants to look at it, on desktop and phone."""
    if SHOTS or name in LOOKED_AT or "runs" in name or name.endswith("test"):
        assert violations(page) == []
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
        page.pdf(path=f"{SHOTS}/{name}.pdf", format="Letter")
        size = page.viewport_size
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        page.screenshot(path=f"{SHOTS}/{name}-phone.png", full_page=True)
        assert size
        page.set_viewport_size(size)


def press(page: Page, name: str) -> None:
    """Press a button or follow a link that looks like one."""
    page.locator("main").get_by_role("button", name=name).or_(
        page.locator("main").get_by_role("link", name=name)
    ).first.click()


def enter(page: Page) -> None:
    """The first step: from the empty list to an agreement that somebody has read."""
    shoot(page, "empty")
    press(page, "Take a vendor on")
    shoot(page, "choose")
    press(page, "Enter an agreement")
    labels = {"Short name": "name", "Company": "party", "Product": "product",
              "Privacy policy of the company": "policy",
              "Privacy policy of the district": "district_policy",
              "What the data is for": "purpose"}  # fmt: skip
    for label, field in labels.items():
        page.get_by_label(label, exact=True).fill(str(ENTERED[field]))
    page.get_by_label("ethnicity or race").check()
    shoot(page, "enter")
    press(page, "Keep the agreement")
    expect(page.get_by_text("Demographics: ethnicity or race (B07.4)")).to_be_visible()
    page.get_by_text("The document as XML").click()
    shoot(page, "preview")
    press(page, "I have read it")


def connect(page: Page, url: str) -> None:
    """Connection, doctor, made-up students."""
    page.get_by_label("Address", exact=True).fill(url)
    page.get_by_label("Application key").fill(KEY)
    page.get_by_label("Secret").fill(SECRET)
    page.get_by_label("Where it shows the users it stored").fill("export/users.csv")
    page.get_by_label("Where it shows their demographics").fill("export/demographics.csv")
    shoot(page, "connection")
    press(page, "Keep the connection")
    press(page, "Look now")
    expect(page.get_by_text("can be tested", exact=True)).to_be_visible(timeout=30_000)
    shoot(page, "doctor")
    press(page, "Go on")
    press(page, "Send made-up students")
    expect(page.locator(".figures dd").nth(1)).to_have_text("12", timeout=30_000)
    shoot(page, "sandbox")
    press(page, "Go on")


def decide(page: Page, verdict: str, words: str) -> None:
    """Record a decision."""
    page.get_by_role("link", name="Decision", exact=False).first.click()
    page.get_by_label(verdict, exact=True).check()
    page.get_by_label("Conditions and reasons").fill(words)
    shoot(page, "decision")
    press(page, "Record the decision")


def opened(taking: Taking, browse: Browse) -> Page:
    """The list of cases, signed in."""
    return browse(taking.desk.base + "/console/onboarding", cookies=taking.web.http.cookies)


def test_a_vendor_is_taken_on_from_the_agreement_to_real_data(
    taking: Taking, browse: Browse, tmp_path: Path
) -> None:
    student(taking.desk)
    page = opened(taking, browse)
    with product(tmp_path) as url, delivering(taking.desk):
        enter(page)
        connect(page, url)
        page.get_by_label("Only a first look").check()
        press(page, "Start the run")
        expect(page.get_by_text("conforms", exact=True)).to_be_visible(timeout=60_000)
        shoot(page, "conforms")
        decide(page, "Approved with conditions", "Only for grade 5 until the next run.")
        press(page, "Send the document to the vendor")
        press(page, "Switch real data on")
        shoot(page, "confirm")
        assert delivered(taking.desk) == 12
        press(page, "Switch real data on")
        until(lambda: delivered(taking.desk) == 13)
    expect(page.get_by_text("Only for grade 5 until the next run.")).to_be_visible()
    shoot(page, "on")


@pytest.mark.soak
@pytest.mark.parametrize(
    ("mutant", "outcome"), [("", "conforms"), ("CreateAnswers200", "does not conform")]
)
def test_a_whole_run_is_watched_to_its_summary(
    taking: Taking, browse: Browse, tmp_path: Path, mutant: str, outcome: str
) -> None:
    page = opened(taking, browse)
    with product(tmp_path, *filter(None, [mutant])) as url, delivering(taking.desk):
        enter(page)
        connect(page, url)
        press(page, "Start the run")
        expect(page.locator("[data-done]")).to_contain_text("/", timeout=60_000)
        shoot(page, "running")
        press(page, "Stop the run")
        expect(page.get_by_text("stopped this run")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("button", name="Start it again")).to_be_visible()
        shoot(page, "stopped")
        press(page, "Start it again")
        expect(page.get_by_text(outcome, exact=True)).to_be_visible(timeout=1_200_000)
        shoot(page, f"run-{mutant or 'well'}")
    press(page, "Open the one-page summary")
    expect(page.get_by_text("Reading App").first).to_be_visible()
    page.go_back()
    decide(page, "Refused" if mutant else "Approved", "As the summary says.")
    barred = page.get_by_text("the district refused this vendor")
    expect(barred).to_have_count(1 if mutant else 0)


@pytest.mark.parametrize("kind", list(KINDS) if SHOTS else ["files", "pull"])
def test_the_fields_of_each_kind_fit_a_phone_and_have_nothing_serious(
    taking: Taking, browse: Browse, kind: str
) -> None:
    taking.enter()
    taking.press("read", "preview")
    where = f"{taking.desk.base}/console{taking.at}/connection?kind={kind}"
    page = browse(where, size=PHONE, cookies=taking.web.http.cookies)
    assert violations(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE[0]
    page.set_viewport_size({"width": 1280, "height": 900})
    shoot(page, f"kind-{kind}")


def test_without_scripts_the_pages_load_themselves_anew(
    taking: Taking, browse: Browse, tmp_path: Path
) -> None:
    with product(tmp_path) as url:
        taking.enter()
        taking.connect(url)
        where = f"{taking.desk.base}/console{taking.at}/doctor"
        page = browse(where, cookies=taking.web.http.cookies, scripts=False)
        press(page, "Look now")
        expect(page.get_by_text("can be tested", exact=True)).to_be_visible(timeout=40_000)


def test_lists_and_pages_of_runs_have_nothing_serious(taking: Taking, browse: Browse) -> None:
    taking.enter()
    taking.connect("http://127.0.0.1:9/sif3")
    runs(taking.desk)
    for path in ("/runs", "/runs/2", "/runs/verify", "/onboarding", "/vendors/1/test"):
        page = browse(f"{taking.desk.base}/console{path}", cookies=taking.web.http.cookies)
        shoot(page, path.strip("/").replace("/", "-"))


def runs(desk: Desk) -> None:
    """Three runs of the first vendor: conforms, does not, interrupted."""
    for state, outcome, failed in (
        ("ended", "conforms", 0),
        ("ended", "does not conform", 3),
        ("interrupted", "", 0),
    ):
        result = f'{{"outcome": "{outcome}", "counts": {{"pass": 320, "fail": {failed}}}}}'
        desk.run(
            "INSERT INTO console_run (zone_id, context_id, vendor_id, kind, folder, options,"
            " started, started_by, beat, state, result) SELECT zone_id, context_id, id, 'run',"
            " CAST(gen_random_uuid() AS text), '{}', now(), 'ana', now(), :state,"
            " CAST(:result AS jsonb) FROM vendor WHERE id = 1",
            state=state, result=result,
        )  # fmt: skip
