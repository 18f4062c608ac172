"""The run file: what one run leaves behind, line by line, and how to read it back.

`run.jsonl` holds one JSON object a line, told apart by `type`: one `header`, then `exchange`,
`check`, `own`, `fidelity` and `measured` lines as they happen, one `end`. `verdict.json` is the
canonical result: no dates, so two runs with the same suite, seed and answers give the same bytes.
`reports` reads nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from conformance.completeness import RunFileError as RunFileError
from conformance.completeness import planned_hash as planned_hash
from conformance.completeness import refuse_changed, refuse_gaps, refuse_unfounded
from conformance.element_classes import REDACTED as REDACTED
from conformance.exchange import Arrival as Arrival
from conformance.exchange import Exchange as Exchange
from conformance.exchange import Message as Message

FORMAT = "sif-conformance-run/1"
VERDICT_SCHEMA = "sif-conformance-verdict/3"
# It counts what was redacted as values and secrets, not by class of element.
SECOND_SCHEMA = "sif-conformance-verdict/2"
# Results written before they named their schema; they hold no counts of checks.
FIRST_SCHEMA = ""
SCHEMAS = (VERDICT_SCHEMA, SECOND_SCHEMA, FIRST_SCHEMA)

PASS = "pass"  # noqa: S105
FAIL = "fail"
NOT_VERIFIED = "could not verify"
NOT_APPLICABLE = "not applicable"
OUR_FAULT = "our fault"
VERDICTS = (PASS, FAIL, NOT_VERIFIED, NOT_APPLICABLE, OUR_FAULT)


class Attested(msgspec.Struct, frozen=True, kw_only=True):
    """One question about privacy that people answer; it changes no verdict.

    `answer` is yes | no | not applicable, empty if nobody answered. `faults` says why an answer
    does not count. `wire` is what an exchange can show of it: no | partly.
    """

    id: str
    obligation: str
    paths: list[str] = []
    clause: str = ""
    wire: str = "no"
    answer: str = ""
    owner: str = ""
    date: str = ""
    evidence: str = ""
    note: str = ""
    faults: list[str] = []


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """One line of Exhibit B and those of its paths that the PODs of this run open."""

    line: str
    title: str
    rating: str
    paths: list[str]


class OwnProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What the vendor says of itself: `basis` is declared | observed, `says` each thing in words.

    `readback` is the form in which it shows what it stored; empty: it shows nothing.
    """

    basis: str
    format: str
    version: str
    readback: str
    says: list[str]


class Header(msgspec.Struct, frozen=True, tag="header", tag_field="type", kw_only=True):
    """First line: what was to be run, against whom, with which suite. Dates stand only here.

    `only` names what a partial run was narrowed to; empty: everything of role and tier.
    `executor` is who ran it, in the words of the target file. `valid_until` is a day
    (YYYY-MM-DD), a year after the start: a rule of this kit. Both are empty in older runs.
    """

    format: str
    suite_version: str
    suite_hash: str
    planned: list[str]
    planned_hash: str
    seed: int
    role: str
    tier: str
    only: list[str]
    variants: dict[str, str]
    vendor: dict[str, str]
    endpoint: str
    started: str
    run_id: str
    attested: list[Attested] = []
    grant: list[Granted] = []
    own_profile: OwnProfile | None = None
    executor: str = ""
    valid_until: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Why a check did not pass: what happened, what was expected, where to look.

    `line` and `column` count from 1 in the vendor's own bytes of that exchange, before masking:
    where the element of `path` begins, or the nearest one above it. Null in `verdict.json`.
    """

    summary: str
    expected: str
    actual: str
    exchange: int | None = None
    path: str = ""
    line: int | None = None
    column: int | None = None


class Blame(msgspec.Struct, frozen=True, kw_only=True):
    """Whose turn it is: vendor | hub | configuration | network | suite | the standard is ambiguous.

    `readings` are those of an ambiguous text.
    """

    party: str
    why: str
    readings: list[str] = []


class Check(msgspec.Struct, frozen=True, tag="check", tag_field="type", kw_only=True):
    """The verdict of one check (one `@verifies` function, its cases joined)."""

    id: str
    title: str
    requirements: list[str]
    area: str
    negative: bool
    verdict: str
    reason: str
    findings: list[Finding]
    exchanges: list[int]
    cases: int
    blame: Blame | None = None


class OwnCheck(msgspec.Struct, frozen=True, tag="own", tag_field="type", kw_only=True):
    """A check held against the vendor's own profile; `says` is what that says about it."""

    id: str
    says: list[str]
    verdict: str
    reason: str
    findings: list[Finding] = []
    exchanges: list[int] = []


class FidelityLine(msgspec.Struct, frozen=True, kw_only=True):
    """One element of what was sent, and how many of its values met which fate.

    `status` is carried, or what the crosswalk says of the element in this form: degraded,
    extension, none. `unavoidable` values have no place there, which is no fault of the vendor.
    `unseen` ones stand where nobody can look; they are neither kept nor lost.
    """

    element: str
    status: str
    sent: int
    kept: int = 0
    changed: int = 0
    lost: int = 0
    invented: int = 0
    unseen: int = 0
    unavoidable: int = 0


class Fidelity(msgspec.Struct, frozen=True, tag="fidelity", tag_field="type", kw_only=True):
    """What became of the students that one check sent to be compared in one form."""

    form: str
    students: int
    lines: list[FidelityLine]


class Measured(msgspec.Struct, frozen=True, tag="measured", tag_field="type", kw_only=True):
    """Times that a check measured; they differ from run to run, so no verdict holds them.

    `what` is visible: from the answer to a change until the vendor shows it.
    """

    check: str
    what: str
    milliseconds: list[float]


