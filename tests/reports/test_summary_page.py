"""The page for a district as text: what stands on it, in which words, and nothing from outside."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from conformance.cli import main
from conformance.runfile import FAIL, NOT_APPLICABLE, NOT_VERIFIED, PASS
from reports.summary import FILES, write_summaries
from tests.reports.district import WHOLE, Build, a_run_of, one_of_each_theme, unanswered
from tests.reports.reading import grade

HOSTILE = "<script>alert(1)</script>{points}\x00\u202e\"'><img src=x onerror=alert(2)>"
BROKEN = WHOLE | {"POD-GATE-002": FAIL, "TRN-LR-05": FAIL, "INF-UPD-001": NOT_VERIFIED}


def _page(directory: Path, language: str = "en") -> Any:
    write_summaries(directory)
    return lxml.html.fromstring((directory / FILES[language]).read_bytes())


def _text(element: Any) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _list(page: Any, section: str) -> list[str]:
    place = page.get_element_by_id(section).getparent()
    return [_text(one) for one in place.iter("li")]


@pytest.mark.parametrize(
    ("verdicts", "english", "spanish"),
    [
        (WHOLE, "Meets", "Cumple"),
        (WHOLE | {"DAT-UNI-002": FAIL}, "Meets with reservations", "Cumple con reservas"),
        (BROKEN, "Does not meet", "No cumple"),
        (WHOLE | {"INF-DEL-001": NOT_VERIFIED}, "Could not be decided", "No se pudo decidir"),
    ],
)
def test_the_first_heading_after_the_product_is_the_answer(
    build: Build, make: Any, verdicts: dict[str, str], english: str, spanish: str
) -> None:
    directory = a_run_of(build, make, verdicts, tier="full")
    for language, answer in (("en", english), ("es", spanish)):
        page = _page(directory, language)
        headings = [_text(one) for one in page.iter("h1", "h2")]
        assert (page.get("lang"), headings[:2]) == (language, ["Reading Stars", answer])


def test_each_question_is_answered_by_a_word_a_shape_and_a_sentence(
    build: Build, make: Any
) -> None:
    page = _page(a_run_of(build, make, BROKEN, tier="full"))
    (first, *_) = page.find_class("five")[0].iterfind("dl/div")
    question, answer = (_text(one) for one in first)
    assert question == "Does our data arrive complete and unchanged?"
    assert answer == (
        "No. Some of what is sent may be lost, changed or made up. It broke on: keeping all data."
    )
    assert first.find(".//use").get("href") == "#v-fail"


def test_a_breach_of_form_is_not_said_to_lose_data(build: Build, make: Any) -> None:
    page = _page(a_run_of(build, make, WHOLE | {"INF-FMT-001": FAIL}, tier="full"))
    first = page.find_class("five")[0].find("dl/div/dd")
    assert _text(first) == "No. It did not keep to the rules on: the common form of messages."
    assert _list(page, "risks")[0] == (
        "Seen in this test: Other systems may not be able to work with the product."
    )


def test_a_yes_and_a_no_have_different_words_and_shapes(build: Build, make: Any) -> None:
    page = _page(a_run_of(build, make, BROKEN, tier="full"))
    rows = page.find_class("five")[0].findall("dl/div")
    told = {(_text(row.find("dd/strong")), row.find(".//use").get("href")) for row in rows}
    assert {word for word, _ in told} >= {"No.", "Yes.", "Not known.", "It copes."}
    assert {shape for _, shape in told} == {"#v-pass", "#v-fail", "#v-unsure"}


def test_what_broke_becomes_a_meaning_a_risk_and_a_condition(build: Build, make: Any) -> None:
    page = _page(a_run_of(build, make, BROKEN, tier="full"))
    assert _list(page, "school")[0] == "Student data may move with no agreement behind it."
    assert _list(page, "risks")[0].startswith("Seen in this test: Student data may be seen")
    assert _list(page, "conditions")[0] == (
        "The maker must turn down all data that comes without valid privacy terms."
    )


def test_a_whole_result_still_names_three_risks(build: Build, make: Any) -> None:
    page = _page(a_run_of(build, make, WHOLE, tier="full"))
    assert len(_list(page, "risks")) == 3
    assert "who looks at the data at the maker" in _list(page, "risks")[0]


def test_what_was_not_tested_takes_ten_lines_at_most(build: Build, make: Any) -> None:
    verdicts = dict.fromkeys(one_of_each_theme("receiver").values(), NOT_APPLICABLE)
    directory = a_run_of(build, make, verdicts | {"INF-CRE-001": PASS}, attested=unanswered(28))
    lines = _list(_page(directory), "untested")
    assert 3 <= len(lines) <= 10
    assert lines[1] == "Duties that only people can answer for (28 in all): nobody gave an answer."


def test_nothing_at_the_top_or_anywhere_is_a_percentage_or_an_acronym(
    build: Build, make: Any
) -> None:
    page = _page(a_run_of(build, make, BROKEN, tier="full"))
    for code in list(page.iter("code", "style")):
        code.clear()
    assert re.findall(r"\b[A-Z]{2,}\b|%", _text(page)) == []


def test_the_page_reads_at_grade_8_or_lower(build: Build, make: Any) -> None:
    for verdicts in (WHOLE, BROKEN, WHOLE | {"INF-DEL-001": NOT_APPLICABLE}):
        page = _page(a_run_of(build, make, verdicts, tier="full", attested=unanswered(28)))
        for code in list(page.iter("code")):
            code.drop_tree()
        blocks = [_text(one) for one in page.find("body/main").iter("p", "li", "dd", "dt", "h2")]
        assert grade(blocks) <= 8


def test_what_a_vendor_wrote_stays_text(build: Build, make: Any) -> None:
    vendor = {"product": HOSTILE, "name": HOSTILE, "version": HOSTILE}
    page = _page(a_run_of(build, make, BROKEN, vendor=vendor))
    assert list(page.iter("script", "img")) == []
    assert "<script>alert(1)</script>{points}␀" in _text(page.find("body/header/h1"))


def test_the_page_refers_only_to_its_siblings(faulty: Path) -> None:
    html = "".join(path.read_text("utf-8") for path in write_summaries(faulty))
    found = set(re.findall(r"""(?:src|href|action|data|poster)\s*=\s*["']([^"']*)""", html))
    links = {one for one in found if not one.startswith("#")}
    assert links == {*FILES.values(), "report.html", "forms.html"}
    assert re.findall(r"https?:|url\(|@import", html) == []


def test_the_fingerprint_is_that_of_the_result(faulty: Path) -> None:
    told = _text(_page(faulty).get_element_by_id("check").getparent())
    assert hashlib.sha256((faulty / "verdict.json").read_bytes()).hexdigest() in told


def test_report_writes_every_page_again(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(faulty)]) == 0
    told = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    pages = ["report.html", "summary.html", "summary.es.html", "forms.html", "forms.csv"]
    assert told == [*pages, "junit.xml", "results.sarif"]
    assert all((faulty / name).stat().st_size for name in told)


def test_the_same_run_gives_the_same_page(faulty: Path) -> None:
    first = [path.read_bytes() for path in write_summaries(faulty)]
    assert [path.read_bytes() for path in write_summaries(faulty)] == first
