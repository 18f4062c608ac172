"""Paths of collection rules: read as they are written, and followed below an element.

Demographics/RaceList/Race/OtherCodeList/OtherCode[@Codeset='StateProvince']
@SchoolInfoRefId
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from lxml.etree import _Element

from reference_hub.codec.shape import shape_of
from reference_hub.model.collection import Path, Step

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_STEP = re.compile(r"([A-Za-z_][\w.-]*)(?:\[(@?[A-Za-z_]\w*)='([^'\[\]/]*)'\])?", re.ASCII)
_ATTRIBUTE = re.compile(r"@([A-Za-z_]\w*)", re.ASCII)


def read_path(text: str) -> Path | None:
    """The path, None where the text is none."""
    *inner, last = text.split("/")
    attribute = _ATTRIBUTE.fullmatch(last)
    names = inner if attribute else [*inner, last]
    found = [_STEP.fullmatch(name) for name in names]
    steps = tuple(Step(each[1], each[2] or "", each[3] or "") for each in found if each)
    if len(steps) < len(names):
        return None
    return Path(text, steps, attribute[1] if attribute else "")


def elements(element: _Element, path: Path | None) -> list[_Element]:
    """The elements at a path; the element itself where there is no path."""
    if path is None or not path.steps:
        return [element]
    return list(element.iterfind(_pattern(path)))


def values(element: _Element, path: Path) -> list[str]:
    """The values at a path that say something: neither empty nor nil, without space around."""
    found = elements(element, path)
    if path.attribute:
        texts = [each.get(path.attribute, "") for each in found]
    else:
        texts = [each.text or "" for each in found if each.get(_NIL) not in ("true", "1")]
    return [text.strip() for text in texts if text.strip()]


def strange(namespace: str, object_type: str, path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The first step that the kit's schema does not have at its place, with the names it has."""
    shape = shape_of(namespace, object_type)
    for step in path.steps:
        if not shape.parts:
            return
        if step.name not in shape.parts:
            yield step.name, tuple(shape.parts)
            return
        shape = shape.below(step.name)


@cache
def _pattern(path: Path) -> str:
    return "/".join(map(_step, path.steps))


def _step(step: Step) -> str:
    if not step.beside:
        return f"{{*}}{step.name}"
    beside = step.beside if step.beside.startswith("@") else f"{{*}}{step.beside}"
    return f"{{*}}{step.name}[{beside}='{step.kind}']"
