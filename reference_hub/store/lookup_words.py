"""The index by which objects are found by a number of a person or by a RefId that they name.

A version never changes, so its words are only added; which version is the current one, and whether
the object is gone, is asked of `sif_object` when something is looked up.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from reference_hub.codec.lookup_words import words_of
from reference_hub.model.change import Change

_ADD = text(
    """
    INSERT INTO version_word (word, version_id)
    SELECT word, version_id
    FROM unnest(CAST(:words AS bigint[]), CAST(:versions AS bigint[])) AS added(word, version_id)
    """
)


def add(connection: Connection, versions: Sequence[int], changes: Sequence[Change]) -> None:
    """Keep the words of these changes, each of which is the version beside it."""
    words: list[int] = []
    numbers: list[int] = []
    for version, change in zip(versions, changes, strict=True):
        if change.body is None:
            continue
        found = words_of(change.object_type, change.refid, change.body, change.numbers)
        words += found
        numbers += [version] * len(found)
    if words:
        connection.execute(_ADD, {"words": words, "versions": numbers})
