"""A vendor's SFTP server on this machine, with faults: asyncssh's own server side over a folder."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

USER, PASSWORD = "hub", "a password"


@dataclass
class Faults:
    """What goes wrong: bytes after which the line is cut or the disk is full, seconds per write,
    whether a rename can overwrite, whether files can be linked, which of the next renames fails (0
    for the next)."""

    cut_after: int | None = None
    full_after: int | None = None
    slow: float = 0.0
    overwrites: bool = True
    links: bool = True
    renames: int | None = None
    written: int = 0


@dataclass
class Drop:
    """The running server: its folder, port and key, who was let in, and the faults to come."""

    folder: Path
    key: asyncssh.SSHKey
    client_key: asyncssh.SSHKey
    faults: Faults = field(default_factory=Faults)
    port: int = 0
    logins: list[str] = field(default_factory=list)
    renames: list[tuple[str, str]] = field(default_factory=list)
    open: list[Any] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """What an administrator would pin."""
        return self.key.get_fingerprint("sha256")

    @property
    def url(self) -> str:
        """The address of the folder."""
        return f"sftp://127.0.0.1:{self.port}//roster"

    def names(self) -> list[str]:
        """What lies in the folder."""
        return sorted(path.name for path in (self.folder / "roster").iterdir() if path.is_file())

    def read(self, name: str) -> bytes:
        """The content of a file."""
        return (self.folder / "roster" / name).read_bytes()


class _Door(asyncssh.SSHServer):
    def __init__(self, drop: Drop) -> None:
        self.drop = drop

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        is_right = (username, password) == (USER, PASSWORD)
        self.drop.logins += ["password"] if is_right else []
        return is_right

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        is_right = key == self.drop.client_key.convert_to_public()
        self.drop.logins += ["key"] if is_right and username == USER else []
        return is_right and username == USER


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], drop: Drop) -> None:
        super().__init__(channel, chroot=str(drop.folder).encode())
        self.drop, self.line = drop, channel.get_connection()

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        file = super().open(path, pflags, attrs)
        self.drop.open.append(file)
        return file

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        faults = self.drop.faults
        if faults.slow:
            await asyncio.sleep(faults.slow)
        faults.written += len(data)
        if faults.cut_after is not None and faults.written > faults.cut_after:
            self.line.abort()
            raise asyncssh.SFTPConnectionLost("cut")
        if faults.full_after is not None and faults.written > faults.full_after:
            raise asyncssh.SFTPFailure("No space left on device")
        written: Any = super().write(file_obj, offset, data)
        return int(written)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        if not self.drop.faults.overwrites:
            raise asyncssh.SFTPOpUnsupported("no posix-rename here")
        self.drop.renames.append((oldpath.decode(), newpath.decode()))
        super().posix_rename(oldpath, newpath)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self.drop.faults.renames is not None:
            self.drop.faults.renames -= 1
            if self.drop.faults.renames == -1:
                raise asyncssh.SFTPFailure("not now")
        if self.drop.folder.joinpath(newpath.decode().lstrip("/")).exists():
            raise asyncssh.SFTPFailure("it exists")
        self.drop.renames.append((oldpath.decode(), newpath.decode()))
        super().rename(oldpath, newpath)

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        if not self.drop.faults.links:
            raise asyncssh.SFTPOpUnsupported("no links here")
        super().link(oldpath, newpath)


@contextmanager
def sftp_server(folder: Path, port: int = 0) -> Iterator[Drop]:
    """Serve `folder`, which gets a folder `roster`, in a thread of its own."""
    (folder / "roster").mkdir(parents=True, exist_ok=True)
    made = asyncssh.generate_private_key
    drop = Drop(folder, made("ssh-ed25519"), made("ssh-ed25519"))
    started = threading.Event()
    options: dict[str, Any] = {
        "server_factory": lambda: _Door(drop),
        "server_host_keys": [drop.key],
        "sftp_factory": lambda channel: _Files(channel, drop),
        "reuse_address": True,
    }
    ends: list[Callable[[], object]] = []

    async def serve() -> None:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        ends.append(lambda: loop.call_soon_threadsafe(stopped.set))
        async with asyncssh.listen("127.0.0.1", port, **options) as server:
            drop.port = server.get_port()
            started.set()
            await stopped.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(10)
    try:
        yield drop
    finally:
        ends[0]()
        thread.join(10)
        for file in drop.open:
            file.close()
