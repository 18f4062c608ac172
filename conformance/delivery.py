"""Deliver files in the way of the target file, and learn what became of them.

drop.parcel(tables)          # the form of the target; delta where it is taken, else everything
drop.give(parcel)            # deliver, wait for the result: an Outcome
drop.people()                # rows of users that the product shows, by folded id
"""

from __future__ import annotations

import base64
import hashlib
import random
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from conformance import auth, outcomes, roster
from conformance.evidence import Evidence
from conformance.outcomes import Outcome
from conformance.pacing import seconds_of
from conformance.parcels import BULK, DELTA, ONEROSTER, Parcel, Row, Tables, written
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.reply import Headers, Reply
from conformance.roles import Setting
from conformance.roster import School
from conformance.target_files import FLAT, FOLDER, HTTP, NAME, SFTP, Files

if TYPE_CHECKING:
    from conformance.drop import Server, SftpDoor, Step

TYPES = {".zip": "application/zip", ".csv": "text/csv; charset=utf-8"}
MOST_REPEATS = 3
BUSY = 503
FAULTS_OF_THE_SERVER = 500
POLL_SECONDS = 0.1
TEMPORARY = ".tmp"


@dataclass(frozen=True, slots=True)
class Sent:
    """A file on its way: its name, the way it went, and what was answered at once."""

    name: str
    way: str
    ok: bool
    reply: Reply


