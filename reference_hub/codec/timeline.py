"""The index of a timeline: SIF events in files of one folder, in the order in which they happened.

`index.json` is an array with one object per event: `file`, the header fields `service`,
`eventAction`, `replacement` (PARTIAL unless it says FULL), `timestamp` and `messageId`, and maybe a
`number`, which then counts without a gap. Other members are for people.

SetupError               the folder holds no timeline, or one that cannot be replayed in order
"""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from reference_hub.problems import SetupError

INDEX = "index.json"
_FOLDER = "timeline"
_MARK = b'"eventAction"'
_HEAD = 1 << 16
# A file of the same folder: an index leads nowhere else. Control characters reach no terminal.
_FILE = re.compile(r"[^/\\\x00-\x1f\x7f]+\.xml")
_Service = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}\Z")]
_MessageId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{1,64}\Z")]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """One line of the index."""

    file: str
    service: _Service
    event_action: Literal["CREATE", "UPDATE", "DELETE"]
    timestamp: _Moment
    message_id: _MessageId
    replacement: Literal["FULL", "PARTIAL", ""] = ""
    number: int | None = None

    @property
    def is_full(self) -> bool:
        """Whether an update holds whole objects."""
        return self.replacement == "FULL"

    def digest(self, body: bytes) -> str:
        """What tells this event with this body from any other; it gives no value away."""
        header = (self.service, self.event_action, self.replacement, self.timestamp.isoformat())
        return hashlib.sha256("\n".join((*header, "")).encode() + body).hexdigest()


@dataclass(frozen=True, slots=True)
class Timeline:
    """A folder and its events in order."""

    folder: Path
    events: tuple[Event, ...]

    def path(self, event: Event) -> Path:
        """Where the body of an event lies."""
        return self.folder / event.file


def holds_timeline(folder: Path) -> bool:
    """Whether the files of a folder are events, which only make sense in order."""
    index = folder / INDEX
    try:
        # Whoever opens a pipe waits for its writer.
        if not index.is_file():
            return False
        with index.open("rb") as file:
            return _MARK in file.read(_HEAD)
    except OSError:
        return False


def find(place: Path) -> Path:
    """The folder with the index: this one, or `timeline` in it. Raises SetupError."""
    for folder in (place, place / _FOLDER):
        if (folder / INDEX).is_file():
            return folder
    raise SetupError(
        f"There is no timeline in {place}: expected {INDEX}, there or in {_FOLDER}/. Name the "
        "folder that holds it."
    )


def read_timeline(place: Path, largest: int) -> Timeline:
    """Read the index and see that every file of it is there, of at most `largest` bytes.

    Raises SetupError.
    """
    folder = find(place)
    try:
        events = msgspec.json.decode((folder / INDEX).read_bytes(), type=tuple[Event, ...])
    except OSError as error:
        raise SetupError(f"{folder / INDEX} cannot be read ({error.strerror}).") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise SetupError(
            f"{folder / INDEX} is not the index of a timeline ({_shape(error)}); write it anew."
        ) from None
    timeline = Timeline(folder, events)
    _refuse_disorder(timeline)
    _refuse_missing(timeline, largest)
    return timeline


def _shape(error: Exception) -> str:
    # The message of msgspec names types and places, never a value, but for a word of a list.
    return str(error).rpartition(" - at ")[2].partition(":")[0]


def _refuse_disorder(timeline: Timeline) -> None:
    files, ids = set[str](), set[str]()
    before: Event | None = None
    for count, event in enumerate(timeline.events, 1):
        place = f"Event {count} of {timeline.folder / INDEX}"
        if _FILE.fullmatch(event.file) is None:
            raise SetupError(f"{place} names no .xml file of the same folder; correct the index.")
        if event.file in files or event.message_id in ids:
            raise SetupError(f"{place} ({event.file}) stands there twice; each event comes once.")
        if before and event.timestamp < before.timestamp:
            raise SetupError(
                f"{place} ({event.file}) is older than the one before it; events must stand in the "
                "order of their timestamps. Nothing was applied."
            )
        if before and _leaves_a_gap(before.number, event.number):
            raise SetupError(
                f"{place} ({event.file}) has not the number after the one before it; an event is "
                "missing or stands elsewhere. Nothing was applied."
            )
        before = event
        files.add(event.file)
        ids.add(event.message_id)


def _leaves_a_gap(before: int | None, number: int | None) -> bool:
    return before is not None and number is not None and number != before + 1


def _refuse_missing(timeline: Timeline, largest: int) -> None:
    missing: list[str] = []
    for event in timeline.events:
        size = _size(timeline.path(event))
        if size is None:
            missing.append(event.file)
        elif size > largest:
            raise SetupError(
                f"{event.file} of {timeline.folder} has {size} bytes; an event may have {largest} "
                "(setting server.max_body). Nothing was applied."
            )
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise SetupError(
            f"{timeline.folder} lacks {missing[0]}{more}, which the index lists. Nothing was "
            "applied; put the files back (links do not count) or generate the timeline again."
        )


def _size(path: Path) -> int | None:
    """Bytes of a file that lies there itself: a link may lead out of the folder."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
