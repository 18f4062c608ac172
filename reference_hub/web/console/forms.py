"""Fields of a form as they came: few, short, of this page alone."""

from __future__ import annotations

from flask import request

LARGEST = 256 * 1024
# Pages to which somebody uploads a file, and how large it may be.
UPLOADS = {"console.verify_bundle": 24 * 1024 * 1024}
_MOST_FIELDS = 2000


def is_too_large() -> bool:
    """Whether the form is larger than any of ours, or of a length that nobody told."""
    largest = UPLOADS.get(request.endpoint or "", LARGEST)
    return request.content_length is None or request.content_length > largest


def fields(*but: str) -> dict[str, list[str]]:
    """Every field with its values, without characters that no text of the store may hold."""
    found: dict[str, list[str]] = {}
    for name, value in list(request.form.items(multi=True))[:_MOST_FIELDS]:
        if name and name not in but:
            found.setdefault(_plain(name), []).append(_plain(value))
    return found


def _plain(value: str) -> str:
    kept = "".join(each for each in value if each >= " " or each in "\r\n\t")
    return kept.encode("utf-8", "replace").decode()
