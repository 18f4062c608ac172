"""Ids in the target: built from RefIds alone, the same each time, never from names."""

from __future__ import annotations

import re
import uuid

from reference_hub.codec.xml import fold

_ALPHABET = re.compile(r"[0-9a-z._/@]{1,255}")
_HUB = uuid.UUID("6f0d3c0a-2a57-5d4e-9a55-6b1f8f0a1d10")


def sourced_id(refid: str) -> str:
    """A OneRoster GUID for a RefId: lower case with hyphens, equal for all spellings of one RefId.

    A RefId that is no UUID stays as its folded self when OneRoster allows its letters.
    """
    folded = fold(refid.strip())
    if re.fullmatch(r"[0-9a-f]{32}", folded):
        return str(uuid.UUID(folded))
    return folded if _ALPHABET.fullmatch(folded) else minted("refid", folded)


def as_uuid(text: str) -> str:
    """A UUID in lower case with hyphens, whatever its spelling; '' for anything else."""
    folded = fold(text.strip())
    return str(uuid.UUID(folded)) if re.fullmatch(r"[0-9a-f]{32}", folded) else ""


def minted(*parts: str) -> str:
    """An id for something that has none in SIF: a version 5 UUID over the ids of its parents."""
    return str(uuid.uuid5(_HUB, "\n".join(parts)))
