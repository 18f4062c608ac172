"""A vendor's folder over SFTP: files appear whole under their names, or not at all."""

from __future__ import annotations

import asyncio
import fnmatch
import re
from collections.abc import Awaitable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, TypeVar

import asyncssh

from reference_hub.model.message import ResultFile

CHUNK = 1024 * 1024
LARGEST_RESULT = 20 * 1024 * 1024
MOST_RESULTS = 100
_GONE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
# What servers answer that cannot do what was asked; version 3 knows little but "failure".
_CANNOT = (asyncssh.SFTPOpUnsupported, asyncssh.SFTPFailure, asyncssh.SFTPPermissionDenied)
_STAMP = "%Y%m%dT%H%M%SZ"

Answer = TypeVar("Answer")


class Folder:
    """One open folder; each step may take `seconds`, a file so many for each megabyte."""

    def __init__(self, sftp: asyncssh.SFTPClient, path: str, seconds: float) -> None:
        self._sftp, self._path, self._seconds = sftp, PurePosixPath(path), seconds

    async def put(self, files: Mapping[str, bytes], mark: str, keep: int) -> None:
        """Upload all files under other names that hold `mark`, then give each its own, in order.

        A file of before is replaced in one step where the server can do that, and `keep` of them
        stay with the time of their last change in the name. Raises asyncssh.Error, OSError,
        TimeoutError; names given before that stay, the others are as they were.
        """
        await self._tidy(files, mark)
        parts = {name: f".{name}.{mark}.part" for name in files}
        for name, content in files.items():
            await self._upload(parts[name], content)
        for name, content in files.items():
            if keep:
                await self._keep(name, content, keep)
            await self._give_name(parts[name], name, mark)

    async def take_away(self, names: Iterable[str]) -> None:
        """Remove files of an earlier set. Raises asyncssh.Error, OSError, TimeoutError."""
        for name in names:
            await self._remove(name)

    async def results(
        self, pattern: str, known: Mapping[str, list[int]]
    ) -> tuple[list[ResultFile], dict[str, list[int]]]:
        """The files of that pattern that are not `known` by size and time, each of at most 20 MB,
        and what is known now."""
        where, wanted = self._path / PurePosixPath(pattern).parent, PurePosixPath(pattern).name
        found: list[ResultFile] = []
        seen: dict[str, list[int]] = {}
        for entry in sorted(await self._entries(where), key=lambda each: str(each.filename)):
            name, state = str(entry.filename), [entry.attrs.size or 0, entry.attrs.mtime or 0]
            if not fnmatch.fnmatchcase(name, wanted) or state[0] > LARGEST_RESULT:
                continue
            if known.get(name) != state and len(found) < MOST_RESULTS:
                found.append(ResultFile(name, await self._read(where / name)))
                seen[name] = state
            elif name in known:
                seen[name] = known[name]
        return found, seen

    async def _entries(self, where: PurePosixPath) -> list[asyncssh.SFTPName]:
        try:
            return list(await self._in_time(self._sftp.readdir(str(where))))
        except _GONE:
            return []

    async def _tidy(self, files: Mapping[str, bytes], mark: str) -> None:
        """Remove what an upload left behind that nobody finished."""
        for entry in await self._entries(self._path):
            name = str(entry.filename)
            is_left = any(re.fullmatch(rf"\.{re.escape(each)}\.[0-9a-f-]{{36}}\.(part|old)", name)
                          for each in files)  # fmt: skip
            if is_left and mark not in name:
                await self._remove(name)

    async def _upload(self, name: str, content: bytes) -> None:
        file = await self._in_time(self._sftp.open(self._at(name), "wb"))
        try:
            for start in range(0, len(content), CHUNK):
                await self._in_time(file.write(content[start : start + CHUNK], start))
        finally:
            await self._in_time(file.close())
        stored = await self._in_time(self._sftp.stat(self._at(name)))
        if stored.size is not None and stored.size != len(content):
            raise asyncssh.SFTPFailure("the server stored another number of bytes")

    async def _give_name(self, part: str, name: str, mark: str) -> None:
        try:
            await self._in_time(self._sftp.posix_rename(self._at(part), self._at(name)))
        except asyncssh.SFTPOpUnsupported:
            # A plain rename does not overwrite in version 3 of the protocol.
            aside = f".{name}.{mark}.old"
            is_there = await self._moved(name, aside)
            try:
                await self._rename(part, name)
            except asyncssh.Error:
                await self._moved(aside, name)
                raise
            if is_there:
                await self._remove(aside)

    async def _moved(self, name: str, to: str) -> bool:
        """Whether there was such a file to move."""
        try:
            await self._rename(name, to)
        except _GONE:
            return False
        return True

    async def _rename(self, name: str, to: str) -> None:
        await self._in_time(self._sftp.rename(self._at(name), self._at(to)))

    async def _keep(self, name: str, content: bytes, keep: int) -> None:
        try:
            there = await self._in_time(self._sftp.stat(self._at(name)))
        except _GONE:
            return
        if there.size == len(content) and await self._read(self._path / name) == content:
            return  # This very delivery was put before and is repeated.
        changed = datetime.fromtimestamp(there.mtime or 0, UTC)
        old = _old_name(name, f"{changed:{_STAMP}}")
        await self._remove(old)
        try:
            await self._in_time(self._sftp.link(self._at(name), self._at(old)))
        except _CANNOT:
            await self._rename(name, old)
        pattern = re.compile(re.escape(_old_name(name, "\0")).replace("\0", r"\d{8}T\d{6}Z"))
        entries = await self._entries(self._path)
        stale = sorted(str(each.filename) for each in entries
                       if pattern.fullmatch(str(each.filename)))  # fmt: skip
        for each in stale[:-keep]:
            await self._remove(each)

    async def _read(self, path: PurePosixPath) -> bytes:
        async with self._sftp.open(str(path), "rb") as file:
            content: Any = await self._in_time(file.read(LARGEST_RESULT))
        return bytes(content)

    async def _remove(self, name: str) -> None:
        try:
            await self._in_time(self._sftp.remove(self._at(name)))
        except _GONE:
            return

    def _at(self, name: str) -> str:
        return str(self._path / name)

    async def _in_time(self, step: Awaitable[Answer]) -> Answer:
        async with asyncio.timeout(self._seconds):
            return await step


def _old_name(name: str, stamp: str) -> str:
    path = PurePosixPath(name)
    return f"{path.stem}.{stamp}{path.suffix}"
