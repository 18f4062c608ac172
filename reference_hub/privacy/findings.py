"""What a lint of a POD finds: our profile on top of the schema, never the standard's rule."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING, NOTE = "error", "warning", "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`severity`: error (such a POD must not become Live), warning or note. `path` is like
    `privacy[1]/privacyObligationsDocument/contract`. `advice` says what to do; no personal data."""

    severity: str
    path: str
    advice: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.path}: {self.advice}"
