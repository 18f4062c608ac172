"""Changes of one request, gathered into events: one object type and one action each (INF-EVT-007).

Changes of different objects may change places in this, two changes of one object never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reference_hub.store.objects import Versioned

Run = Sequence[Versioned]


def runs(added: Iterable[Versioned], longest: int) -> list[Run]:
    """As few runs as possible of at most `longest` versions, in the order to be sent."""
    found: list[Run] = []
    window: dict[tuple[str, str], list[Versioned]] = {}
    seen: set[tuple[str, str]] = set()
    for version in added:
        if (version.object_type, version.refid) in seen:
            found += _cut(window.values(), longest)
            window, seen = {}, set()
        seen.add((version.object_type, version.refid))
        window.setdefault((version.object_type, version.action), []).append(version)
    return [*found, *_cut(window.values(), longest)]


def _cut(groups: Iterable[Run], longest: int) -> Iterator[Run]:
    for group in groups:
        yield from (group[start : start + longest] for start in range(0, len(group), longest))
