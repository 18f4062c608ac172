"""Tell what a scan found: one line each, for a person or a machine, and the totals."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from conformance.scan import Found

_MOST_STUDENTS = 10  # that are named in the totals


def printable(text: str) -> str:
    """Keep a text on its line and off the controls of a terminal."""
    return "".join(one if one.isprintable() else "?" for one in text)


def say(text: str) -> None:
    """Tell a person something beside the result."""
    print(printable(text), file=sys.stderr)


class Report:
    """Prints sightings as they come, counts them, and prints the totals at the end.

    `lines`: a line for each; without, the totals are the result and go to standard output.
    """

    def __init__(self, *, as_json: bool, lines: bool) -> None:
        self.as_json, self.lines = as_json, lines
        self.elements: Counter[str] = Counter()
        self.students: Counter[tuple[int, int]] = Counter()
        self.unread: list[str] = []

    @property
    def count(self) -> int:
        """The number of sightings."""
        return self.elements.total()

    def tell(self, found: Found) -> None:
        """Count a sighting and print its line."""
        one = found.sighting
        self.elements[f"{one.kind} {one.element}"] += 1
        if one.student is not None:
            self.students[one.seed, one.student] += 1
        if self.lines:
            sys.stdout.write((_json(found) if self.as_json else _line(found)) + "\n")

    def could_not_read(self, text: str) -> None:
        """Say at once what could not be looked at."""
        self.unread.append(text)
        say(f"not read: {text}")

    def close(self) -> None:
        """Print the totals."""
        if self.as_json:
            print(json.dumps({"totals": self._totals()}))
            return
        for line in self._lines():
            print(line, file=sys.stderr if self.lines else sys.stdout)

    def _totals(self) -> dict[str, object]:
        students: dict[str, dict[str, int]] = {}
        for (seed, student), count in sorted(self.students.items()):
            students.setdefault(str(seed), {})[str(student)] = count
        return {
            "sightings": self.count,
            "elements": dict(sorted(self.elements.items())),
            "students": students,
            "unread": self.unread,
        }

    def _lines(self) -> Iterator[str]:
        yield f"{self.count} sightings" if self.count else "nothing found"
        for name, count in sorted(self.elements.items()):
            yield f"  {count:8}  {name}"
        if self.students:
            most = self.students.most_common(_MOST_STUDENTS)
            named = ", ".join(f"{student} ({count})" for (_, student), count in most)
            more = ", ..." if len(self.students) > len(most) else ""
            yield f"students concerned: {len(self.students)}; number (sightings) {named}{more}"


def _line(found: Found) -> str:
    one, inside = found.sighting, " > ".join(found.inside) or "-"
    cells = (one.owner, one.element, str(one.revision), found.text, str(one.seed), found.file)
    places = (inside, str(found.line), str(found.offset))
    return "\t".join(map(printable, (*cells, *places)))


def _json(found: Found) -> str:
    one = found.sighting
    where = {"file": found.file, "inside": found.inside, "line": found.line}
    named = {**asdict(one), "kind": one.kind, "text": found.text}
    return json.dumps({**named, **where, "offset": found.offset})
