"""The only module of the suite that speaks SFTP: bounded time, a host key told beforehand.

Every step (log in, put, rename, get, list) is recorded as one exchange, redacted like those of
HTTP: `PUT sftp://user@host:port/path`, answered by the word of the server. Protocol: draft
ietf-secsh-filexfer-02 (SFTP version 3), as servers speak it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

from conformance.problems import NotVerified, TimedOut, Unreachable
from conformance.reply import Headers, Reply
from conformance.wire import Capture, Recorder

# It writes a line with user and address for each connection.
logging.getLogger("asyncssh").setLevel(logging.WARNING)

LARGEST_RESULT = 10_000_000
# The codes of SFTP version 3: what a server says in place of a status of HTTP.
WORDS = {0: "ok", 2: "no such file", 3: "permission denied", 4: "failure", 8: "not supported"}
DENIED = "login refused"
WRONG_KEY = "another host key"
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Server:
    """Where and who: host and port, user, password or file with a key, and the key to expect.

    `host_key` is a fingerprint `SHA256:...` or a public key in a file beside the target file.
    """

    host: str
    port: int
    user: str
    secret: str
    host_key: str
    client_key: str = ""
    folder: Path = Path()

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"sftp://{self.user}@{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Step:
    """What the server said to one step, `data` what it gave; `exchange` is its number."""

    name: str
    code: int
    said: str
    exchange: int
    data: bytes = b""
    names: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the step was done."""
        return self.code == 0

    @property
    def reply(self) -> Reply:
        """As an answer that findings can point at; its status is a code of SFTP."""
        return Reply(self.code, Headers(), self.data, self.exchange, self.name)


