"""The page for people: order, words, safety, self-containment."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from conformance.runfile import FAIL, NOT_VERIFIED
from reports.render import write_report

HOSTILE = "<script>alert(1)</script>]]>\x00\u202e\"'><img src=x onerror=alert(2)>"


def _tree(directory: Path) -> Any:
    return lxml.html.fromstring(write_report(directory).read_bytes())


def _text(directory: Path) -> str:
    return " ".join(" ".join(_tree(directory).find("body").itertext()).split())


@pytest.mark.parametrize(
    ("vendor", "headline"),
    [
        ("conforming", "Conforms"),
        ("faulty", "Does not conform"),
        ("undecided", "Could not be decided"),
    ],
)
def test_the_first_heading_after_the_product_is_the_outcome(
    vendor: str, headline: str, request: pytest.FixtureRequest
) -> None:
    tree = _tree(request.getfixturevalue(vendor))
    headings = [one.text_content().strip() for one in tree.iter("h1", "h2")]
    assert headings[:2] == ["Reading Stars", headline]


def test_the_page_refers_to_nothing_outside_itself(faulty: Path) -> None:
    html = write_report(faulty).read_text(encoding="utf-8")
    references = re.findall(r"""(?:src|href|action|data|poster)\s*=\s*["']?([^"'\s>]*)""", html)
    assert {one[:1] for one in references} == {"#"}
    assert not re.findall(r"""(?:src|href|action|data|poster)\s*=\s*["']?\s*https?:""", html)
    assert "url(" not in html
    assert "@import" not in html


def test_its_policy_forbids_all_but_its_own_style_and_script(faulty: Path) -> None:
    policy = _tree(faulty).find("head/meta[@http-equiv='Content-Security-Policy']").get("content")
    parts = [part.split() for part in policy.split(";")]
    assert [(name, value[:8]) for name, value in parts] == [
        ("default-src", "'none'"),
        ("style-src", "'sha256-"),
        ("script-src", "'sha256-"),
    ]


def test_every_inner_link_has_its_target(faulty: Path) -> None:
    tree = _tree(faulty)
    targets = {link.get("href")[1:] for link in tree.iter("a", "use")}
    assert targets <= {element.get("id") for element in tree.iter() if element.get("id")}


def test_ids_are_unique(faulty: Path) -> None:
    ids = [element.get("id") for element in _tree(faulty).iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_failures_come_before_passes(faulty: Path) -> None:
    text = _text(faulty)
    assert text.index("The product does bad.") < text.index("A student is accepted.")


def test_expected_stands_beside_received_with_the_difference_marked(faulty: Path) -> None:
    pair = _tree(faulty).find_class("pair")[0]
    assert [one.text_content() for one in pair.iter("dd")] == ["Müller", "Muller"]


def test_a_failure_shows_requirement_level_basis_and_source(faulty: Path) -> None:
    card = " ".join(_tree(faulty).get_element_by_id("c-bad").text_content().split())
    for part in (
        "INF-BAD MUST, documented in the standard or by its owner.",
        "The text of INF-BAD.",
        "5.12",
    ):
        assert part in card


def test_curl_has_a_placeholder_for_the_credentials(faulty: Path) -> None:
    card = _tree(faulty).get_element_by_id("c-bad").text_content()
    assert "-H 'Authorization: Basic <authorization>'" in card


def test_profile_rules_stand_in_their_own_table(build: Callable[..., Path], make: Any) -> None:
    checks = [make.check("std"), make.check("ours")]
    rows = [make.row(checks[0]), make.row(checks[1], basis="profile")]
    tables = _tree(build(checks, rows=rows)).find_class("stack")
    told = [[row.get("id") for row in table.iter("tr") if row.get("id")] for table in tables]
    assert told == [["r-INF-STD"], ["r-INF-OURS"]]


def test_a_waiver_stands_beside_the_raw_verdict(build: Callable[..., Path], make: Any) -> None:
    check = make.check("bad", FAIL, findings=[make.finding(exchange=None)])
    directory = build([check], rows=[make.row(check, waiver="until 2027, owner A")])
    assert "INF-BAD fail until 2027, owner A" in _text(directory)


def test_an_area_that_was_not_tested_is_said_to_be_so(conforming: Path) -> None:
    text = _text(conforming)
    assert "Keeps data unchanged Not tested" in text
    assert "Nothing is said about what was not tested: keeps data unchanged." in text


def test_an_unknown_area_keeps_its_own_name(build: Callable[..., Path], make: Any) -> None:
    assert "oneroster Passed" in _text(build([make.check("csv", area="oneroster/users")]))


def test_hostile_text_stays_text(build: Callable[..., Path], make: Any) -> None:
    check = make.check(
        "bad",
        FAIL,
        title=HOSTILE,
        reason=HOSTILE,
        area=HOSTILE,
        findings=[make.finding(summary=HOSTILE, expected=HOSTILE, actual=HOSTILE, path=HOSTILE)],
        exchanges=[1],
    )
    exchange = make.exchange(1, "bad", body=HOSTILE, status=HOSTILE)
    row = make.row(check, text=HOSTILE, source=HOSTILE, waiver=HOSTILE, level=HOSTILE)
    vendor = {"product": HOSTILE, "version": HOSTILE}
    tree = _tree(build([check], [exchange], rows=[row], vendor=vendor, outcome="does not conform"))
    assert len(list(tree.iter("script"))) == 1
    assert not list(tree.iter("img"))
    assert not [one for one in tree.iter() for name in one.attrib if name.startswith("on")]


def test_unseen_characters_are_made_visible(build: Callable[..., Path], make: Any) -> None:
    vendor = {"product": "A\x00B\u202eC"}
    html = write_report(build([make.check("one")], vendor=vendor)).read_text(encoding="utf-8")
    assert "A␀B⟨U+202E⟩C" in html
    assert "\x00" not in html


def test_a_long_body_is_cut_with_a_note(build: Callable[..., Path], make: Any) -> None:
    check = make.check("bad", FAIL, exchanges=[1])
    exchange = make.exchange(1, "bad", body="x" * 50_000)
    directory = build([check], [exchange], outcome="does not conform")
    card = _tree(directory).get_element_by_id("c-bad").text_content()
    assert "first 20,000 of 50,000 characters, all in run.jsonl" in card
    assert "x" * 20_001 not in card


def test_a_check_without_an_answer_says_why(build: Callable[..., Path], make: Any) -> None:
    check = make.check("late", NOT_VERIFIED, reason="No answer within 10 seconds.")
    text = _text(build([check], outcome="could not decide"))
    assert "Reason: No answer within 10 seconds. What to do: Remove the obstacle" in text


def test_our_fault_asks_nothing_of_the_vendor(undecided: Path) -> None:
    card = _tree(undecided).get_element_by_id("c-broken").text_content()
    assert "The vendor need not act." in card


def test_headings_never_skip_a_level(faulty: Path) -> None:
    levels = [int(one.tag[1]) for one in _tree(faulty).iter("h1", "h2", "h3", "h4", "h5")]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_have_captions_and_scoped_heads(faulty: Path) -> None:
    tree = _tree(faulty)
    assert all(table.find("caption") is not None for table in tree.iter("table"))
    assert all(head.get("scope") for head in tree.iter("th"))


def test_the_page_has_language_and_landmarks(faulty: Path) -> None:
    tree = _tree(faulty)
    assert tree.get("lang") == "en"
    assert {one.tag for one in tree.iter("header", "nav", "main", "footer")} == {
        "header",
        "nav",
        "main",
        "footer",
    }


def test_the_same_run_gives_the_same_page(faulty: Path) -> None:
    assert write_report(faulty).read_bytes() == write_report(faulty).read_bytes()


def test_no_unfinished_file_stays_behind(faulty: Path) -> None:
    write_report(faulty)
    names = sorted(path.name for path in faulty.iterdir())
    assert names == ["report.html", "run.jsonl", "verdict.json"]
