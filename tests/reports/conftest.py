"""Run directories written with the real run-file types."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from conformance import runfile
from conformance.runfile import (
    Attested,
    Check,
    End,
    Exchange,
    Finding,
    Granted,
    Header,
    Message,
    RequirementVerdict,
    Verdict,
    Waived,
)
from tests.reports.browser import chromium, open_page

__all__ = ["chromium", "open_page"]

VENDOR = {"product": "Reading Stars", "vendor": "Example Learning", "version": "4.2"}
BODY = (
    '<?xml version="1.0" encoding="UTF-8"?><xStudent xmlns="urn:example" refId="A"><name>'
    "<familyName>Müller</familyName></name></xStudent>"
)


def an_exchange(number: int, check: str, body: str = BODY, status: str = "201 Created") -> Exchange:
    headers = [("Content-Type", "application/xml"), ("Authorization", "Basic [redacted]")]
    start = "POST http://127.0.0.1:8090/sif3/rc/7/xStudents/xStudent"
    return Exchange(
        number=number,
        check=check,
        direction="sent",
        request=Message(start=start, headers=headers, body=body, body_bytes=len(body.encode())),
        response=Message(start=status, headers=headers[:1], body=body, body_bytes=len(body)),
        fault="",
        milliseconds=12.5,
    )


def a_check(id: str, verdict: str = runfile.PASS, **changes: object) -> Check:
    check = Check(
        id=id,
        title=f"The product does {id}.",
        requirements=[f"INF-{id.upper()}"],
        area="sif/create",
        negative=False,
        verdict=verdict,
        reason="",
        findings=[],
        exchanges=[],
        cases=1,
    )
    return msgspec.structs.replace(check, **changes)


def a_requirement(check: Check, **changes: object) -> RequirementVerdict:
    row = RequirementVerdict(
        id=check.requirements[0],
        level="MUST",
        basis="documented",
        area=check.area,
        text=f"The text of {check.requirements[0]}.",
        source="Base Architecture, 5.12",
        verdict=check.verdict,
        checks=[check.id],
        reason=check.reason,
    )
    return msgspec.structs.replace(row, **changes)


def a_finding(**changes: object) -> Finding:
    finding = Finding(
        summary="The family name came back changed.",
        expected="Müller",
        actual="Muller",
        exchange=1,
        path="xStudent/name/familyName",
    )
    return msgspec.structs.replace(finding, **changes)


def a_run(
    directory: Path,
    checks: list[Check],
    exchanges: list[Exchange] = [],  # noqa: B006
    *,
    outcome: str = "conforms",
    rows: list[RequirementVerdict] | None = None,
    vendor: dict[str, str] = VENDOR,
    role: str = "receiver",
    attested: list[Attested] = [],  # noqa: B006
    grant: list[Granted] = [],  # noqa: B006
    started: str = "2026-11-25T10:00:00+00:00",
    waivers: list[Waived] = [],  # noqa: B006
    tier: str = "core",
    only: list[str] = [],  # noqa: B006
) -> Path:
    """Write both files of a finished run and return their directory."""
    planned = sorted(check.id for check in checks)
    shared = {
        "format": runfile.FORMAT,
        "suite_version": "0.1.0",
        "suite_hash": hashlib.sha256(b"suite").hexdigest(),
        "planned": planned,
        "planned_hash": runfile.planned_hash(planned),
        "seed": 42,
        "role": role,
        "tier": tier,
        "only": only,
        "variants": {"style": "xpress", "privacy": "pod"},
    }
    dated = {"endpoint": "http://127.0.0.1:8090/sif3", "started": started}
    told = {"attested": attested, "grant": grant}
    header = Header(**shared, **dated, **told, vendor=vendor, run_id="run-1")
    data = b"".join(msgspec.json.encode(line) + b"\n" for line in (header, *exchanges, *checks))
    end = End(finished="2026-11-25T10:01:00+00:00", sha256=hashlib.sha256(data).hexdigest())
    (directory / "run.jsonl").write_bytes(data + msgspec.json.encode(end) + b"\n")
    verdict = Verdict(
        **shared,
        outcome=outcome,
        counts=dict(Counter(check.verdict for check in checks)),
        requirements=[a_requirement(check) for check in checks] if rows is None else rows,
        checks=checks,
        waivers=waivers,
        redaction={"credentials": len(exchanges), "name": 2},
    )
    (directory / "verdict.json").write_bytes(runfile.canonical(verdict))
    return directory


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Path]:
    """Build a run directory from checks: `build([check], [exchange], outcome=...)`."""

    def _build(*arguments: object, **options: object) -> Path:
        return a_run(tmp_path, *arguments, **options)  # type: ignore[arg-type]

    return _build


@pytest.fixture
def make() -> type:
    """The makers of run-file parts: `make.check`, `make.exchange`, `make.finding`, `make.row`."""

    class Make:
        check = staticmethod(a_check)
        exchange = staticmethod(an_exchange)
        finding = staticmethod(a_finding)
        row = staticmethod(a_requirement)

    return Make


@pytest.fixture
def conforming(build: Callable[..., Path]) -> Path:
    return build([a_check("one"), a_check("two", area="pod/acknowledge")])


@pytest.fixture
def faulty(build: Callable[..., Path]) -> Path:
    failing = a_check(
        "bad", runfile.FAIL, findings=[a_finding()], exchanges=[1], area="translation/names"
    )
    good = a_check("awell", title="A student is accepted.")
    absent = a_check("absent", runfile.NOT_APPLICABLE, reason="The vendor does not claim paging.")
    return build([good, failing, absent], [an_exchange(1, "bad")], outcome="does not conform")


@pytest.fixture
def undecided(build: Callable[..., Path]) -> Path:
    late = a_check("late", runfile.NOT_VERIFIED, reason="No answer within 10 seconds.")
    broken = a_check("broken", runfile.OUR_FAULT, reason="KeyError in the kit.")
    return build([a_check("one"), late, broken], outcome="could not decide")
