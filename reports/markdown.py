"""A result as Markdown, for the comment under a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.runfile import (
    FAIL,
    NOT_APPLICABLE,
    NOT_VERIFIED,
    OUR_FAULT,
    PASS,
    VERDICTS,
    RequirementVerdict,
)
from reports.source import Source, is_binding
from reports.visible import visible
from reports.words import basis_words, count

_MEANINGS = {
    PASS: "as the requirement asks",
    FAIL: "otherwise; the vendor has to act",
    NOT_VERIFIED: "something stood in the way; this blocks a positive outcome",
    NOT_APPLICABLE: "not claimed, or not testable from outside; this blocks nothing",
    OUR_FAULT: "the test kit broke; nobody is blamed and nothing is proven",
}
SHOWN = 20  # requirements in one list; a comment has room for 65,536 characters
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#@])")


def markdown(source: Source) -> str:
    """The outcome, the counts, what is not met and what is open."""
    return "\n".join(_lines(source)) + "\n"


def plain(text: str) -> str:
    """The text so that Markdown and HTML in it, and names with @, stay text."""
    return _SPECIAL.sub(r"\\\1", " ".join(visible(text).split()))


def _lines(source: Source) -> Iterator[str]:
    header, result = source.run.header, source.verdict
    vendor = header.vendor
    name = vendor.get("product") or vendor.get("name") or "unnamed product"
    named = plain(" ".join(filter(None, (name, vendor.get("version")))))
    yield f"### SIF conformance: {named} {result.outcome}"
    yield ""
    yield f"Role {header.role}, tier {header.tier}, seed {header.seed}, {header.started[:10]}."
    if result.only:
        yield f"**Only a part was tested:** {plain(', '.join(result.only))}."
    yield from _counts(source)
    rows = result.requirements
    yield from _list("Not met", [row for row in rows if row.verdict == FAIL])
    yield from _list(
        "Not decided", [row for row in rows if row.verdict in (NOT_VERIFIED, OUR_FAULT)]
    )
    yield ""
    yield f"<sub>Suite {header.suite_version} `{header.suite_hash[:12]}`, run `{plain(header.run_id)}`.</sub>"  # fmt: skip  # noqa: E501


def _counts(source: Source) -> Iterator[str]:
    checks = [check.verdict for check in source.run.checks]
    yield ""
    yield "| verdict | checks | requirements | what it means |"
    yield "| --- | ---: | ---: | --- |"
    for word in VERDICTS:
        rows = source.verdict.counts.get(word, 0)
        if rows or checks.count(word):
            yield f"| {word} | {checks.count(word)} | {rows} | {_MEANINGS[word]} |"


def _list(title: str, rows: list[RequirementVerdict]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield f"**{title}** ({count(len(rows), 'requirement')})"
    yield ""
    rows = sorted(rows, key=lambda row: (not is_binding(row.level), row.id))
    for row in rows[:SHOWN]:
        ours = f", {basis_words(row.basis)}" if row.basis == "profile" else ""
        waived = f" Waiver: {plain(row.waiver)}." if row.waiver else ""
        reason = f" {plain(row.reason)}" if row.reason else ""
        yield f"- `{row.id}` {row.level}{ours}: {plain(row.text)}{reason}{waived}"
    if len(rows) > SHOWN:
        yield f"- and {len(rows) - SHOWN} more in the report"
