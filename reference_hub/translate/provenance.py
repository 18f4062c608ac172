"""The last look before data leaves: was every column written from paths that are granted?

The filter has pruned the object before; this check shares no code with it on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def ungranted(sources: Iterable[tuple[str, str]], granted: Sequence[str]) -> list[str]:
    """Columns that were written from a path no grant covers, sorted; empty when all is well."""
    roots = tuple(f"{path.strip().strip('/')}/" for path in granted)
    return sorted({target for target, path in sources if not f"{path}/".startswith(roots)})
