"""What a small infrastructure object in a request body says, by element name."""

from __future__ import annotations

from collections.abc import Mapping

from lxml.etree import _Element

from reference_hub.codec.numbers import UNSIGNED_INT, whole
from reference_hub.codec.xml import children, local_name, namespace_of
from reference_hub.model.infrastructure import version_of
from reference_hub.problems import Refusal


def asked(root: _Element, name: str, doing: str) -> Mapping[str, str]:
    """The texts of the children, blanks collapsed; of two of one name the first wins.

    Raises Refusal 400 for another element, another namespace, or a child that is not flat.
    """
    inner, namespace = children(root), namespace_of(root)
    if local_name(root) != name or (namespace and not version_of(namespace)):
        raise Refusal(400, doing, f"The body must be one {name} of SIF infrastructure.", "400-01")
    if any(children(child) for child in inner):
        raise Refusal(400, doing, f"The elements of a {name} hold text only.", "400-01")
    return {local_name(each): _collapsed(each) for each in reversed(inner)}


def whole_number(given: str, name: str, doing: str) -> int | None:
    """An unsigned int, None where nothing is said. Raises Refusal 400 for anything else."""
    if not given:
        return None
    number = whole(given)
    if number is None:
        text = f"{name} must be a whole number from 0 to {UNSIGNED_INT}."
        raise Refusal(400, doing, text, "400-01")
    return number


def _collapsed(element: _Element) -> str:
    return " ".join((element.text or "").split())
