"""A bundle: one file that a third party checks offline, signed or not.

It holds `verdict.json`, the header of the run, the pages, JUnit and SARIF, and a statement
(in-toto v1, predicate test-result v0.1) with the SHA-256 of each of them. Signed, the statement
stands in a DSSE envelope and the public key beside it. No time of packing is written: the same run
and the same key give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance import bundle_key, runfile
from conformance.bundle_archive import BundleFault, packed
from conformance.runfile import FAIL, PASS, Header, Verdict

VERDICT, HEADER, EVIDENCE = "verdict.json", "header.json", "run.jsonl"
STATEMENT, SIGNED, SIGNER = "statement.json", "statement.dsse.json", "signer.pub"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
_RESULTS = {"conforms": "PASSED", "does not conform": "FAILED", "could not decide": "WARNED"}
# What stands in the header beside the facts of the statement and would only make it long.
_LONG = ("planned", "attested", "grant", "own_profile", "type")


def bundle(
    directory: Path,
    views: Mapping[str, bytes],
    key: Ed25519PrivateKey | None = None,
    *,
    exchanges: bool = False,
) -> dict[str, bytes]:
    """The files of the bundle of a finished run; `views` are its pages and exports by name.

    `exchanges` adds `run.jsonl` itself. Raises RunFileError for a run that cannot be trusted.
    """
    run = runfile.read_run(directory / EVIDENCE)
    verdict = runfile.read_verdict(directory / VERDICT)
    evidence = (directory / EVIDENCE).read_bytes()
    files = {
        **views,
        VERDICT: (directory / VERDICT).read_bytes(),
        HEADER: runfile.canonical(run.header),
    }
    if exchanges:
        files[EVIDENCE] = evidence
    if key is not None:
        files[SIGNER] = bundle_key.public_pem(key.public_key())
    told = statement(files, run.header, run.end, verdict, sha256(evidence))
    if key is None:
        return {**files, STATEMENT: canonical(told)}
    payload = msgspec.json.encode(told, order="sorted")
    return {**files, SIGNED: canonical(bundle_key.signed(payload, key))}


def archive(files: Mapping[str, bytes]) -> bytes:
    """The bytes of the bundle with these files."""
    return packed(files)


def statement(
    files: Mapping[str, bytes], header: Header, end: runfile.End, verdict: Verdict, evidence: str
) -> dict[str, Any]:
    """What is signed: the hash of each file, the suite, the list of checks, the run in facts."""
    told = msgspec.to_builtins(header)
    facts = {name: value for name, value in told.items() if name not in _LONG}
    by_verdict = {
        word: sorted(one.id for one in verdict.checks if one.verdict == word)
        for word in runfile.VERDICTS
    }
    rest = [one.id for one in verdict.checks if one.verdict not in (PASS, FAIL)]
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": sha256(files[name])}} for name in sorted(files)
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": _RESULTS.get(verdict.outcome, "WARNED"),
            "configuration": [
                {"name": "suite", "digest": {"sha256": verdict.suite_hash}},
                {"name": "checks that had to run", "digest": {"sha256": verdict.planned_hash}},
                {"name": EVIDENCE, "digest": {"sha256": evidence}},
            ],
            "passedTests": by_verdict[PASS],
            "warnedTests": sorted(rest),
            "failedTests": by_verdict[FAIL],
            "outcome": verdict.outcome,
            "counts": verdict.counts,
            "run": {**facts, "finished": end.finished},
        },
    }


def canonical(value: object) -> bytes:
    """JSON with sorted keys, two-space indent and a final newline."""
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2) + b"\n"


def sha256(data: bytes) -> str:
    """The SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


__all__ = ["BundleFault", "archive", "bundle", "canonical", "sha256", "statement"]
