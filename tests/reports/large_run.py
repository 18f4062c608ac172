"""A run as large as the goal names: 500 checks and 2,000 exchanges, every second check failed."""

from __future__ import annotations

from pathlib import Path

from conformance import runfile
from conformance.runfile import Check, Exchange, Finding, Message
from tests.reports.conftest import a_check, a_run

CHECKS, EXCHANGES_EACH = 500, 4
_STUDENT = (
    '<xStudent refId="{refid:08d}-0000-4000-8000-000000000000"><name><type>LegalName</type>'
    "<familyName>Xxxxxxx#a1b2c3</familyName><givenName>Xxxxxx#d4e5f6</givenName></name>"
    "<address><street><line1>99 Xxxxx Xx#112233</line1></street><city>Xxxxxx#445566</city>"
    "<stateProvince>MA</stateProvince><postalCode>99999#778899</postalCode></address></xStudent>"
)
HEADERS = [
    ("Authorization", "[secret]"),
    ("timestamp", "2026-11-26T16:59:49.283Z"),
    ("dataPrivacyMarker", "D8ZaAPCD…#ca814a (40 characters)"),
    ("Content-Type", "application/xml"),
    ("User-Agent", "sif-conformance-kit"),
]


def body(number: int, students: int = 5) -> str:
    """A collection of about two thousand characters, as a list of students is."""
    parts = (_STUDENT.format(refid=number * 10 + one) for one in range(students))
    return f'<xStudents xmlns="urn:example">{"".join(parts)}</xStudents>'


def large_run(directory: Path, failing_every: int = 2) -> Path:
    """Write the run: each check with four exchanges, of which a finding points at the last."""
    checks = [_check(at, failing=at % failing_every == 0) for at in range(CHECKS)]
    exchanges = [_exchange(number) for number in range(1, CHECKS * EXCHANGES_EACH + 1)]
    return a_run(directory, checks, exchanges, outcome="does not conform")


def _check(at: int, *, failing: bool) -> Check:
    numbers = [at * EXCHANGES_EACH + one for one in range(1, EXCHANGES_EACH + 1)]
    finding = Finding(
        summary="xStudents/xStudent/name/familyName came back changed",
        expected="Müller",
        actual="Muller",
        exchange=numbers[-1],
        path="xStudents/xStudent/name/familyName",
        line=1,
        column=160,
    )
    return a_check(
        f"check_{at:03d}_keeps_what_was_sent",
        runfile.FAIL if failing else runfile.PASS,
        requirements=[f"INF-CRE-{at:03d}"],
        area=f"sif/area_{at % 12}",
        exchanges=numbers,
        findings=[finding] if failing else [],
    )


def _exchange(number: int) -> Exchange:
    text = body(number)
    start = "POST /sif3/rc/7/xStudents HTTP/1.1"
    request = Message(start=start, headers=HEADERS, body=text, body_bytes=len(text))
    answer = Message(start="HTTP/1.1 200 OK", headers=HEADERS[1:4], body=text, body_bytes=len(text))
    return Exchange(
        number=number,
        check=f"check_{(number - 1) // EXCHANGES_EACH:03d}_keeps_what_was_sent",
        direction="to target",
        request=request,
        response=answer,
        fault="",
        milliseconds=12.5,
    )
