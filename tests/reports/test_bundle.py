"""A bundle is whole to the byte, complete to the check, and says who vouches for it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import bundle, bundle_key, planning, runfile
from conformance.bundle_archive import BundleFault, packed, unpacked
from conformance.bundle_verify import TRUSTED, UNKNOWN_KEY, UNSIGNED, verify
from tests.reports.conftest import a_check, a_run, an_exchange

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
VIEWS = {
    "report.html": b"<h1>Report</h1>",
    "summary.html": b"<p>",
    "junit.xml": b"<testsuites/>",
    "results.sarif": b"{}",
}
CHECKS = [a_check("one"), a_check("two"), a_check("bad", runfile.FAIL)]


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("run")
    return _counted(a_run(directory, CHECKS, [an_exchange(1, "bad")], outcome="does not conform"))


def _counted(directory: Path) -> Path:
    """The fixtures leave out counts of zero, which no run does."""
    verdict = runfile.read_verdict(directory / "verdict.json")
    counts = runfile.counts(row.verdict for row in verdict.requirements)
    told = msgspec.structs.replace(verdict, counts=counts)
    (directory / "verdict.json").write_bytes(runfile.canonical(told))
    return directory


@pytest.fixture(scope="module")
def files(run_dir: Path) -> dict[str, bytes]:
    return bundle.bundle(run_dir, VIEWS, KEY)


@pytest.fixture(scope="module")
def data(files: dict[str, bytes]) -> bytes:
    return packed(files)


def test_the_same_run_and_key_give_the_same_bytes(run_dir: Path, data: bytes) -> None:
    assert packed(bundle.bundle(run_dir, VIEWS, KEY)) == data


def test_a_key_that_is_trusted_is_told_from_one_that_is_not(data: bytes) -> None:
    found = verify(data, [OTHER.public_key(), KEY.public_key()])
    assert (found.signature, found.verdict.outcome) == (TRUSTED, "does not conform")
    assert verify(data, [OTHER.public_key()]).signature == UNKNOWN_KEY
    assert found.signer == bundle_key.fingerprint(KEY.public_key())


def test_an_unsigned_bundle_is_whole_and_unsigned(run_dir: Path) -> None:
    found = verify(packed(bundle.bundle(run_dir, VIEWS)), [KEY.public_key()])
    assert (found.signature, found.signer) == (UNSIGNED, "")


@settings(max_examples=200, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_any_byte_that_is_changed_is_found(share: float, change: int, data: bytes) -> None:
    at = int(share * len(data))
    changed = data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]
    with pytest.raises(BundleFault):
        verify(changed, [KEY.public_key()])


def test_any_byte_between_the_files_is_found(files: dict[str, bytes], data: bytes) -> None:
    inside = set()
    for content in files.values():
        start = data.index(content)
        inside |= set(range(start, start + len(content)))
    between = sorted(set(range(len(data))) - inside)
    assert len(between) > 500
    for at in between:
        with pytest.raises(BundleFault):
            unpacked(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


@given(cut=st.integers(1, 2000), more=st.binary(min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_bytes_that_are_missing_or_added_are_found(cut: int, more: bytes, data: bytes) -> None:
    for changed in (data[:-cut], data[cut:], data + more, more + data):
        with pytest.raises(BundleFault):
            verify(changed)


def test_a_name_that_stands_twice_is_found(files: dict[str, bytes]) -> None:
    buffer = io.BytesIO(packed(files))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("verdict.json", files["verdict.json"])
    with pytest.raises(BundleFault, match="not those that the packer writes"):
        verify(buffer.getvalue())


def test_a_compressed_archive_with_the_same_files_is_refused(files: dict[str, bytes]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(name, content)
    with pytest.raises(BundleFault, match="is compressed"):
        verify(buffer.getvalue())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"more.html": b"x"}, "more.html, of which the statement knows nothing"),
        ({"junit.xml": None}, "'junit.xml' is missing"),
        ({"report.html": b"<h1>Better</h1>"}, "report.html was changed"),
        ({"signer.pub": None}, "signer.pub is not in it"),
        ({"statement.dsse.json": None}, "one statement"),
        ({"statement.json": b"{}"}, "one statement"),
        ({"../up": b"x"}, "'../up', which no bundle has"),
        ({"signer.pub": bundle_key.public_pem(OTHER.public_key())}, "names another key"),
    ],
)
def test_files_that_were_exchanged_are_named(
    files: dict[str, bytes], change: Mapping[str, bytes | None], why: str
) -> None:
    kept = {name: content for name, content in {**files, **change}.items() if content is not None}
    with pytest.raises(BundleFault, match=why):
        verify(packed(kept))


def test_a_stripped_signature_is_not_an_unsigned_bundle(files: dict[str, bytes]) -> None:
    payload = json.loads(files["statement.dsse.json"])["payload"]
    told = json.loads(bundle_key._bytes(payload))
    kept = {name: one for name, one in files.items() if name != "statement.dsse.json"}
    with pytest.raises(BundleFault, match="the signature was taken out"):
        verify(packed({**kept, "statement.json": bundle.canonical(told)}))


Edit = Callable[[runfile.Verdict], runfile.Verdict]


def _repacked(run_dir: Path, edit: Edit) -> bytes:
    """A bundle that was signed with a key of the forger's after the result was edited."""
    path = run_dir / "verdict.json"
    verdict = edit(runfile.read_verdict(path))
    run = runfile.read_run(run_dir / "run.jsonl")
    files = {**VIEWS, "header.json": runfile.canonical(run.header)}
    files |= {"verdict.json": runfile.canonical(verdict)}
    files |= {"signer.pub": bundle_key.public_pem(OTHER.public_key())}
    told = bundle.statement(files, run.header, run.end, verdict, "0" * 64)
    payload = msgspec.json.encode(told, order="sorted")
    envelope = bundle.canonical(bundle_key.signed(payload, OTHER))
    return packed(files | {"statement.dsse.json": envelope})


