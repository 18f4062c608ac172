"""Kinds of data in plain words: the lines of Exhibit B that paths of a grant fall under.

Exhibit B is the form of the National Data Privacy Agreement; which paths a line stands for is our
decision (`fixtures.pods`, profile).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from fixtures.pods import exhibit_b

Say = Callable[..., str]


def of_paths(say: Say, paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """The titles of the lines that the paths fall under, in the order of the form, and the object
    types of what no line has: mostly ids and pointers."""
    ids, left = _opened(tuple(paths))
    titles = [say(f"exhibit.{each.replace('.', '_')}") for each in ids]
    return titles, list(dict.fromkeys(path.partition("/")[0] for path in left))


@lru_cache(maxsize=1024)
def _opened(paths: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    opened, left = [], dict.fromkeys(paths)
    for row in exhibit_b():
        known = (*row.xpress_paths, *row.unity_paths)
        met = [path for path in paths if any(_meet(path, each) for each in known)]
        if met:
            opened.append(row.id)
        for path in met:
            left.pop(path, None)
    return tuple(opened), tuple(left)


def _meet(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}/") or other.startswith(f"{path}/")
