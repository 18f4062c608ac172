"""Look for what must never leave: canaries of persons and secrets, in every byte of a bundle.

Elements of persons are looked for by their canaries, through archives and encodings, for all
students that checks can draw with the seed of the run. RefIds are not: they are random, name
nobody, and join the exchanges of a report. Secrets are looked for by their values, where they are
known, and by their shape.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from conformance.leftovers import SCHOOLS, STUDENTS, Leftovers
from conformance.redaction import SECRET
from conformance.scan import CHUNK, Found, Scan
from fixtures.sightings import Reader

_SHORTEST = 6  # characters of a secret; shorter ones are ordinary words
_SHAPES = {
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a JSON Web Token": re.compile(rb"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "credentials of a header": re.compile(
        rb"\b(?:Basic|Bearer|SIF_HMACSHA256) (?=[A-Za-z0-9+/_.-]*[0-9A-Z])"
        rb"[A-Za-z0-9+/_.-]{16,}={0,2}"
    ),
    "a password in an address": re.compile(rb"\bhttps?://[^\s/:@\"'<>]{1,64}:[^\s/@\"'<>]{3,}@"),
    "a token in an address": re.compile(rb"[?&](?:access_token|userToken)=(?!\[)[\w%.+/-]{6,}"),
}


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that must not be there: `what` it is (never its value), file and line."""

    what: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file} line {self.line}: {self.what}"


def leaks(
    files: Mapping[str, bytes], seed: int, secrets: Iterable[str] = (), most: int = 20
) -> list[Leak]:
    """The first places where a file holds a canary of a person or a secret."""
    found: list[Leak] = []

    def canary(one: Found) -> None:
        if one.sighting.element != "RefId":
            kind = one.sighting.owner.partition(" ")[0]
            found.append(Leak(f"the {one.sighting.element} of a {kind}", one.file, one.line))

    def unread(text: str) -> None:
        found.append(Leak("something that cannot be looked into", text.partition(":")[0], 0))

    scan = Scan([Reader(seed, STUDENTS, SCHOOLS)], canary, unread)
    spelled = _spelled(secrets)
    for name, data in sorted(files.items()):
        scan.stream(name, (data[at : at + CHUNK] for at in range(0, len(data), CHUNK)))
        found += _secrets(name, data, spelled)
    return found[:most]


def _secrets(name: str, data: bytes, spelled: Mapping[bytes, str]) -> list[Leak]:
    found = [(data.find(form), what) for form, what in spelled.items()]
    found += [
        (one.start(), what) for what, shape in _SHAPES.items() for one in shape.finditer(data)
    ]
    return [Leak(what, name, data.count(b"\n", 0, at) + 1) for at, what in found if at >= 0]


def _spelled(secrets: Iterable[str]) -> dict[bytes, str]:
    """Each secret as it is, and as base64 with any start."""
    forms = {}
    for secret in secrets:
        if len(secret) < _SHORTEST:
            continue
        plain = secret.encode()
        forms[plain] = "a secret of the target"
        for before in range(3):
            text = base64.b64encode(b"\0" * before + plain)
            # The first and the last characters depend on what stands around.
            forms[text[(before * 8 + 5) // 6 : len(text) - 4]] = "a secret of the target in base64"
    return {form: what for form, what in forms.items() if len(form) >= _SHORTEST}


def scrubber(seed: int, secrets: Iterable[str] = ()) -> Callable[[str], str]:
    """What takes canaries of persons and secrets out of a text.

    A canary that stands in the text as such becomes `[personal]`; a text that holds one in another
    encoding is taken out as a whole.
    """
    leftovers, spelled = Leftovers(seed), _spelled(secrets)

    def scrub(text: str) -> str:
        text = leftovers(text)
        for form in spelled:
            text = text.replace(form.decode(), SECRET)
        for shape in _SHAPES.values():
            text = shape.sub(SECRET.encode(), text.encode("utf-8", "replace")).decode()
        return text

    return scrub