def _without_a_check(verdict: runfile.Verdict) -> runfile.Verdict:
    return msgspec.structs.replace(verdict, checks=verdict.checks[1:])


def _with_a_shorter_list(verdict: runfile.Verdict) -> runfile.Verdict:
    planned = verdict.planned[1:]
    hashed = runfile.planned_hash(planned)
    return msgspec.structs.replace(verdict, planned=planned, planned_hash=hashed)


def _with_a_better_outcome(verdict: runfile.Verdict) -> runfile.Verdict:
    return msgspec.structs.replace(verdict, outcome="conforms")


def _with_a_better_row(verdict: runfile.Verdict) -> runfile.Verdict:
    rows = [msgspec.structs.replace(row, verdict=runfile.PASS) for row in verdict.requirements]
    return msgspec.structs.replace(verdict, requirements=rows)


def _with_a_row_that_rests_on_nothing(verdict: runfile.Verdict) -> runfile.Verdict:
    rows = [msgspec.structs.replace(row, checks=[]) for row in verdict.requirements]
    return msgspec.structs.replace(verdict, requirements=rows)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (_without_a_check, "lacks the verdict of 1 planned checks, first one"),
        (_with_a_shorter_list, "do not agree in planned"),
        (_with_a_better_outcome, "the outcome is not the one"),
        (_with_a_better_row, "INF-BAD is said to have passed"),
        (_with_a_row_that_rests_on_nothing, "INF-ONE"),
    ],
)
def test_a_result_that_was_edited_and_signed_again_is_refused(
    run_dir: Path, edit: Edit, why: str
) -> None:
    with pytest.raises(BundleFault, match=why):
        verify(_repacked(run_dir, edit))


def test_a_list_that_lacks_a_check_of_this_suite_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = _counted(a_run(tmp_path, [a_check("one")]))
    suite = runfile.read_verdict(directory / "verdict.json").suite_hash
    data = packed(bundle.bundle(directory, VIEWS, KEY))
    assert not verify(data).list_known
    monkeypatch.setattr(planning, "suite_hash", lambda: suite)
    with pytest.raises(BundleFault, match="had to run for this profile and is not on its list"):
        verify(data)


def test_a_role_that_nobody_knows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = _counted(a_run(tmp_path, [a_check("one")], role="../.."))
    suite = runfile.read_verdict(directory / "verdict.json").suite_hash
    monkeypatch.setattr(planning, "suite_hash", lambda: suite)
    with pytest.raises(BundleFault, match=r"no list of checks for role '\.\./\.\.'"):
        verify(packed(bundle.bundle(directory, VIEWS, KEY)))


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["statement.dsse.json", "header.json", "verdict.json", "signer.pub"]),
    content=st.binary(max_size=40) | st.sampled_from([b"{}", b"[]", b"null", b'{"a":1}']),
)
def test_nonsense_is_refused_in_words(files: dict[str, bytes], name: str, content: bytes) -> None:
    with pytest.raises(BundleFault, match=r"\w{3}"):
        verify(packed({**files, name: content}))


def test_all_messages_can_travel_too_and_must_be_of_the_run(run_dir: Path) -> None:
    files = bundle.bundle(run_dir, VIEWS, KEY, exchanges=True)
    assert verify(packed(files)).has_exchanges
    assert files["run.jsonl"] == (run_dir / "run.jsonl").read_bytes()


def test_what_is_signed_is_an_in_toto_statement_of_a_test_result(files: dict[str, bytes]) -> None:
    envelope = json.loads(files["statement.dsse.json"])
    told = json.loads(bundle_key._bytes(envelope["payload"]))
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    assert told["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert (told["predicate"]["result"], told["predicate"]["failedTests"]) == ("FAILED", ["bad"])
    assert told["predicate"]["passedTests"] == ["one", "two"]
