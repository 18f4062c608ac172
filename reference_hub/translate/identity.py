"""Ids in the target: built from RefIds alone, the same each time, never from names."""

from __future__ import annotations

import re
import uuid
from hashlib import sha1

from reference_hub.codec.xml import fold

_ALPHABET = re.compile(r"[0-9a-z._/@]{1,255}")
_SPACE = uuid.UUID("6f0d3c0a-2a57-5d4e-9a55-6b1f8f0a1d10").bytes


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
    # As uuid.uuid5 does (RFC 9562, 5.5); its object would cost as much as the digest.
    text = sha1(_SPACE + "\n".join(parts).encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"
