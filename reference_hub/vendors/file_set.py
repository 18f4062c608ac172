"""A set of files as it goes to a vendor: as one zip, or file by file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from reference_hub.model.party import Subscriber

FILES, ZIP, EACH = "files", "zip", "each"
"""The setting of a profile or a connection, and its values."""
_LAST = "manifest.csv"


def is_each(delivery: Mapping[str, Any]) -> bool:
    """Whether a vendor wants the files of a set one by one."""
    # `unpack` was the word for it before.
    return delivery.get(FILES) == EACH or bool(delivery.get("unpack"))


def file_name(to: Subscriber) -> str:
    """One name per connection and zone, so that a new zip replaces the one before."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", f"{to.name}-{to.scope.zone_id}") + ".zip"


def parts_of(to: Subscriber, bundle: bytes) -> dict[str, bytes]:
    """The zip under its name, or its files in the order in which they are to appear: what others
    point to first, what tells that the set is whole last."""
    if not is_each(to.delivery):
        return {file_name(to): bundle}
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        names = sorted(archive.namelist(), key=lambda name: name == _LAST)
        return {name: archive.read(name) for name in names}


def left_over(to: Subscriber, names: Iterable[str]) -> list[str]:
    """What an earlier set put there and this one does not have, such as the file of a school that
    closed."""
    return sorted(set(_known(to)) - set(names))


def session_of(to: Subscriber, names: Iterable[str], *, whole: bool) -> dict[str, object] | None:
    """What the next delivery must know of the files that lie there; None for nothing new.

    `whole`: these and no others; else they may lie beside those of before.
    """
    known = _known(to)
    there = sorted(set(names) if whole else {*known, *names}) if is_each(to.delivery) else []
    return None if there == known else {**(to.session or {}), FILES: there}


def _known(to: Subscriber) -> list[str]:
    return list((to.session or {}).get(FILES, []))
