"""Put a bundle into a vendor's folder over SFTP, and fetch what it wrote about earlier ones.

asyncssh speaks the protocol: it is typed, needs no library that is not here already, and one
deadline bounds each of its steps.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import random
import zipfile
from collections.abc import Mapping

import asyncssh
import structlog

from reference_hub.clock import Clock
from reference_hub.model.message import Batch, Delivery, Outgoing, Settled
from reference_hub.model.party import Subscriber
from reference_hub.vendors import sftp_session, verdicts
from reference_hub.vendors.addresses import Reach
from reference_hub.vendors.file_set import left_over, parts_of, session_of
from reference_hub.vendors.sftp_folder import Folder
from reference_hub.vendors.sftp_terms import CHECKSUM, ROWS, Terms, read_terms
from reference_hub.workers.transport import Unreachable

log = structlog.get_logger(__name__)

_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (asyncssh.SFTPNoSuchFile, "the vendor's folder does not exist"),
    (asyncssh.SFTPNoSuchPath, "the vendor's folder does not exist"),
    (asyncssh.SFTPPermissionDenied, "the vendor's folder does not let us write"),
    (asyncssh.SFTPConnectionLost, "the vendor's server ended the conversation"),
    (asyncssh.SFTPNoConnection, "the vendor's server ended the conversation"),
    (asyncssh.SFTPError, "the vendor's server could not store the file; its disk may be full"),
    (asyncssh.Error, "the vendor's server ended the conversation"),
    (OSError, "the vendor's server ended the conversation"),
)


class SftpDrop:
    """A Transport for files; `timeout` in seconds bounds each step."""

    def __init__(self, reach: Reach, timeout: float, clock: Clock, rng: random.Random) -> None:
        self.reach, self.timeout, self.clock, self.rng = reach, timeout, clock, rng

    def deliver(self, batch: Batch) -> Delivery:
        """Put each file; stop at the first that must be tried again."""
        delivery = Delivery()
        for message in batch.messages:
            settled = self._one(batch.subscriber, message, delivery)
            delivery.settled.append(settled)
            if settled.state == "waiting":
                break
        return delivery

    def _one(self, to: Subscriber, message: Outgoing, delivery: Delivery) -> Settled:
        if message.kind != "file" or message.body is None:
            return Settled(message.id, "dead", "a file drop takes bundles only")
        terms = read_terms(to.delivery)
        files = files_of(to, message.body, terms)
        try:
            opened = sftp_session.dial(self.reach, to.url, self.timeout)
            asyncio.run(self._put(opened, to, terms, files, message.message_id, delivery))
        except Unreachable as error:
            return verdicts.again(message, str(error), None, self.clock.now(), self.rng)
        return Settled(message.id, "done")

    def fetch(self, to: Subscriber) -> Delivery:
        """The new result files of a connection, and what its next session must know; a session of
        None where nothing is new. Raises Unreachable, SetupError."""
        delivery = Delivery()
        opened = sftp_session.dial(self.reach, to.url, self.timeout)
        asyncio.run(self._look(opened, to, read_terms(to.delivery), delivery))
        return delivery

    async def _look(
        self, opened: sftp_session.Socket, to: Subscriber, terms: Terms, delivery: Delivery
    ) -> None:
        async with sftp_session.opened(opened, to, terms, self.timeout) as folder:
            await _fetch(folder, to, terms, delivery)

    async def _put(
        self,
        opened: sftp_session.Socket,
        to: Subscriber,
        terms: Terms,
        files: Mapping[str, bytes],
        message_id: str,
        delivery: Delivery,
    ) -> None:
        async with sftp_session.opened(opened, to, terms, self.timeout) as folder:
            try:
                await folder.put(files, message_id, terms.keep)
                delivery.session = session_of(to, files, whole=True)
                await folder.take_away(left_over(to, files))
            except (asyncssh.Error, OSError) as error:
                delivery.session = session_of(to, files, whole=False)
                raise Unreachable(_reason(error)) from None
            if terms.results:
                await _fetch(folder, to, terms, delivery)


async def _fetch(folder: Folder, to: Subscriber, terms: Terms, delivery: Delivery) -> None:
    known = (to.session or {}).get("results", {})
    try:
        found, seen = await folder.results(terms.results, known)
    except (asyncssh.Error, OSError) as error:
        # The file itself lies in its place; the next delivery looks again.
        log.warning("results not fetched", connection=to.name, error=type(error).__name__)
        return
    if found or seen != known:
        delivery.results = tuple(found)
        session = delivery.session or to.session or {}
        delivery.session = {**session, "results": seen}


def files_of(to: Subscriber, bundle: bytes, terms: Terms) -> dict[str, bytes]:
    """What goes into the folder, in the order in which it appears: the files, then what lies
    beside each."""
    files = parts_of(to, bundle)
    beside: dict[str, bytes] = {}
    for each, content in files.items():
        if CHECKSUM in terms.beside:
            line = f"{hashlib.sha256(content).hexdigest()}  {each}\n"
            beside[f"{each}.{CHECKSUM}"] = line.encode()
        if ROWS in terms.beside:
            beside[f"{each}.{ROWS}"] = _rows(each, content)
    return files | beside


def _rows(name: str, content: bytes) -> bytes:
    tables = {name: content}
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            tables = {each: archive.read(each) for each in archive.namelist()}
    lines = ["file,rows"]
    for each, table in tables.items():
        rows = csv.reader(io.StringIO(table.decode("utf-8-sig", "replace"), newline=""))
        lines.append(f"{each},{max(sum(1 for row in rows if row) - 1, 0)}")
    return "".join(f"{line}\n" for line in lines).encode()


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "the vendor's server did not answer in time"
    return next(reason for kind, reason in _REASONS if isinstance(error, kind))