class Delivery:
    """One sender for a whole run; it remembers what it brought, and takes it back."""

    def __init__(self, setting: Setting, school: School, seeds: Tables) -> None:
        self.setting = setting
        self.config = setting.config
        self.told: Files = setting.config.files
        self.evidence: Evidence = setting.evidence
        self.school, self.seeds = school, seeds
        self.folder = Path(self.config.path).parent
        self._people: dict[str, str] = {}
        self._began = datetime.now(UTC)
        self._count = self._steps = 0
        self._grounded = False
        self._brought: list[Tables] = []
        self._sftp: SftpDoor | None = None

    # -- what is delivered -------------------------------------------------------------------

    def declared(self, *capabilities: str) -> bool:
        """Whether the target declares all of these."""
        return set(capabilities) <= self.config.capabilities

    @property
    def mode(self) -> str:
        """How most checks deliver: what changed, where that is taken."""
        return DELTA if self.declared("delta") and self.told.form in ONEROSTER else BULK

    def stamp(self, later: int = 0) -> str:
        """A moment of change, later with each call: UTC with milliseconds, as OneRoster wants."""
        self._steps += 1
        moment = self._began + timedelta(seconds=self._steps + later)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def parcel(self, *parts: Tables, mode: str = "", when: str = "", alone: bool = False) -> Parcel:
        """These rows as one delivery; a bulk one holds the school and its students as well.

        `alone` leaves the students of the school out. NotApplicable for a mode not declared.
        """
        mode = mode or self.mode
        if not self.declared(mode) or (mode == DELTA and self.told.form not in ONEROSTER):
            raise NotApplicable(f"the target takes no {mode} files")
        self._brought += parts
        self._learn(parts)
        whole = parts
        if mode == BULK:
            whole = (self.school.tables, *(() if alone else (self.seeds,)), *parts)
        tables = roster.joined(*whole)
        return written(self.told.form, tables, mode, when or self.stamp(), self.told.columns)

    def removal(self, *parts: Tables) -> Parcel:
        """A delta that takes these rows away."""
        tables = roster.gone(roster.joined(*parts))
        return written(self.told.form, tables, DELTA, self.stamp(), {})

    def oneroster(self) -> None:
        """Leave what only OneRoster says to targets that take OneRoster."""
        if self.told.form not in ONEROSTER:
            raise NotApplicable(f"the form {self.told.form} has no such thing")

    def _learn(self, parts: Iterable[Tables]) -> None:
        for part in parts:
            for user in part.get("users", []):
                if user.get("identifier"):
                    self._people[user["identifier"]] = user["sourcedId"]

    # -- how it is delivered -----------------------------------------------------------------

    def ground(self) -> None:
        """Deliver the school once; what a delta refers to must be there."""
        if self._grounded:
            return
        check, self.evidence.check = self.evidence.check, "the school"
        try:
            first = self.parcel(self.school.tables, self.seeds) if self.mode == DELTA else None
            self._brought.clear()
            outcome = self.outcome(self.send(first or self.parcel()))
        finally:
            self.evidence.check = check
        if not outcome.taken:
            raise NotVerified(
                f"the preparation failed: the file of the school is {outcome.end}"
                f" (exchange {outcome.reply.exchange})"
            )
        self._grounded = True

    def give(self, parcel: Parcel, way: str = "", name: str = "") -> Outcome:
        """Deliver a parcel and wait until it is told what became of it."""
        self.ground()
        return self.outcome(self.send(parcel, way, name))

    def give_data(self, data: bytes, suffix: str = ".zip", way: str = "") -> Outcome:
        """Deliver bytes that are no parcel any more."""
        self.ground()
        return self.outcome(self.send_data(data, suffix, way))

    def send(self, parcel: Parcel, way: str = "", name: str = "") -> Sent:
        """Deliver a parcel without waiting for its result; of loose files, up to one not taken."""
        if not self.told.loose:
            return self.send_data(parcel.data(), parcel.suffix, way, name)
        for each, data in parcel.files.items():
            sent = self.send_data(data, ".csv", way, each)
            if not sent.ok:
                break
        return sent

    def send_data(self, data: bytes, suffix: str, way: str = "", name: str = "") -> Sent:
        """Deliver bytes under a new name, or the one that is told."""
        way, name = way or self.told.way, name or self.new_name(suffix)
        if self.config.route.read_only:
            raise NotVerified("the run is read-only, so no file was delivered")
        if way == HTTP:
            reply = self.upload(name, data)
            return Sent(name, way, reply.ok, reply)
        if way == SFTP:
            step = self.drop(name, data)
            return Sent(name, way, step.ok, step.reply)
        return self._laid(name, data)

    def new_name(self, suffix: str) -> str:
        """A name that no earlier run used; it holds nothing of a person.

        NotApplicable for loose files, whose names are told.
        """
        if self.told.loose:
            raise NotApplicable("a set of loose files is no file with a name of its own")
        self._count += 1
        return f"qvex-{self._began:%Y%m%dT%H%M%S}-{self._count:04}{suffix}"

    def upload(
        self, name: str, data: bytes, headers: dict[str, str] | None = None, secret: str = ""
    ) -> Reply:
        """PUT or POST one file; 503 with Retry-After is waited for as [network] allows."""
        url = self.config.url(self.told.address.replace(NAME, quote(name)))
        lines = self.signed(secret) | {"Content-Type": TYPES[Path(name).suffix]}
        if self.told.digest:
            lines["Content-Digest"] = digest(data)
        lines |= headers or {}
        wire = self.setting.wire
        for repeats in range(MOST_REPEATS + 1):
            reply = wire.send(self.told.method, url, lines, data, named="the upload of a file")
            pause = seconds_of(reply.headers.get("Retry-After"))
            busy = reply.status == BUSY and "Retry-After" in reply.headers
            if not busy or repeats == MOST_REPEATS or pause > self.config.route.longest_pause:
                break
            wire.pacing.sleep(pause)
        return reply

    def signed(self, secret: str = "") -> dict[str, str]:
        """The line that says who we are."""
        who = self.config.credentials
        return dict(auth.sign(auth.BASIC, who.key, secret or self.config.secret).headers)

    @property
    def sftp(self) -> SftpDoor:
        """The session of the run with the SFTP server."""
        if self._sftp is None:
            self._sftp = self.new_session()
        return self._sftp

    def new_session(self, *, user: str = "", secret: str = "") -> SftpDoor:
        """Another session, as somebody else if told so; whoever asks closes it."""
        # What speaks SFTP takes long to load, and most runs have no use for it.
        from conformance.drop import SftpDoor

        seconds = self.config.endpoint.total_seconds
        return SftpDoor(server_of(self.setting, user, secret), self.evidence, seconds)

    def drop(self, name: str, data: bytes) -> Step:
        """Put one file under a temporary name and give it its own when it is whole."""
        path = self.told.incoming.replace(NAME, name)
        step = self.sftp.put(path + TEMPORARY, data)
        return self.sftp.rename(path + TEMPORARY, path) if step.ok else step

    def _laid(self, name: str, data: bytes) -> Sent:
        """Lay one file into the folder, from where somebody or something takes it."""
        place = self.folder / self.told.folder / self.told.incoming.replace(NAME, name)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(place.name + TEMPORARY)
        draft.write_bytes(data)
        draft.replace(place)
        wait = self.told.wait_seconds
        self.setting.tell(f"Load {name} from {place.parent} now; the suite waits {wait:g} s.")
        return Sent(name, FOLDER, True, Reply(0, Headers(), b"", self.evidence.number, name))

    # -- what became of it -------------------------------------------------------------------

    def outcome(self, sent: Sent) -> Outcome:
        """How a delivery ended; untold where there is no result file and no refusal."""
        if not sent.ok:
            said = outcomes.read(sent.reply.body, self.told.words)
            broken = sent.way == HTTP and sent.reply.status >= FAULTS_OF_THE_SERVER
            end = outcomes.BROKEN if broken else outcomes.REFUSED
            return Outcome(end, said[1] if said else (), sent.reply)
        if not self.declared("outcome"):
            return Outcome(outcomes.UNTOLD, (), sent.reply)
        reply = self._result(sent)
        said = outcomes.read(reply.body, self.told.words) if reply is not None else None
        if reply is None or said is None:
            return Outcome(outcomes.UNTOLD, (), reply or sent.reply)
        return Outcome(said[0], said[1], reply, by_result=True)

    def result_of(self, name: str, way: str, headers: dict[str, str] | None = None) -> Reply | None:
        """The result file of a delivery as it is now, None if there is none."""
        if way == HTTP:
            url = self.config.url(self.told.result.replace(NAME, quote(name)))
            reply = self.setting.wire.send("GET", url, headers or self.signed(), named="a result")
            return reply if reply.ok else None
        if way == SFTP:
            step = self.sftp.get(self.told.results.replace(NAME, name))
            return step.reply if step.ok else None
        place = self.folder / self.told.folder / self.told.results.replace(NAME, name)
        if not place.is_file():
            return None
        return Reply(0, Headers(), place.read_bytes(), self.evidence.number, place.name)

    def _result(self, sent: Sent) -> Reply | None:
        deadline = time.monotonic() + self.told.wait_seconds
        while (reply := self.result_of(sent.name, sent.way)) is None:
            if time.monotonic() > deadline:
                return None
            time.sleep(POLL_SECONDS)
        return reply

    # -- what is shown -----------------------------------------------------------------------

    def readback(self) -> ReadBack:
        """The exports; NotApplicable if none are declared."""
        setting = self.setting
        return ReadBack(setting.wire, self.config, self._people, setting.evidence, setting.tell)

    def look_anew(self, source: ReadBack) -> None:
        """Have the export made again where somebody lays it into a folder."""
        if source.told.form == "folder":
            source.renew()

    def people(self, source: ReadBack) -> dict[str, Row]:
        """Rows of users by folded id, those marked as deleted left out."""
        self.look_anew(source)
        rows = source.users()
        return {
            key: row for key, row in rows.items()
            if key and row.get("status", "").lower() != "tobedeleted"
        }  # fmt: skip

    def settle(self) -> None:
        """Give a product the time it may take, before absence is claimed."""
        time.sleep(max(self.told.wait_seconds, self.config.readback.wait_seconds))

    def keeps(self, column: str) -> bool:
        """Whether the form has a place for a column of users."""
        if self.told.form == FLAT:
            return column in self.told.columns
        return self.told.form in ONEROSTER or column in ("givenName", "familyName")

    # -- afterwards --------------------------------------------------------------------------

    def put_away(self) -> None:
        """Take back what a check brought."""
        brought, self._brought = self._brought, []
        if brought and self._grounded and self.mode == DELTA and not self.config.keep:
            with suppress(NotVerified):
                self.send(self.removal(*brought))

    def close(self) -> None:
        """Take back the school, and end the session."""
        if self._grounded and self.mode == DELTA and not self.config.keep:
            with suppress(NotVerified):
                self.send(self.removal(self.school.tables, self.seeds))
        if self._sftp is not None:
            self._sftp.close()


def server_of(setting: Setting, user: str = "", secret: str = "") -> Server:
    """The SFTP server of a target."""
    from conformance.drop import Server

    config, told = setting.config, setting.config.files
    host, _, port = told.sftp.rpartition(":")
    return Server(
        host=host,
        port=int(port),
        user=user or told.user or config.credentials.key,
        secret=secret or config.secret,
        host_key=told.host_key,
        client_key="" if secret else told.client_key,
        folder=Path(config.path).parent,
    )


def digest(data: bytes) -> str:
    """The value of Content-Digest (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def of_run(seed: int) -> random.Random:
    """The random source of what the whole run has in common."""
    return random.Random(f"{seed}:school")  # noqa: S311
