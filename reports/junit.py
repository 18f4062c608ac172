"""JUnit XML for build servers: a suite per area, a case per check."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from lxml import etree

from conformance import runfile
from conformance.runfile import Check
from reports.atomic import write_whole
from reports.source import Source, load
from reports.visible import visible

_ELEMENT = {
    runfile.FAIL: "failure",
    runfile.OUR_FAULT: "error",
    runfile.NOT_VERIFIED: "skipped",
    runfile.NOT_APPLICABLE: "skipped",
}
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def write_junit(directory: Path) -> Path:
    """Write `junit.xml` beside the run file; raises RunFileError for evidence not to be trusted.

    Fail becomes `failure`, our fault `error`, could not verify and not applicable `skipped`. A
    build server counts skipped as harmless, so a build must look at the exit code as well.
    """
    source = load(directory)
    root = etree.Element("testsuites", name="conformance")
    checks = sorted(source.run.checks, key=lambda check: (check.area, check.id))
    for area, members in groupby(checks, key=lambda check: check.area):
        root.append(_suite(area, list(members), source))
    _count(root, checks, source)
    xml = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return write_whole(directory / "junit.xml", xml)


def _suite(area: str, checks: list[Check], source: Source) -> etree._Element:
    suite = etree.Element("testsuite", name=visible(area))
    _count(suite, checks, source)
    header = source.run.header
    _stamp(suite, header.started)
    facts = {"suite version": header.suite_version, "suite hash": header.suite_hash}
    facts |= {"seed": str(header.seed), "role": header.role, "tier": header.tier}
    if source.verdict.own_profile:
        facts["own profile"] = source.verdict.own_profile.outcome
    _properties(suite, list(facts.items()))
    suite.extend(_case(check, source) for check in checks)
    return suite


def _case(check: Check, source: Source) -> etree._Element:
    case = etree.Element("testcase", name=visible(check.id))
    case.set("classname", visible(check.area.replace("/", ".")))
    case.set("time", _seconds([check], source))
    ids = [("requirement", one) for one in check.requirements]
    second = source.verdict.own_profile.checks if source.verdict.own_profile else []
    own = [("own profile", one.verdict) for one in second if one.id == check.id]
    rows = [source.requirements[one] for one in check.requirements if one in source.requirements]
    waived = [("waiver", f"{row.id} {row.waiver}") for row in rows if row.waiver]
    turn = [("whose turn", check.blame.party)] if check.blame else []
    _properties(case, [("title", check.title), *ids, *own, *waived, *turn])
    if check.verdict in _ELEMENT:
        case.append(_verdict(check))
    return case


def _verdict(check: Check) -> etree._Element:
    element = etree.Element(_ELEMENT[check.verdict])
    first = check.findings[0].summary if check.findings else check.title
    message = f"{check.verdict}: {check.reason or first}"
    element.set("message", visible(first if check.verdict == runfile.FAIL else message))
    if element.tag != "skipped":
        element.set("type", check.verdict)
        element.text = visible("\n\n".join(_findings(check)) or message)
    return element


def _findings(check: Check) -> list[str]:
    told = []
    for finding in check.findings:
        lines = [finding.summary, f"expected: {finding.expected}", f"actual: {finding.actual}"]
        lines += [f"path: {finding.path}"] if finding.path else []
        lines += [f"exchange: {finding.exchange}"] if finding.exchange else []
        told.append("\n".join(lines))
    return told


def _properties(parent: etree._Element, pairs: list[tuple[str, str]]) -> None:
    properties = etree.SubElement(parent, "properties")
    for name, value in pairs:
        etree.SubElement(properties, "property", name=name, value=visible(value))


def _count(element: etree._Element, checks: list[Check], source: Source) -> None:
    outcomes = [_ELEMENT.get(check.verdict) for check in checks]
    element.set("tests", str(len(checks)))
    for attribute, tag in _COUNTED.items():
        element.set(attribute, str(outcomes.count(tag)))
    element.set("time", _seconds(checks, source))


def _seconds(checks: list[Check], source: Source) -> str:
    numbers = [number for check in checks for number in check.exchanges]
    known = [source.exchanges[one] for one in numbers if one in source.exchanges]
    return f"{sum(exchange.milliseconds for exchange in known) / 1000:.3f}"


def _stamp(suite: etree._Element, started: str) -> None:
    # The common JUnit schema allows no zone and no fraction: UTC is meant.
    with suppress(ValueError):
        moment = datetime.fromisoformat(started).astimezone(UTC)
        suite.set("timestamp", moment.strftime("%Y-%m-%dT%H:%M:%S"))