class SftpDoor:
    """One session with the server, opened when it is first needed."""

    def __init__(self, server: Server, recorder: Recorder, seconds: float) -> None:
        self._server = server
        self._recorder = recorder
        self._seconds = seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._client = _Pinned(server)
        self._line: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None

    # -- steps -------------------------------------------------------------------------------

    def login(self) -> Step:
        """Open the session; a refused login is an answer, no fault."""
        return self._step("LOGIN", "/", self._open)

    def put(self, path: str, data: bytes) -> Step:
        """Write one file whole."""
        return self._step("PUT", path, lambda: self._write(path, data), data)

    def rename(self, path: str, to: str) -> Step:
        """Give a file its name; one that is there already is replaced."""
        return self._step(f"RENAME to {to}", path, lambda: self._rename(path, to))

    def get(self, path: str) -> Step:
        """Read one file."""
        return self._step("GET", path, lambda: self._read(path))

    def names(self, path: str) -> Step:
        """What lies in a folder."""
        return self._step("LIST", path, lambda: self._list(path))

    def remove(self, path: str) -> Step:
        """Take a file away."""
        return self._step("REMOVE", path, lambda: self._remove(path))

    def command(self, words: str) -> Step:
        """Ask for a command of the machine, which nobody should be let do."""
        return self._step("EXEC", "/", lambda: self._execute(words))

    @property
    def shown_key(self) -> str:
        """The fingerprint of the key that the server showed last."""
        return self._client.shown

    def hang_up(self) -> None:
        """End the session without a word, as a broken line does."""
        line, self._line, self._sftp = self._line, None, None
        if line is not None:
            self._loop.call_soon_threadsafe(line.abort)

    def close(self) -> None:
        """End the session and the thread."""
        self.hang_up()
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop).result(1)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2)
        self._loop.close()

    # -- one step ----------------------------------------------------------------------------

    def _step(
        self,
        verb: str,
        path: str,
        work: Callable[[], Coroutine[Any, Any, bytes | tuple[str, ...]]],
        body: bytes = b"",
    ) -> Step:
        started = time.perf_counter()
        given: bytes | tuple[str, ...] = b""
        code, said, fault = 0, WORDS[0], None
        try:
            future = asyncio.run_coroutine_threadsafe(self._timed(work), self._loop)
            given = future.result()
        except (asyncssh.Error, OSError, TimeoutError) as error:
            code, said, fault = self._understood(error)
        taken = (time.perf_counter() - started) * 1000
        data = given if isinstance(given, bytes) else "\n".join(given).encode()
        capture = _capture(verb, f"{self._server.url}/{path.lstrip('/')}", body, data, said, taken)
        number = self._recorder.record(capture)
        if fault is not None:
            raise fault
        names = given if isinstance(given, tuple) else ()
        return Step(f"SFTP {verb.partition(' ')[0].lower()}", code, said, number, data, names)

    async def _timed(self, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        async with asyncio.timeout(self._seconds):
            return await work()

    def _understood(self, error: BaseException) -> tuple[int, str, NotVerified | None]:
        """Code and word of a refusal, or the fault that no answer came."""
        if isinstance(error, asyncssh.PermissionDenied):
            return 3, DENIED, None
        if isinstance(error, asyncssh.HostKeyNotVerifiable):
            return 4, WRONG_KEY, None
        place = f"{self._server.host}:{self._server.port}"
        if isinstance(error, asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection):
            self.hang_up()
            return 4, "lost", Unreachable(f"{place} ended the SFTP session", "reset")
        if isinstance(error, asyncssh.SFTPError):
            return error.code, WORDS.get(error.code, "refused"), None
        if isinstance(error, asyncssh.ChannelOpenError):
            return 4, "channel refused", None
        self.hang_up()
        if isinstance(error, TimeoutError):
            late = f"{place} did not finish a step of SFTP within {self._seconds:g} s"
            return 4, "late", TimedOut(late)
        kind = "refused" if isinstance(error, ConnectionRefusedError) else "connect"
        return 4, "lost", Unreachable(f"no SFTP session with {place}", kind)

    # -- what asyncssh does ------------------------------------------------------------------

    async def _open(self) -> bytes:
        told = self._server
        keys = [str(told.folder / told.client_key)] if told.client_key else None
        self._line = await asyncssh.connect(
            told.host,
            told.port,
            username=told.user,
            password=told.secret,
            client_keys=keys,
            known_hosts=b"",
            client_factory=lambda: self._client,
            config=None,
            agent_path=None,
            compression_algs=None,
        )
        self._sftp = await self._line.start_sftp_client()
        return b""

    async def _opened(self) -> asyncssh.SFTPClient:
        if self._sftp is None:
            await self._open()
        assert self._sftp is not None
        return self._sftp

    async def _write(self, path: str, data: bytes) -> bytes:
        sftp = await self._opened()
        async with await sftp.open(path, "wb") as file:
            await file.write(data)
        return b""

    async def _rename(self, path: str, to: str) -> bytes:
        sftp = await self._opened()
        try:
            await sftp.posix_rename(path, to)
        except asyncssh.SFTPOpUnsupported:
            await sftp.rename(path, to)
        return b""

    async def _read(self, path: str) -> bytes:
        sftp = await self._opened()
        async with await sftp.open(path, "rb") as file:
            read: Any = await file.read(LARGEST_RESULT)
        return bytes(read)

    async def _list(self, path: str) -> tuple[str, ...]:
        sftp = await self._opened()
        names = [str(one) for one in await sftp.listdir(path)]
        return tuple(sorted(name for name in names if name not in (".", "..")))

    async def _remove(self, path: str) -> bytes:
        await (await self._opened()).remove(path)
        return b""

    async def _execute(self, words: str) -> bytes:
        await self._opened()
        assert self._line is not None
        done = await self._line.run(words, check=False)
        if done.exit_status != 0:
            raise asyncssh.SFTPPermissionDenied("no command is done here")
        return str(done.stdout or "").encode()


class _Pinned(asyncssh.SSHClient):
    """Trusts the key it was told, and remembers the one that the server showed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.shown = ""

    def validate_host_public_key(
        self,
        host: str,  # noqa: ARG002 the key alone tells who it is
        addr: str,  # noqa: ARG002
        port: int,  # noqa: ARG002
        key: asyncssh.SSHKey,
    ) -> bool:
        """Whether it is the key of the target file."""
        self.shown = key.get_fingerprint("sha256").rstrip("=")
        return self.shown == fingerprint(self._server)


def fingerprint(server: Server) -> str:
    """The fingerprint to expect, read from the file of the public key where one is named."""
    told = server.host_key
    if told.startswith("SHA256:"):
        return told.rstrip("=")
    key = asyncssh.read_public_key(server.folder / told)
    return key.get_fingerprint("sha256").rstrip("=")


def _capture(
    verb: str, url: str, body: bytes, data: bytes, said: str, milliseconds: float
) -> Capture:
    head = f"SFTP {said}\r\n\r\n".encode()
    start = f"{verb} {url}\r\n\r\n".encode()
    return Capture(
        method=verb.partition(" ")[0],
        url=url,
        sent=start,
        body=body,
        head=head,
        raw=data,
        decoded=data,
        headers=Headers(),
        fault="" if said not in ("lost", "late") else said,
        milliseconds=milliseconds,
    )
