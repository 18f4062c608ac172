"""The fields of a POD told in the words of Exhibit B of the National Data Privacy Agreement.

One tick of that form opens several paths, and which ones is a decision of this kit; whoever reads
a report has to see it (REG-003).
"""

from __future__ import annotations

from collections.abc import Iterable

from conformance.runfile import Granted
from fixtures import pods


def lines(fields: Iterable[str]) -> list[Granted]:
    """The lines of the form that these paths open wholly or in part, in the order of the form.

    A path opens its subtree, so `paths` holds what lies below a granted path, and granted paths
    that lie below one of the line.
    """
    granted = sorted(set(fields))
    found = []
    for row in pods.exhibit_b():
        own = (*row.xpress_paths, *row.unity_paths)
        opened = {path for path in own for one in granted if _below(path, one)}
        opened |= {one for path in own for one in granted if _below(one, path)}
        if opened:
            found.append(Granted(line=row.id, title=row.category, rating=row.rating,
                                 paths=sorted(opened)))  # fmt: skip
    return found


def _below(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}/")
