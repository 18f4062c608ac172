"""What another system does otherwise: encodings, marks of editors, paths, pipes, broken lines."""

from __future__ import annotations

import errno
import io
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import urllib3

from conformance import cli, faults, target
from conformance.attestation import blank, read
from conformance.doctor_network import speaks_tls
from conformance.problems import TargetError
from conformance.streams import able, reader_gone
from conformance.target_secrets import setting
from conformance.wire import Limits, Wire
from tests.conformance.engine.conftest import SECRET

FILE = """
[vendor]
name = "Čtenář"
[endpoint]
url = "http://127.0.0.1:9"
[credentials]
key = "demo-vendor"
secret_file = "secret.txt"
"""
# Editors of Windows begin a file with it.
MARK = b"\xef\xbb\xbf"


def _written(folder: Path, text: str, mark: bytes = b"") -> Path:
    path = folder / "conformance.toml"
    path.write_bytes(mark + text.replace("\n", "\r\n").encode())
    (folder / "secret.txt").write_bytes(mark + SECRET.encode() + b"\r\n")
    return path


@pytest.mark.parametrize("mark", [b"", MARK])
def test_files_of_an_editor_of_windows_are_read(tmp_path: Path, mark: bytes) -> None:
    config = target.load(_written(tmp_path, FILE, mark))
    assert config.vendor.name == "Čtenář"
    assert config.secret == SECRET
    form = tmp_path / "attestation.toml"
    form.write_bytes(mark + blank("receiver").replace("\n", "\r\n").encode())
    assert read(form).role == "receiver"


def test_a_fault_of_such_a_file_names_its_line(tmp_path: Path) -> None:
    path = _written(tmp_path, FILE.replace("vendor]", "vendor]\nrole = 'pupil'"), MARK)
    with pytest.raises(TargetError, match=r"line 3, \[vendor\] role"):
        target.load(path)


@pytest.mark.parametrize("place", [r"C:\Users\pat\issuer.pem", r"C:\certs\issuer.pem"])
def test_a_path_with_backslashes_is_told_how_to_be_written(tmp_path: Path, place: str) -> None:
    path = _written(tmp_path, f'[endpoint]\nca_file = "{place}"\n')
    with pytest.raises(TargetError, match="or put the path into single quotes"):
        target.load(path)


def test_a_file_of_another_encoding_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"
    path.write_bytes(FILE.encode("utf-16"))
    with pytest.raises(TargetError, match="Save it as UTF-8"):
        target.load(path)


def test_a_folder_in_place_of_a_secret_file_is_told_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _written(tmp_path, FILE.replace("secret.txt", "."))
    text = path.read_text("utf-8")

    def read_text(self: Path, *_: object, **__: object) -> str:
        if self.is_dir():
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return text

    monkeypatch.setattr(Path, "read_text", read_text)
    with pytest.raises(TargetError, match="cannot be read"):
        target.load(path)


def test_each_system_is_told_how_its_shell_sets_a_variable() -> None:
    assert setting("A_SECRET", "posix") == "export A_SECRET=..."
    assert setting("A_SECRET", "nt") == "$env:A_SECRET = '...' (in cmd: set A_SECRET=...)"


def test_a_letter_that_a_code_page_lacks_ends_no_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252:strict")
    kept = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(kept, encoding="cp1252", errors="strict"))
    path = tmp_path / "Čtenář.toml"
    path.write_text("[vendor]\n", "utf-8")
    assert cli.main(["doctor", "--target", str(path)]) == 3
    sys.stderr.flush()
    assert rb"\u010cten\xe1\u0159.toml" in kept.getvalue().replace(b"\xe1", rb"\xe1")


@pytest.mark.parametrize(("system", "said"), [("nt", "Čtenář".encode()), ("posix", rb"\u010c")])
def test_a_pipe_of_windows_gets_utf_8(
    monkeypatch: pytest.MonkeyPatch, system: str, said: bytes
) -> None:
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    kept = io.BytesIO()
    with able(io.TextIOWrapper(kept, encoding="cp1252"), system) as stream:
        stream.write("Čtenář")
        stream.flush()
        assert kept.getvalue().startswith(said)


def test_a_simulator_can_be_ended_where_no_signal_ends_a_wait() -> None:
    # Told so, Python runs its handler and does not wake who waits: as with every signal of Windows.
    lines = (
        "import _thread, threading",
        "from conformance import cli_tools",
        "threading.Timer(0.3, _thread.interrupt_main).start()",
        "cli_tools._until_stopped()",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], timeout=60, check=True)


def test_a_closed_output_takes_everything() -> None:
    with able(None) as nobody:
        nobody.write("Čtenář")


def test_a_reader_who_leaves_is_known_on_each_system() -> None:
    gone, full = OSError(errno.EINVAL, "Invalid argument"), OSError(errno.ENOSPC, "No space")
    assert reader_gone(BrokenPipeError())
    assert reader_gone(gone, "nt")
    assert not reader_gone(gone, "posix")
    assert not reader_gone(full, "nt")


def test_a_port_that_hangs_up_does_not_speak_tls() -> None:
    def conversation(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            # All is read, so that the end is no reset: as Windows ends a connection anyhow.
            connection.recv(65536)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=conversation, args=(listener,), daemon=True).start()
        wire = Wire(Limits(2, 2, 2))
        try:
            assert not speaks_tls(wire, f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            wire.close()


@pytest.mark.parametrize("kind", [ConnectionAbortedError, ConnectionResetError, BrokenPipeError])
def test_a_connection_that_the_target_ends_is_told_alike(kind: type[OSError]) -> None:
    inner = urllib3.exceptions.ProtocolError("Connection aborted.", kind(10053, "ended"))
    inner.__cause__ = kind(10053, "ended")
    error = requests.ConnectionError(inner)
    error.__cause__ = inner
    told = faults.explain(error, urlsplit("http://127.0.0.1:9/sif3"), Limits(1, 1, 1))
    assert "closed the connection without an answer" in str(told)
