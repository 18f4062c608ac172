"""By what a stored object is found without reading it: numbers of a person, RefIds that it names.

Each is kept as 64 bits of its digest, so that the index is small and holds no number of anybody.
Whoever looks something up reads the few objects that are found and compares the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from lxml.etree import _Element

from reference_hub.codec.xml import MalformedDocument, read

STUDENTS = ("xStudent", "StudentPersonal")
PEOPLE = (*STUDENTS, "xStaff", "StaffPersonal", "xContact", "StudentContactPersonal")
_NUMBERS = ("{*}localId", "{*}LocalId", "{*}stateProvinceId", "{*}StateProvinceId")
# Where a model keeps the facts about a contact.
_HELD_DEEPER, _WITHIN = "StudentContactPersonal", "{*}PersonInfo"
_REFID = re.compile(
    rb"[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}"
)
# Ends of the names of what holds most RefIds, and none of a person.
_NO_PERSON = tuple(
    f"{each}RefId".encode()
    for each in ("lea", "LEAInfo", "school", "SchoolInfo", "TermInfo", "course", "SchoolCourseInfo",
                 "SectionInfo", "schoolCalendar", "CalendarSummary", "RoomInfo")
)  # fmt: skip
_FOLDED = re.compile("[0-9a-f]{32}")
_HALF, _MIDDLE = 2**64 - 1, 2**63
_LONGEST = 32
_BETWEEN = b" \t\r\n=\"'>"


def words_of(
    object_type: str, refid: str, body: bytes, numbers: Sequence[str] | None = None
) -> set[int]:
    """What the object with this folded RefId is found by; `numbers` as `numbers_in` has them, where
    they are known already."""
    found: set[int] = set()
    if object_type in PEOPLE:
        known = _numbers_of(object_type, body) if numbers is None else numbers
        found.update(map(number_word, known))
    # No student's own object names another student, and most objects are students.
    if object_type not in STUDENTS:
        found.update(named_word(each) for each in _named(body) if each != refid)
    return found


def _numbers_of(object_type: str, body: bytes) -> Sequence[str]:
    try:
        return numbers_in(object_type, read(body))
    except MalformedDocument:
        # Nobody is looked up by it, but it must not keep an upgrade from going on.
        return ()


def numbers_in(object_type: str, element: _Element) -> tuple[str, ...]:
    """The local and state numbers of a person, as they are compared: not those of a school or of
    somebody else that stand deeper; () for what is no person."""
    if object_type not in PEOPLE:
        return ()
    found = list(element.iterchildren(*_NUMBERS))
    if object_type == _HELD_DEEPER:
        found += [
            one for each in element.iterchildren(_WITHIN) for one in each.iterchildren(*_NUMBERS)
        ]
    return tuple(number for each in found if (number := plain(_text(each))))


def _text(element: _Element) -> str:
    text = element.text or ""
    # Where comments were kept they part the text.
    return text + "".join(each.tail or "" for each in element) if len(element) else text


def _named(body: bytes) -> Iterator[str]:
    for found in _REFID.finditer(body):
        start = found.start()
        holder = body[max(start - _LONGEST, 0) : start].rstrip(_BETWEEN)
        if not holder.endswith(_NO_PERSON):
            yield found[0].replace(b"-", b"").lower().decode()


def plain(number: str) -> str:
    """A number without space around it and with single spaces in it."""
    return " ".join(number.split())


def number_word(number: str) -> int:
    """The word for a number of a person."""
    digest = blake2b(number.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def named_word(refid: str) -> int:
    """The word for a RefId that an object names, of 32 hexadecimal digits."""
    whole = int(refid, 16)
    return ((whole >> 64) ^ whole & _HALF) - _MIDDLE


def is_refid(text: str) -> bool:
    """Whether it has the form of a folded RefId, by which alone the naming objects are found."""
    return _FOLDED.fullmatch(text) is not None
