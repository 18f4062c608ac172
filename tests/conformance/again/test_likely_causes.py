"""From a run against a product with known mistakes the report finds those very mistakes."""

from __future__ import annotations

from typing import Any

import lxml.html

from conformance.runfile import PASS
from reports.causes import likeness, read_matrix
from reports.render import write_report
from tests.conformance.again.conftest import FAULTS, Recorded


def test_what_was_built_in_is_among_the_causes_that_fit_wholly(recorded: Recorded) -> None:
    checks = {one.id: one for one in recorded.run.checks}
    failed = {name: checks[name].findings[0].actual for name in recorded.failed()}
    passed = [name for name, one in checks.items() if one.verdict == PASS]
    alike = likeness(read_matrix(), "receiver", failed, passed)
    found = {one.mutant for name in failed for one in alike.causes(name) if one.share == 1}
    assert found >= set(FAULTS)


def test_the_page_names_the_one_whose_status_was_received(recorded: Recorded) -> None:
    tree: Any = lxml.html.fromstring(write_report(recorded.folder).read_bytes())
    card = tree.get_element_by_id("c-single_create_returns_the_new_object")
    first = card.find_class("causes")[0].find("li/code")
    assert first.text_content() == "CreateAnswers200"


def test_a_finding_tells_the_line_in_the_bytes_of_the_product(recorded: Recorded) -> None:
    (check,) = [one for one in recorded.run.checks if one.id == "error_has_an_id_of_its_own"]
    # The simulated product writes a declaration on a line of its own, which no mask keeps.
    told = {(one.path, one.line, one.column) for one in check.findings}
    assert told == {("error/@id", 2, 1)}
