"""The path of a request, split by ourselves: matrix parameters, suffix, trailing slash.

Werkzeug decodes the path and keeps `;zoneId=...` in it, so a percent-encoded separator could not be
told from a real one; the raw request target is read instead, and each part decoded once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from reference_hub.problems import Refusal

SCOPE = "Request path"
SUFFIXES = (".xml", ".json")


@dataclass(frozen=True, slots=True)
class Target:
    """Decoded segments below the connector, matrix parameters, and `.xml`, `.json` or ''."""

    segments: tuple[str, ...]
    matrix: Mapping[str, str]
    suffix: str


def parse_target(raw: str, connector: str) -> Target:
    """Split the raw request target below `/connector/`.

    Raises Refusal 400 for matrix parameters that are malformed, repeated or not on the last
    segment (in the query, too), for text that is not UTF-8, and for dots as a segment.
    """
    address = urlsplit(raw)
    if not {"zoneId", "contextId"}.isdisjoint(parse_qs(address.query, keep_blank_values=True)):
        raise Refusal(400, SCOPE, "Zone and context stand behind a semicolon, not in the query.")
    below = address.path.partition(f"/{connector}/")[2]
    *inner, last = below.split("/")
    name, *parameters = last.split(";")
    if any(";" in segment for segment in inner):
        raise Refusal(400, SCOPE, "Matrix parameters stand on the last path segment only.")
    segments = [segment for segment in (*inner, name) if segment]
    suffix = next((end for end in SUFFIXES if segments and segments[-1].endswith(end)), "")
    if suffix:
        segments[-1] = segments[-1].removesuffix(suffix)
    decoded = tuple(_decoded(each) for each in segments)
    if not {".", ".."}.isdisjoint(decoded):
        # Whoever the request is forwarded to would take them for steps to another service.
        raise Refusal(400, SCOPE, "A path segment may not be . or ..; send the path resolved.")
    return Target(decoded, _matrix(parameters), suffix)


def _matrix(parameters: list[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for parameter in filter(None, parameters):
        name, equals, value = parameter.partition("=")
        if not equals or name in found:
            text = "A matrix parameter is malformed or repeated; write ;zoneId=Z;contextId=C."
            raise Refusal(400, SCOPE, text)
        found[name] = _decoded(value)
    return found


def _decoded(text: str) -> str:
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise Refusal(400, SCOPE, "The path is not UTF-8; percent-encode it as UTF-8.") from error
    if "\x00" in decoded:
        raise Refusal(400, SCOPE, "The path holds a NUL character; leave it out.")
    return decoded
