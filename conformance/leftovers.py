"""What redaction by element cannot know: pieces of a value, and values in another encoding.

A product that quotes half a name, or a whole record in base64, shows nothing that was learned. The
canaries in it are found all the same, for a canary says of itself whose it is. Only text that could
hold one is looked through; most cannot.
"""

from __future__ import annotations

import re

from conformance.scan import Found, Scan
from fixtures.canary import CODAS, ONSETS, VOWELS, Sighting
from fixtures.sightings import Reader

# As many as `plugin.SuitePlugin.students` can number, and those of edge cases and stages.
STUDENTS, SCHOOLS = 2**16 * 20 + 2_000, 2
PERSONAL = "[personal]"
REMOVED = "[removed: it held a personal value in another encoding]"

_OPEN, _CLOSED = f"[{ONSETS}][{VOWELS}]", f"[{ONSETS}][{VOWELS}][{CODAS}]"
_SUSPECT = re.compile(
    rf"{_CLOSED}{_OPEN}{_CLOSED}{_OPEN}{_CLOSED}"
    r"|\d{8}|[0-9A-Za-z+/_-]{17}"
    r"|%[0-9a-f]{2}|&#\w+;|=[0-9a-f]{2}|\\[ux][0-9a-f]{2}|\x00",
    re.IGNORECASE,
)
# Random, and another one in most texts. One with a long number in it, or that goes on, is no id.
_ID = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}"
    r"-(?![0-9A-Fa-f]*[0-9]{10})[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
_ANY_ID = "00000000-0000-4000-8000-00000000000a"
_REMEMBERED, _MOST_REMEMBERED = 300, 5000


class _Values(Reader):
    """Reads words and numbers; a RefId is random and names nobody."""

    def refid(self, text: str) -> Sighting | None:  # noqa: ARG002
        return None


class Leftovers:
    """Takes canaries of persons out of a text; made for the district of one seed."""

    def __init__(self, seed: int) -> None:
        self._found: list[Found] = []
        self._clean: set[str] = set()
        # One scan for all texts: it remembers the words that hold nothing.
        reader = _Values(seed, STUDENTS, SCHOOLS)
        self._scan = Scan([reader], self._found.append, lambda _: None)

    def __call__(self, text: str) -> str:
        """The text with `[personal]` for each canary; in another encoding the text goes whole."""
        if not _SUSPECT.search(text):
            return text
        without_ids = _ID.sub(_ANY_ID, text)
        if without_ids in self._clean:
            return text
        self._found.clear()
        self._scan.stream("text", [text.encode("utf-8", "replace")])
        found = self._found
        if not found and len(without_ids) <= _REMEMBERED:
            self._remember(without_ids)
        if any(one.inside for one in found):
            return REMOVED
        for word in {one.text for one in found}:
            text = re.sub(re.escape(word), PERSONAL, text, flags=re.IGNORECASE)
        return text

    def _remember(self, text: str) -> None:
        if len(self._clean) >= _MOST_REMEMBERED:
            self._clean.clear()
        self._clean.add(text)
