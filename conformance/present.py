"""A recorded request in present words: the masks taken off it, the ids and tokens of now."""

from __future__ import annotations

import json
import re
from typing import Any

from lxml import etree

from conformance import trees
from conformance.recall import Memory
from conformance.stage.papers import Papers
from conformance.stand_ins import stand_in

_WHOLE = re.compile(r"[^#]{0,40}#([0-9a-f]{6})", re.DOTALL)
_CUT = re.compile(r"(\S{8})…#([0-9a-f]{6}) \((\d+) characters\)")
_INSIDE = re.compile(r"(?<!\[secret\])[^#<>\"&{},;=/?\s]{1,40}#([0-9a-f]{6})(?![0-9a-f])")


class Present:
    """The words of one request; `unknown` counts masked values that nobody here can tell.

    A stand-in of the same shape takes the place of these.
    """

    def __init__(self, memory: Memory, said: dict[str, str], papers: Papers) -> None:
        self.unknown = 0
        self._memory, self._said, self._papers = memory, said, papers

    def text(self, text: str) -> str:
        """A line, an attribute, or what stands in an element."""
        if found := _WHOLE.fullmatch(text):
            return self._value(found[1], text)
        text = _CUT.sub(lambda match: self._token(match), text)
        text = self._memory.told(text)
        return _INSIDE.sub(lambda match: self._value(match[1], match.group()), text)

    def body(self, text: str) -> str:
        """A body, in the notation in which it was recorded."""
        if text.startswith("<"):
            return self._xml(text)
        if text.startswith(("{", "[")):
            try:
                return json.dumps(self._json(json.loads(text)), ensure_ascii=False)
            except (ValueError, RecursionError):
                return self.text(text)
        return self.text(text)

    def _value(self, hashed: str, mask: str) -> str:
        if hashed in self._said:
            return self._papers.word(self._said[hashed], self._memory.told)
        return self._known(hashed, mask, stand_in(mask))

    def _token(self, match: re.Match[str]) -> str:
        made_up = match[1] + "x" * (int(match[3]) - len(match[1]))
        return self._known(match[2], match.group(), made_up)

    def _known(self, hashed: str, mask: str, made_up: str) -> str:
        memory, key = self._memory, f"#{hashed}"
        if key not in memory.masks:
            # The product may show the same value later, when it is asked.
            memory.masks[key] = mask, made_up
            memory.invented.add(key)
        self.unknown += key in memory.invented
        return memory.masks[key][1]

    def _xml(self, text: str) -> str:
        try:
            root = trees.parse(text[: text.rfind(">") + 1].encode())
        except trees.Unreadable:
            return self.text(text)
        for one in root.iter():
            one.text = self.text(one.text) if one.text else one.text
            one.tail = self.text(one.tail) if one.tail else one.tail
            for key, value in one.items():
                one.set(key, self.text(str(value)))
        return etree.tostring(root, encoding="unicode")

    def _json(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.text(str(key)): self._json(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._json(one) for one in value]
        return self.text(value) if isinstance(value, str) else value