class End(msgspec.Struct, frozen=True, tag="end", tag_field="type", kw_only=True):
    """Last line: the SHA-256 over all bytes before it, so that a cut file is noticed.

    `answers_429` the target gave, and `waited_seconds` in all because of them.
    """

    finished: str
    sha256: str
    answers_429: int = 0
    waited_seconds: float = 0.0


class RequirementVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """One requirement with its catalogue facts, so that a report needs no catalogue.

    `own_verdict` is that by the vendor's own profile; empty: the profile says nothing about it.
    """

    id: str
    level: str
    basis: str
    area: str
    text: str
    source: str
    verdict: str
    checks: list[str]
    reason: str = ""
    waiver: str = ""
    own_verdict: str = ""
    own_reason: str = ""


class Waived(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver of the target file; `verdict` is the raw one, empty if the run has none.

    `state` is in force | expired | unneeded | undecided | not in this run.
    """

    requirement: str
    owner: str
    reason: str
    until: str
    state: str
    verdict: str = ""


class OwnVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the vendor conforms to its own profile, in the words of `outcome`.

    `untested` is what the profile says and no check of this run looked at.
    """

    profile: OwnProfile
    outcome: str
    untested: list[str]
    checks: list[OwnCheck]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`verdict.json`. `outcome` is conforms | does not conform | could not decide.

    `counts` are those of requirements, `check_counts` those of checks, by verdict. `planned` is
    every check that had to run. `schema` is one of SCHEMAS, VERDICT_SCHEMA in new results.
    `redaction` says how often a value of each class of REDACTED was taken out.
    """

    format: str
    suite_version: str
    suite_hash: str
    planned: list[str]
    planned_hash: str
    seed: int
    role: str
    tier: str
    only: list[str]
    variants: dict[str, str]
    outcome: str
    counts: dict[str, int]
    requirements: list[RequirementVerdict]
    checks: list[Check]
    redaction: dict[str, int]
    fidelity: list[Fidelity] = []
    own_profile: OwnVerdict | None = None
    waivers: list[Waived] = []
    schema: str = FIRST_SCHEMA
    check_counts: dict[str, int] = {}


Line = Header | Exchange | Check | OwnCheck | Fidelity | Measured | End


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run file in memory."""

    header: Header
    exchanges: list[Exchange]
    checks: list[Check]
    end: End
    fidelity: list[Fidelity] = []
    own: list[OwnCheck] = []
    measured: list[Measured] = []


def canonical(value: msgspec.Struct) -> bytes:
    """Encode with sorted keys, two-space indent and a final newline."""
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2) + b"\n"


def counts(verdicts: Iterable[str]) -> dict[str, int]:
    """How often each of the five verdicts was given."""
    found = Counter(verdicts)
    return {verdict: found[verdict] for verdict in VERDICTS}


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a run file; raises RunFileError naming the bad line."""
    decoder = msgspec.json.Decoder(Line)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise RunFileError(
                    f"{path} line {number} is not a run line that this kit knows ({error}). "
                    "Use the version of the kit that wrote it, or run the suite again."
                ) from error


def read_run(path: Path) -> Run:
    """Read `run.jsonl`; refuses one that is cut, changed, or lacks a planned check."""
    lines = list(read_lines(path))
    if not lines or not isinstance(lines[0], Header) or not isinstance(lines[-1], End):
        raise RunFileError(
            f"{path} is incomplete: it must start with a header and close with an end line"
        )
    refuse_changed(path, lines[-1].sha256)
    checks = [line for line in lines if isinstance(line, Check)]
    header = lines[0]
    refuse_gaps(path, header.planned, header.planned_hash, [check.id for check in checks])
    exchanges = [line for line in lines if isinstance(line, Exchange)]
    tables = [line for line in lines if isinstance(line, Fidelity)]
    own = [line for line in lines if isinstance(line, OwnCheck)]
    return Run(
        header=header,
        exchanges=exchanges,
        checks=checks,
        end=lines[-1],
        fidelity=tables,
        own=own,
        measured=[line for line in lines if isinstance(line, Measured)],
    )


def read_verdict(path: Path) -> Verdict:
    """Read `verdict.json`; refuses a result that is not whole, or of a schema not known here."""
    verdict = msgspec.json.decode(path.read_bytes(), type=Verdict)
    if verdict.schema not in SCHEMAS:
        raise RunFileError(
            f"{path} has the schema {verdict.schema!r}, this kit reads {VERDICT_SCHEMA!r} and the "
            "ones before. Use the version of the kit that wrote it."
        )
    judged = [check.id for check in verdict.checks]
    refuse_gaps(path, verdict.planned, verdict.planned_hash, judged)
    refuse_unfounded(path, {row.id: row.checks for row in verdict.requirements}, judged)
    if verdict.schema != FIRST_SCHEMA:
        _refuse_wrong_counts(path, verdict)
    if verdict.schema == VERDICT_SCHEMA and set(verdict.redaction) != set(REDACTED):
        raise RunFileError(f"{path} was changed: its redaction must count {', '.join(REDACTED)}.")
    return verdict


def _refuse_wrong_counts(path: Path, verdict: Verdict) -> None:
    for name, told, parts in (
        ("counts", verdict.counts, verdict.requirements),
        ("check_counts", verdict.check_counts, verdict.checks),
    ):
        if told != counts(part.verdict for part in parts):
            raise RunFileError(f"{path} was changed: its {name} are not those of its verdicts.")
