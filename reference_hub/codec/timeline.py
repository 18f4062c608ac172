"""The index of a timeline: SIF events in files of one folder, in the order in which they happened.

`index.json` is an array with one object per event: `file`, the header fields `service`,
`eventAction`, `replacement` (PARTIAL unless it says FULL), `timestamp` and `messageId`. Other
members are for people.

SetupError               the folder holds no timeline, or one that cannot be replayed in order
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from reference_hub.problems import SetupError

INDEX = "index.json"
_FOLDER = "timeline"
_MARK = b'"eventAction"'
_HEAD = 1 << 16
# A file of the same folder: an index leads nowhere else.
_FILE = re.compile(r"[^/\\\0]+\.xml")


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """One line of the index."""

    file: str
    service: str
    event_action: Literal["CREATE", "UPDATE", "DELETE"]
    timestamp: str
    message_id: str
    replacement: Literal["FULL", "PARTIAL", ""] = ""

    @property
    def is_full(self) -> bool:
        """Whether an update holds whole objects."""
        return self.replacement == "FULL"


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
    try:
        with (folder / INDEX).open("rb") as file:
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


def read_timeline(place: Path) -> Timeline:
    """Read the index and see that every file of it is there. Raises SetupError."""
    folder = find(place)
    try:
        events = msgspec.json.decode((folder / INDEX).read_bytes(), type=tuple[Event, ...])
    except OSError as error:
        raise SetupError(f"{folder / INDEX} cannot be read ({error.strerror}).") from None
    except msgspec.DecodeError as error:
        raise SetupError(
            f"{folder / INDEX} is not the index of a timeline ({_shape(error)}); write it anew."
        ) from None
    timeline = Timeline(folder, events)
    _refuse_disorder(timeline)
    _refuse_missing(timeline)
    return timeline


def _shape(error: msgspec.DecodeError) -> str:
    # The message of msgspec names types and places, never a value, but for a word of a list.
    return str(error).partition(" - at ")[2] or str(error).partition(":")[0]


def _refuse_disorder(timeline: Timeline) -> None:
    last, files, ids = "", set[str](), set[str]()
    for number, event in enumerate(timeline.events, 1):
        place = f"Event {number} of {timeline.folder / INDEX}"
        if _FILE.fullmatch(event.file) is None:
            raise SetupError(f"{place} names no .xml file of the same folder; correct the index.")
        if event.timestamp < last:
            raise SetupError(
                f"{place} ({event.file}) is older than the one before it; events must stand in the "
                "order of their timestamps. Nothing was applied."
            )
        if event.file in files or event.message_id in ids:
            raise SetupError(f"{place} ({event.file}) stands there twice; each event comes once.")
        last = event.timestamp
        files.add(event.file)
        ids.add(event.message_id)


def _refuse_missing(timeline: Timeline) -> None:
    missing = [event.file for event in timeline.events if not timeline.path(event).is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise SetupError(
            f"{timeline.folder} lacks {missing[0]}{more}, which the index lists. Nothing was "
            "applied; put the files back or generate the timeline again."
        )
