"""UUIDs in texts, as the schema of the infrastructure wants them."""

from __future__ import annotations

import re
import uuid
from hashlib import sha256

# Versions 1 and 4 only.
_SCHEMA = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[14][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)


def canonical(text: str) -> str:
    """The common spelling, in lower case with hyphens; '' for what is no UUID."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


def fits_schema(text: str) -> bool:
    """Whether a message or job may have this id."""
    return bool(_SCHEMA.fullmatch(text))


def derived(text: str) -> str:
    """The same id for the same text, everywhere and always, in the form of version 4."""
    return str(uuid.UUID(bytes=sha256(text.encode()).digest()[:16], version=4))
