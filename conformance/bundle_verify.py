"""Check a bundle offline, and say in words what that proves and what it does not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from conformance import bundle, bundle_key, planning, runfile, verdict
from conformance.bundle_archive import BundleFault, unpacked
from conformance.bundle_key import Envelope
from conformance.completeness import RunFileError, refuse_gaps, refuse_unfounded
from conformance.problems import SuiteFault, UsageFault
from conformance.runfile import Header, Verdict

TRUSTED, UNKNOWN_KEY, UNSIGNED = "trusted", "unknown key", "unsigned"
NEEDED = (
    bundle.VERDICT,
    bundle.HEADER,
    "report.html",
    "summary.html",
    "junit.xml",
    "results.sarif",
)
_SHARED = ("format", "suite_version", "suite_hash", "planned", "planned_hash", "seed", "role",
           "tier", "only", "variants")  # fmt: skip
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Verified:
    """A bundle that is whole; `signature` is trusted | unknown key | unsigned.

    `signer` is the fingerprint, empty when unsigned. `list_known` says whether the list of checks
    was held against this suite, or could not be because the run was made with another.
    """

    signature: str
    signer: str
    header: Header
    verdict: Verdict
    finished: str
    list_known: bool
    has_exchanges: bool


def verify(data: bytes, trusted: Sequence[Ed25519PublicKey] = ()) -> Verified:
    """Check every byte of a bundle; raises BundleFault with the reason if it is not whole."""
    files = unpacked(data)
    told, key = _statement(files)
    _refuse_other_files(files, told)
    result = _read(files, bundle.VERDICT, Verdict)
    header = _read(files, bundle.HEADER, Header)
    list_known = refuse_incomplete(header, result)
    run = told["predicate"]["run"]
    end = runfile.End(finished=str(run.get("finished", "")), sha256="")
    rest = {name: one for name, one in files.items() if name not in _WRAPPERS}
    _refuse_other_words(told, bundle.statement(rest, header, end, result, _evidence(told, files)))
    if bundle.EVIDENCE in files:
        _refuse_other_run(files[bundle.EVIDENCE], header, result)
    signer = bundle_key.fingerprint(key) if key else ""
    known = {bundle_key.fingerprint(one) for one in trusted}
    signature = UNSIGNED if not key else TRUSTED if signer in known else UNKNOWN_KEY
    has_exchanges = bundle.EVIDENCE in files
    return Verified(signature, signer, header, result, end.finished, list_known, has_exchanges)


_WRAPPERS = (bundle.SIGNED, bundle.STATEMENT)


def _statement(files: Mapping[str, bytes]) -> tuple[dict[str, Any], Ed25519PublicKey | None]:
    wrappers = [name for name in _WRAPPERS if name in files]
    if len(wrappers) != 1:
        raise BundleFault("it does not hold one statement, signed or unsigned")
    if bundle.STATEMENT in wrappers:
        if bundle.SIGNER in files:
            raise BundleFault("a signer's key lies in it, but the signature was taken out")
        payload, key = files[bundle.STATEMENT], None
        told = _decoded(payload, bundle.STATEMENT, dict[str, Any])
        return _refuse_respelled(told, payload, bundle.canonical(told)), key
    if bundle.SIGNER not in files:
        raise BundleFault(f"it is signed, but {bundle.SIGNER} is not in it")
    key = bundle_key.parsed(files[bundle.SIGNER])
    if bundle_key.public_pem(key) != files[bundle.SIGNER]:
        raise BundleFault(f"{bundle.SIGNER} was changed")
    envelope = _decoded(files[bundle.SIGNED], bundle.SIGNED, Envelope)
    _refuse_respelled({}, files[bundle.SIGNED], bundle.canonical(envelope))
    payload = bundle_key.opened(envelope, key)
    told = _decoded(payload, bundle.SIGNED, dict[str, Any])
    return _refuse_respelled(told, payload, msgspec.json.encode(told, order="sorted")), key


def _refuse_respelled(told: dict[str, Any], found: bytes, wanted: bytes) -> dict[str, Any]:
    if found != wanted:
        raise BundleFault("its statement is not written as the packer writes it: it was changed")
    return told


def _refuse_other_files(files: Mapping[str, bytes], told: Mapping[str, Any]) -> None:
    try:
        stated = {one["name"]: one["digest"]["sha256"] for one in told["subject"]}
        told["predicate"]["run"].get("finished")
    except (KeyError, TypeError, AttributeError):
        why = "its statement lacks the hashes of the files or the facts of the run"
        raise BundleFault(why) from None
    real = {name for name in files if name not in _WRAPPERS}
    for name in sorted(real - set(stated)):
        raise BundleFault(f"it holds {name}, of which the statement knows nothing")
    for name in sorted({*stated, *NEEDED} - real):
        raise BundleFault(f"{name!a} is missing")
    for name in sorted(real):
        if bundle.sha256(files[name]) != stated[name]:
            raise BundleFault(f"{name} was changed: its SHA-256 is not the stated one")


def _evidence(told: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """The stated SHA-256 of run.jsonl; that of the file itself where it is in the bundle."""
    if bundle.EVIDENCE in files:
        return bundle.sha256(files[bundle.EVIDENCE])
    try:
        return str(told["predicate"]["configuration"][2]["digest"]["sha256"])
    except (KeyError, IndexError, TypeError):
        return ""


def _refuse_other_words(told: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    for name in ("_type", "predicateType", "subject"):
        if told.get(name) != wanted[name]:
            raise BundleFault(f"its statement does not say what its files say ({name})")
    found, right = told["predicate"], wanted["predicate"]
    differing = sorted(one for one in {*found, *right} if found.get(one) != right.get(one))
    if differing or set(told) != set(wanted):
        which = ", ".join(differing) or "its fields"
        raise BundleFault(f"its statement does not say what its files say ({which})")


def refuse_incomplete(header: Header, result: Verdict) -> bool:
    """Hold the list of checks, the verdicts and the outcome against each other and this suite.

    Gives whether the list could be held against this suite. Raises BundleFault.
    """
    for name in _SHARED:
        if getattr(header, name) != getattr(result, name):
            raise BundleFault(f"{bundle.HEADER} and {bundle.VERDICT} do not agree in {name}")
    ids, place = [check.id for check in result.checks], Path(bundle.VERDICT)
    if len(ids) != len(set(ids)):
        raise BundleFault("a check has more than one verdict")
    try:
        refuse_gaps(place, result.planned, result.planned_hash, ids)
        refuse_unfounded(place, {row.id: row.checks for row in result.requirements}, ids)
    except RunFileError as error:
        raise BundleFault(str(error)) from None
    _refuse_embellished(result)
    return _refuse_shorter_list(result)


def _refuse_embellished(result: Verdict) -> None:
    known = {check.id: check for check in result.checks}
    for row in result.requirements:
        held = [known[name].verdict for name in row.checks]
        if row.verdict == runfile.PASS and verdict.join(held) != runfile.PASS:
            raise BundleFault(f"{row.id} is said to have passed, which its checks do not say")
        proven = [one.id for one in result.checks if row.id in one.requirements]
        if set(proven) - set(row.checks):
            raise BundleFault(f"{row.id} leaves out a check that judges it")
    if verdict.outcome(result.requirements) != result.outcome:
        raise BundleFault("the outcome is not the one that the requirements give")
    if verdict.counts(result.requirements) != result.counts:
        raise BundleFault("the counts are not those of the requirements")


def _refuse_shorter_list(result: Verdict) -> bool:
    if result.suite_hash != planning.suite_hash():
        return False
    try:
        wanted = planning.plan(result.role, result.tier, result.only)
    # A role or tier that nobody knows ends in nearly any of these.
    except (UsageFault, SuiteFault, OSError, ValueError, LookupError, StopIteration):
        whose = f"role {result.role!r}, tier {result.tier!r}"
        raise BundleFault(f"this suite knows no list of checks for {whose}") from None
    for name in sorted(set(wanted.checks) - set(result.planned)):
        raise BundleFault(f"check {name} had to run for this profile and is not on its list")
    missing = sorted(set(wanted.rows) - {row.id for row in result.requirements})
    if missing or set(result.planned) != set(wanted.checks):
        raise BundleFault("its list of checks or requirements is not that of this suite")
    return True


def _refuse_other_run(data: bytes, header: Header, result: Verdict) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, bundle.EVIDENCE)
        file.write_bytes(data)
        try:
            run = runfile.read_run(file)
        except RunFileError as error:
            raise BundleFault(str(error).replace(str(file), bundle.EVIDENCE)) from None
    told = {one.id: one.verdict for one in result.checks}
    if run.header != header or {one.id: one.verdict for one in run.checks} != told:
        raise BundleFault(f"{bundle.EVIDENCE} is of another run than {bundle.VERDICT}")


def _read(files: Mapping[str, bytes], name: str, kind: Callable[..., _T]) -> _T:
    return _decoded(files[name], name, kind)


def _decoded(data: bytes, name: str, kind: Callable[..., _T]) -> _T:
    try:
        found: _T = msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BundleFault(f"{name} is not what this kit writes") from None
    return found
