"""The file for build servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from conformance.runfile import FAIL
from reports.junit import write_junit

SHAPE = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))


@pytest.mark.parametrize("vendor", ["conforming", "faulty", "undecided"])
def test_the_file_has_the_common_shape(vendor: str, request: pytest.FixtureRequest) -> None:
    SHAPE.assertValid(etree.parse(write_junit(request.getfixturevalue(vendor))))


def test_each_verdict_becomes_its_element(undecided: Path) -> None:
    root = etree.parse(write_junit(undecided)).getroot()
    told = {case.get("name"): [one.tag for one in case][1:] for case in root.iter("testcase")}
    assert told == {"one": [], "late": ["skipped"], "broken": ["error"]}


def test_counts_match_the_cases(faulty: Path) -> None:
    root = etree.parse(write_junit(faulty)).getroot()
    counts = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "3", "failures": "1", "errors": "0", "skipped": "1"}


def test_suites_add_up_to_the_whole(faulty: Path) -> None:
    root = etree.parse(write_junit(faulty)).getroot()
    for name in ("tests", "failures", "errors", "skipped"):
        assert sum(int(suite.get(name, "")) for suite in root) == int(root.get(name, ""))


def test_there_is_a_suite_for_each_area(faulty: Path) -> None:
    root = etree.parse(write_junit(faulty)).getroot()
    assert [suite.get("name") for suite in root] == ["sif/create", "translation/names"]


def test_a_case_names_its_requirements(faulty: Path) -> None:
    root = etree.parse(write_junit(faulty)).getroot()
    case = root.xpath("//testcase[@name='bad']")[0]
    assert case.xpath("properties/property[@name='requirement']/@value") == ["INF-BAD"]


def test_a_failure_tells_expected_actual_and_path(faulty: Path) -> None:
    failure = etree.parse(write_junit(faulty)).find(".//failure")
    assert failure is not None
    assert failure.text == (
        "The family name came back changed.\nexpected: Müller\nactual: Muller\n"
        "path: xStudent/name/familyName\nexchange: 1"
    )


def test_a_case_takes_the_time_of_its_exchanges(faulty: Path) -> None:
    root = etree.parse(write_junit(faulty)).getroot()
    assert root.xpath("//testcase[@name='bad']/@time") == ["0.013"]


def test_hostile_text_stays_text(build: Callable[..., Path], make: Any) -> None:
    hostile = "]]></failure><x/>\x00\x0b\ufffe&"
    finding = make.finding(summary=hostile, actual=hostile)
    check = make.check("bad", FAIL, title=hostile, area=hostile, findings=[finding])
    root = etree.parse(write_junit(build([check], outcome="does not conform"))).getroot()
    assert root.xpath("//failure/@message") == ["]]></failure><x/>␀␋⟨U+FFFE⟩&"]


def test_the_timestamp_is_utc_without_a_zone(conforming: Path) -> None:
    root = etree.parse(write_junit(conforming)).getroot()
    assert root[0].get("timestamp") == "2026-11-25T10:00:00"
