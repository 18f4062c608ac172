"""The commands bundle, verify and key: exit codes, words, modes of files, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from conformance import bundle_scan, cli, runfile
from fixtures import canary
from tests.reports.conftest import a_check, an_exchange
from tests.reports.test_bundle import _counted

SEED = 42
NAME = canary.name(SEED, canary.student_owner(70_000), "familyName")
Build = Callable[..., Path]


@pytest.fixture
def run_dir(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return _counted(build([a_check("one"), a_check("two")], [an_exchange(1, "one")]))


def _packed(run_dir: Path, *options: str) -> int:
    return cli.main(["bundle", str(run_dir), "--out", "b.zip", *options])


def test_a_key_is_for_its_owner_alone_and_never_overwritten(run_dir: Path) -> None:
    assert cli.main(["key", "new", "k"]) == 0
    assert Path("k").stat().st_mode & 0o777 == 0o600
    assert cli.main(["key", "new", "k"]) == 64
    Path("k").chmod(0o640)
    assert _packed(run_dir, "--key", "k") == 64


def test_a_bundle_of_a_trusted_key_is_proven_in_words(
    run_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["key", "new", "k"])
    assert _packed(run_dir, "--key", "k") == 0
    capsys.readouterr()
    assert cli.main(["verify", "--trust", "k.pub", "b.zip"]) == 0
    told = capsys.readouterr().out
    assert "a key you trust has signed it" in told
    assert "Reading Stars 4.2" in told
    assert "each of the 2 that had to run has its verdict" in told
    assert "That the signer was honest" in told


def test_what_was_taken_out_is_told_by_class(
    run_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run_dir / "verdict.json"
    counted = dict.fromkeys(runfile.REDACTED, 0) | {"name": 12, "token": 3}
    verdict = msgspec.structs.replace(runfile.read_verdict(path), redaction=counted)
    path.write_bytes(runfile.canonical(verdict))
    _packed(run_dir)
    cli.main(["verify", "b.zip"])
    told = " ".join(capsys.readouterr().out.split())
    assert "as counted: names 12 times, tokens of agreements (cut) 3 times." in told


def test_unsigned_and_unknown_have_an_exit_code_and_words_of_their_own(
    run_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _packed(run_dir)
    assert cli.main(["verify", "b.zip"]) == 2
    assert "nobody has signed it" in capsys.readouterr().out
    cli.main(["key", "new", "k"])
    _packed(run_dir, "--key", "k")
    assert cli.main(["verify", "b.zip"]) == 2
    assert "nobody has vouched for the key" in capsys.readouterr().out


def test_a_changed_bundle_is_told_with_the_reason(
    run_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _packed(run_dir)
    Path("b.zip").write_bytes(Path("b.zip").read_bytes() + b"!")
    assert cli.main(["verify", "b.zip"]) == 1
    assert "is not to be trusted" in capsys.readouterr().err
    assert cli.main(["verify", "--json", "b.zip"]) == 1
    assert json.loads(capsys.readouterr().out)["whole"] is False


def test_a_passphrase_comes_from_the_environment_and_is_needed(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHRASE", "correct horse")
    assert cli.main(["key", "new", "k", "--passphrase-env", "PHRASE"]) == 0
    assert _packed(run_dir, "--key", "k") == 64
    assert _packed(run_dir, "--key", "k", "--passphrase-env", "PHRASE") == 0
    monkeypatch.setenv("PHRASE", "wrong horse")
    assert _packed(run_dir, "--key", "k", "--passphrase-env", "PHRASE") == 64


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (f"<n>{NAME}</n>", "the familyName of a student"),
        (f"<n>{NAME.encode().hex()}</n>", "the familyName of a student"),
        ("Authorization: Basic ZGVtbzpkZW1vLXNlY3JldC0x", "credentials of a header"),
        ("<n>a-secret-of-mine</n>", "a secret of the target"),
        ("http://h/x?access_token=abcdef123", "a token in an address"),
    ],
)
def test_what_must_not_leave_is_named_and_not_packed(
    build: Build,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    body: str,
    what: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MY_SECRET", "a-secret-of-mine")
    run_dir = _counted(build([a_check("one")], [an_exchange(1, "one", body)]))
    assert _packed(run_dir, "--exchanges") == 64
    told = capsys.readouterr().err
    assert what in told
    assert NAME not in told
    assert "a-secret-of-mine" not in told
    assert not Path("b.zip").exists()


def test_refids_and_words_of_nobody_do_not_stop_a_bundle() -> None:
    refid = canary.refid(SEED, "student", 3)
    stranger = canary.name(SEED + 1, canary.student_owner(3), "familyName")
    assert bundle_scan.leaks({"a": f"{refid} {stranger}".encode()}, SEED) == []
