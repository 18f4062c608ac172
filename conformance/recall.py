"""Read a redacted recording with the eyes of who sent the requests.

The key of the masks is never written, so a recording alone gives nothing back. Whoever draws the
same synthetic data from the same seed sends the same values again, and sees which mask stands in
the recorded request at the place of which value. The same mask in a recorded answer is then that
value. What the target itself brought in stays masked: nobody here knows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from conformance import codes, trees
from conformance.redaction import SECRET

_MASK = re.compile(r"[^#]{0,40}#[0-9a-f]{6}", re.DOTALL)
_CUT = re.compile(r"\S{8}…#[0-9a-f]{6} \(\d+ characters\)")
_HASH = re.compile(r"(?<!\[secret\])#[0-9a-f]{6}(?![0-9a-f])")
_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_TIME = r"\d{4}-\d\d-\d\d(?:T\d\d(?::|%3A)\d\d(?:(?::|%3A)\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
# What is another one in each run: ids, times, names of files, random words, a simulator's port.
_FRESH = re.compile(
    rf"{_UUID}|{_TIME}|\b\d{{8}}T\d{{6}}-\d{{4,6}}\b|(?<=:)\d{{4,5}}(?=/|$)"
    r"|\b[0-9A-Za-z]*(?:[0-9a-f]{12,}|[0-9A-F]{12,})\b"
)
_MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT")
_HTTP_FORM = "%a, %d %b %Y %H:%M:%S GMT"


@dataclass(slots=True)
class Memory:
    """Which recorded word stands for which present one.

    `masks` are values by the hash of their mask, with the mask; `telling` are the hashes of those
    that identify a person; `invented` are those of masks for which a stand-in was made up; `fresh`
    are ids, times and random words; `ahead` is how much later it is now than when the recording was
    made.
    """

    masks: dict[str, tuple[str, str]] = field(default_factory=dict)
    telling: set[str] = field(default_factory=set)
    invented: set[str] = field(default_factory=set)
    fresh: dict[str, str] = field(default_factory=dict)
    ahead: timedelta = timedelta()

    def alike(self, recorded: str, present: str, name: str = "name") -> bool:
        """Whether a recorded text of this name can be this one; learns what differs if so."""
        if recorded == present or recorded.startswith(SECRET):
            return True
        if _MASK.fullmatch(recorded) or _CUT.fullmatch(recorded):
            hashed = _HASH.findall(recorded)[0]
            self.masks[hashed] = (recorded, present)
            if codes.telling(name):
                self.telling.add(hashed)
            return True
        if SECRET in recorded or _HASH.search(recorded):
            return True
        before, now = fresh_words(recorded), fresh_words(present)
        if len(before) != len(now) or _FRESH.sub("", recorded) != _FRESH.sub("", present):
            return False
        self.renewed(before, now)
        return True

    def renewed(self, before: Sequence[str], now: Sequence[str]) -> None:
        """Learn which fresh words stand in the places of these."""
        for old, new in zip(before, now, strict=True):
            if old != new:
                # Some products show ids in the other case.
                self.fresh |= {old: new, old.lower(): new.lower(), old.upper(): new.upper()}

    def same_body(self, recorded: str, present: bytes) -> bool:
        """Whether a recorded body can be this one; learns as `alike` does."""
        if not recorded or not present:
            return not recorded and not present
        if recorded.startswith("<"):
            try:
                pair = trees.parse(_whole(recorded).encode()), trees.parse(present)
            except trees.Unreadable:
                return True
            return self._same_tree(*pair)
        try:
            return self._same_value("name", json.loads(recorded), json.loads(present))
        except (ValueError, RecursionError):
            return True

    def told(self, text: str) -> str:
        """A recorded text in present words."""
        for hashed in set(_HASH.findall(text)):
            if hashed in self.masks:
                text = text.replace(*self.masks[hashed])
        if self.fresh:
            text = _FRESH.sub(lambda match: self.fresh.get(match.group(), match.group()), text)
        if self.ahead:
            text = _MOMENT.sub(self._later, text)
            text = _HTTP_DATE.sub(self._http_later, text)
        return text

    def body(self, text: str) -> str:
        """A recorded body in present words, in the notation in which it was recorded."""
        if text.startswith("<"):
            return self._xml(text)
        if text.startswith(("{", "[")):
            try:
                return json.dumps(self._value(json.loads(text)), ensure_ascii=False)
            except (ValueError, RecursionError):
                return self.told(text)
        return self.told(text)

    def recorded(self, text: str) -> str:
        """A present text with the ids, words and tokens of the recording."""
        for old, new in self.fresh.items():
            text = text.replace(new, old)
        for mask, value in self.masks.values():
            if _CUT.fullmatch(mask):
                text = text.replace(value, mask)
        return text

    def unknown(self, text: str) -> int:
        """How many values of a recorded text nobody here can tell."""
        found = _HASH.findall(text)
        return sum(one not in self.masks or one in self.invented for one in found)

    def _xml(self, text: str) -> str:
        try:
            root = trees.parse(text.encode())
        except trees.Unreadable:
            return self.told(text)
        for one in root.iter():
            one.text = self.told(one.text) if one.text else one.text
            one.tail = self.told(one.tail) if one.tail else one.tail
            for key, value in one.items():
                one.set(key, self.told(str(value)))
        return etree.tostring(root, encoding="unicode")

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.told(str(key)): self._value(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._value(one) for one in value]
        return self.told(value) if isinstance(value, str) else value

    def _same_tree(self, recorded: etree._Element, present: etree._Element) -> bool:
        if recorded.tag != present.tag or len(recorded) > len(present):
            return False
        name = trees.local(recorded)
        told = [(key, str(one), str(present.get(key, ""))) for key, one in recorded.items()]
        told += [(name, recorded.text or "", present.text or "")]
        told += [("name", recorded.tail or "", present.tail or "")]
        alike = [self.alike(old.strip(), new.strip(), str(key)) for key, old, new in told]
        alike += [self._same_tree(*pair) for pair in zip(recorded, present, strict=False)]
        return all(alike)

    def _same_value(self, name: str, recorded: Any, present: Any) -> bool:
        if isinstance(recorded, dict) and isinstance(present, dict):
            inner = zip(recorded.items(), present.values(), strict=False)
            alike = [self._same_value(key, one, two) for (key, one), two in inner]
            return len(recorded) == len(present) and all(alike)
        if isinstance(recorded, list) and isinstance(present, list):
            inner_pairs = zip(recorded, present, strict=False)
            alike = [self._same_value(name, *one) for one in inner_pairs]
            return all(alike)
        return self.alike(str(recorded), str(present), name)

    def _later(self, match: re.Match[str]) -> str:
        moment = datetime.fromisoformat(match.group()) + self.ahead
        digits = len(match.group().partition(".")[2].rstrip("Z"))
        detail = "milliseconds" if digits else "seconds"
        return moment.isoformat(timespec=detail).replace("+00:00", "Z")

    def _http_later(self, match: re.Match[str]) -> str:
        moment = datetime.strptime(match.group(), _HTTP_FORM) + self.ahead  # noqa: DTZ007
        return moment.strftime(_HTTP_FORM)


def fresh_words(text: str) -> list[str]:
    """What of a text is another one in each run, in its order."""
    return _FRESH.findall(text)


def _whole(text: str) -> str:
    """An XML body without the note on elements left out."""
    return text[: text.rfind(">") + 1]
