"""The SFTP face: asyncssh's server over a folder of its own, in a thread, one home a user."""

from __future__ import annotations

import asyncio
import hashlib
import os
import posixpath
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.simulators.problems import PortInUse

if TYPE_CHECKING:
    from conformance.simulators.file_receiver.receiver import FileReceiver

FOLDERS = ("incoming", "results")


class SftpFace:
    """A running server: `port`, `fingerprint`, `close()`."""

    def __init__(self, product: FileReceiver, port: int = 0) -> None:
        self.product = product
        self.root = Path(tempfile.mkdtemp(prefix="file-receiver-"))
        for user in product.logins:
            for folder in FOLDERS:
                (self.root / user / folder).mkdir(parents=True)
            (self.root / user / "notes.txt").write_bytes(b"what only this customer may read\n")
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self._server = self._call(self._listen())
        except OSError:
            self._end()
            raise PortInUse(f"Port {port} is in use; stop its program.") from None

    @property
    def fingerprint(self) -> str:
        """What a customer is told to expect."""
        return host_key(self.product.host_key_seed()).get_fingerprint("sha256").rstrip("=")

    def close(self) -> None:
        """Stop listening, end the sessions, and take the folder away."""
        self._call(self._stop())
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> Any:
        server = await asyncssh.create_server(
            lambda: _Door(self.product),
            "127.0.0.1",
            self.port,
            server_host_keys=[host_key(self.product.host_key_seed())],
            sftp_factory=lambda channel: _Files(channel, self),
            process_factory=self._command if self.product.does_commands() else None,
            reuse_address=True,
        )
        self.port = server.get_port()
        return server

    async def _stop(self) -> None:
        self._server.close()
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()

    def _command(self, process: Any) -> None:
        process.stdout.write("done\n")
        process.exit(0)


class _Door(asyncssh.SSHServer):
    def __init__(self, product: FileReceiver) -> None:
        self._product = product

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._product.may_enter(username, password)


class _Files(asyncssh.SFTPServer):
    """Paths of the user's own home only; what is finished is taken as soon as it is there."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], face: SftpFace) -> None:
        super().__init__(channel)
        self._face, self._product = face, face.product
        self._user = str(channel.get_connection().get_extra_info("username"))
        self._writing: dict[object, str] = {}

    def _whole(self, path: bytes) -> str:
        return posixpath.normpath(posixpath.join(f"/{self._user}", path.decode()))

    def map_path(self, path: bytes) -> bytes:
        """The place of a path; what is not the user's is refused."""
        whole = self._whole(path)
        if not self._product.may_reach(self._user, whole):
            raise asyncssh.SFTPPermissionDenied("This is not yours.")
        return os.fsencode(self._face.root / whole.lstrip("/"))

    def reverse_map_path(self, path: bytes) -> bytes:
        """The path of a place."""
        return path.removeprefix(os.fsencode(self._face.root)) or b"/"

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file; writing is for what comes in."""
        whole, writing = self._whole(path), bool(pflags & asyncssh.FXF_WRITE)
        if writing and not self._product.may_write(whole):
            raise asyncssh.SFTPPermissionDenied("Nothing is written here.")
        file = super().open(path, pflags, attrs)
        if writing:
            self._writing[file] = whole
        return file

    def close(self, file_obj: object) -> None:
        """Close a file; one that was written under a finished name is taken."""
        super().close(file_obj)
        whole = self._writing.pop(file_obj, "")
        if whole:
            self._take(whole)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Give a file its name, and take it if that is finished."""
        if not self._product.may_write(self._whole(newpath)):
            raise asyncssh.SFTPPermissionDenied("Nothing is written here.")
        os.replace(self.map_path(oldpath), self.map_path(newpath))
        self._take(self._whole(newpath))

    posix_rename = rename

    def remove(self, path: bytes) -> None:
        """Take away what came in."""
        if not self._product.may_write(self._whole(path)):
            raise asyncssh.SFTPPermissionDenied("Nothing is taken from here.")
        super().remove(path)

    def _take(self, whole: str) -> None:
        name = posixpath.basename(whole)
        if not self._product.is_finished(name):
            return
        place = self._face.root / whole.lstrip("/")
        result = self._product.dropped(name, self._user, place.read_bytes())
        (place.parents[1] / "results" / f"{name}.json").write_bytes(result)


def host_key(seed: bytes) -> asyncssh.SSHKey:
    """A key for show, made of words: whoever knows them has it."""
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed).digest())
    text = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    return asyncssh.import_private_key(text)
