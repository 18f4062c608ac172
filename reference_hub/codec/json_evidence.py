"""Which JSON notation the members of a value show, where nobody says it."""

from __future__ import annotations

from reference_hub.codec.json_text import Json
from reference_hub.codec.json_tree import root_of
from reference_hub.codec.negotiate import GOESSNER, PESC
from reference_hub.codec.pesc_shape import Form, Shapes


def evidence(value: Json, shapes: Shapes) -> str:
    """goessner for a mark (@, #text), pesc for an attribute or text without one, '' for neither."""
    name, content = root_of(value)
    waiting = [(content, shapes.root(name))]
    while waiting:
        content, form = waiting.pop()
        if isinstance(content, list):
            waiting += [(each, form) for each in content]
        elif isinstance(content, dict):
            shown = next((each for name in content if (each := _of_member(name, form))), "")
            if shown:
                return shown
            waiting += [(inner, shapes.below(form, name)) for name, inner in content.items()]
    return ""


def _of_member(name: str, form: Form) -> str:
    if name.startswith("@") or name == "#text":
        return GOESSNER
    if name in form.parts:
        return ""
    return PESC if name in form.attributes or (name == "value" and form.text) else ""
