"""The report in a real browser: reachable for everybody, inert, and narrowed down as asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from conformance.runfile import FAIL, NOT_VERIFIED, PASS
from reports.render import write_report
from tests.reports.browser import PHONE, Open, violations
from tests.reports.conftest import a_check, a_finding, a_requirement, a_run, an_exchange

pytestmark = pytest.mark.browser

HOSTILE = (
    "<html><body onload=alert(1)><script>window.taken = 1; alert(2)</script>"
    "<img src=http://198.51.100.7/x onerror=alert(3)><iframe src=javascript:alert(4)></iframe>"
    "<a href=javascript:alert(5)>x</a><style>body{display:none}</style></details></pre></body>"
)
SHOWN = "() => [...document.querySelectorAll('article')].filter(e => e.offsetParent).map(e => e.id)"
ROWS = (
    "() => [...document.querySelectorAll('tr[data-verdict]')].filter(e => e.offsetParent)"
    ".map(e => e.id)"
)
REACHABLE = """() => [...document.querySelectorAll('a, summary, select, input, button')]
    .filter(e => e.checkVisibility() && !e.closest('details:not([open]) > :not(summary)')).length"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two failures, one check not verified, one passed; of different areas and levels."""
    names = a_check("names", FAIL, area="translation/names", findings=[a_finding()], exchanges=[1])
    paging = a_check("paging", FAIL, area="sif/paging", requirements=["NEG-PAGING"])
    late = a_check("late", NOT_VERIFIED, reason="No answer within 10 seconds.")
    checks = [names, paging, late, a_check("good", PASS)]
    rows = [a_requirement(one, level="SHOULD" if one is paging else "MUST") for one in checks]
    exchanges = [an_exchange(1, "names")]
    folder = tmp_path_factory.mktemp("mixed")
    return write_report(a_run(folder, checks, exchanges, rows=rows, outcome="does not conform"))


def _opened(page: Page) -> Page:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    return page


@pytest.mark.parametrize(
    ("vendor", "scheme"),
    [("conforming", "light"), ("faulty", "light"), ("faulty", "dark"), ("undecided", "light")],
)
def test_the_page_meets_wcag_as_far_as_axe_sees(
    vendor: str, scheme: str, open_page: Open, request: pytest.FixtureRequest
) -> None:
    file = write_report(request.getfixturevalue(vendor))
    assert violations(_opened(open_page(file, scheme=scheme))) == []


def test_the_page_meets_wcag_on_a_phone_too(mixed: Path, open_page: Open) -> None:
    page = _opened(open_page(mixed, size=PHONE))
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]


@pytest.mark.parametrize(
    ("name", "value", "cards", "rows"),
    [
        ("verdict", "could not verify", ["c-late"], ["r-INF-LATE"]),
        ("area", "translation/names", ["c-names"], ["r-INF-NAMES"]),
        ("level", "SHOULD", ["c-paging"], ["r-NEG-PAGING"]),
        ("requirement", "inf-", ["c-names", "c-late"], ["r-INF-NAMES", "r-INF-LATE", "r-INF-GOOD"]),
        ("text", "within 10 SECONDS", ["c-late"], []),
        ("text", "nowhere", [], []),
    ],
)
def test_each_filter_leaves_what_it_names(
    name: str, value: str, cards: list[str], rows: list[str], mixed: Path, open_page: Open
) -> None:
    page = open_page(mixed)
    field = page.locator(f"#filter [name={name}]")
    if name in ("requirement", "text"):
        field.fill(value)
    else:
        field.select_option(value)
    assert page.evaluate(SHOWN) == cards
    if rows:
        assert page.evaluate(ROWS) == rows


def test_filters_narrow_each_other_and_tell_how_many_are_left(mixed: Path, open_page: Open) -> None:
    page = open_page(mixed)
    page.locator("#filter [name=verdict]").select_option("fail")
    page.locator("#filter [name=level]").select_option("MUST")
    assert page.evaluate(SHOWN) == ["c-names"]
    assert page.locator("#filter output").inner_text() == "2 of 7 entries shown"
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#filter output")).to_have_text("")
    assert len(page.evaluate(SHOWN)) == 3


def test_the_keyboard_alone_reaches_everything(mixed: Path, open_page: Open) -> None:
    page = open_page(mixed)
    reachable, seen = page.evaluate(REACHABLE), set()
    for at in range(reachable):
        page.keyboard.press("Tab")
        seen.add(page.locator(":focus").evaluate("(e, at) => e.dataset.seen ||= at", str(at)))
    assert len(seen) == reachable > 30


def test_what_is_focused_can_be_seen(mixed: Path, open_page: Open) -> None:
    page = open_page(mixed)
    page.locator("summary").first.focus()
    page.keyboard.press("Tab")
    outline = page.locator(":focus").evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"


def test_the_first_stop_skips_to_the_result(mixed: Path, open_page: Open) -> None:
    page = open_page(mixed)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(":focus").get_attribute("id") == "main"


def test_a_link_opens_the_exchange_it_points_at(mixed: Path, open_page: Open) -> None:
    page = open_page(mixed)
    step = page.locator("#e-names-1 details")
    assert not step.evaluate("e => e.open")
    page.locator("#c-names .where a").press("Enter")
    page.locator("#e-names-1 details[open]").wait_for()
    expect(step.locator("pre").nth(1)).to_contain_text("Müller")


def test_a_filtered_card_appears_again_when_a_link_leads_to_it(
    mixed: Path, open_page: Open
) -> None:
    page = open_page(mixed)
    page.locator("#filter [name=verdict]").select_option("could not verify")
    page.evaluate("location.hash = '#c-names'")
    page.locator("#c-names").wait_for()
    assert page.evaluate(SHOWN) == ["c-names", "c-late"]


def test_a_hostile_answer_is_inert(build: Callable[..., Path], make: Any, open_page: Open) -> None:
    finding = make.finding(summary=HOSTILE, actual=HOSTILE, path=HOSTILE)
    check = make.check("bad", FAIL, title=HOSTILE, findings=[finding], exchanges=[1])
    exchange = make.exchange(1, "bad", body=HOSTILE, status=HOSTILE)
    page = open_page(write_report(build([check], [exchange], outcome="does not conform")))
    _opened(page)
    assert page.evaluate("typeof window.taken") == "undefined"
    assert page.locator("img, iframe, main style, main script").count() == 0
    # Not the text as drawn: a card out of sight is drawn when it comes near.
    assert HOSTILE in (page.locator("#e-bad-1 pre").nth(1).text_content() or "")


def test_the_policy_refuses_what_escaping_would_let_through(
    mixed: Path, open_page: Open, tmp_path: Path
) -> None:
    text = mixed.read_text("utf-8")
    other = tmp_path / "other.html"
    other.write_text(text.replace("</main>", "<script>window.taken = 1</script></main>"), "utf-8")
    page = open_page(other, complaint="Content Security Policy")
    assert page.evaluate("typeof window.taken") == "undefined"


def test_paper_shows_every_failure_and_no_form(mixed: Path, open_page: Open) -> None:
    page = open_page(mixed)
    page.locator("#filter [name=verdict]").select_option("could not verify")
    page.emulate_media(media="print")
    assert page.evaluate(SHOWN) == ["c-names", "c-paging", "c-late"]
    assert not page.locator("#filter").is_visible()
