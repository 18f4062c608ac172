"""The `xquery` element: what a consumer registers, and the entry the registry makes of it.

The hub has no interpreter, so nothing of a script is looked at but the names of its placeholders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml.etree import _Element

from reference_hub.codec import tree
from reference_hub.codec.xml import children, local_name
from reference_hub.problems import Refusal

SCOPE = "Create xquery"
# The widest kind, as no script is analysed; only an administrator's approval would change PENDING.
TYPE, STATUS = "EXTENDED", "PENDING"
LONGEST_TEXT = 1024
_PLACEHOLDER = re.compile(r"\{:\s*([^:{}\s]+)\s*:\}")
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_WORDS = ("name", "type", "default", "description")
_LIMITS = ("minLength", "maxLength")
_BOOLEANS = ("true", "false", "1", "0")


def registered(asked: _Element) -> _Element:
    """The entry for what a consumer sent. Raises Refusal 400 when it cannot be one."""
    if local_name(asked) != "xquery":
        raise Refusal(400, SCOPE, "The body must be one xquery.", "400-01")
    sent = _by_name(asked)
    given = " ".join(asked.get("id", "").split())
    if not given or "/" in given or ";" in given or given == "xquery":
        text = "The xquery needs an id that can stand in a path: without / and ;, not 'xquery'."
        raise Refusal(400, SCOPE, text, "400-01")
    entry = tree.root("xquery", id=given)
    tree.leaves(entry, (("type", TYPE), ("status", STATUS)))
    for name in ("qualifier", "description"):
        tree.leaves(entry, ((name, _short(sent, name)),))
    tree.leaf(entry, "script", _script(sent))
    _write_parameters(entry, sent.get("parameters"))
    _refuse_incomplete(entry)
    _write_return_type(entry, sent.get("returnType"))
    return entry


def parameters_of(entry: _Element) -> dict[str, bool]:
    """The listed parameters by name, and whether each must be given (it must by default)."""
    return {
        each.findtext("{*}name", ""): each.findtext("{*}required", "true") in ("true", "1")
        for each in entry.iterfind("{*}parameters/{*}parameter")
    }


def _write_parameters(entry: _Element, sent: _Element | None) -> None:
    listed = tree.branch(entry, "parameters")
    for each in children(sent) if sent is not None else []:
        parts = _by_name(each)
        if not _token(parts, "name"):
            raise Refusal(400, SCOPE, "A parameter has no name.", "400-01")
        parameter = tree.branch(listed, "parameter")
        tree.leaves(parameter, ((name, _short(parts, name)) for name in _WORDS))
        _write_required(parameter, parts)
        _write_values(parameter, parts)
        for name in _LIMITS:
            tree.leaves(parameter, ((name, _number(parts, name)),))


def _write_required(parameter: _Element, parts: Mapping[str, _Element]) -> None:
    required = _token(parts, "required")
    if required and required not in _BOOLEANS:
        raise Refusal(400, SCOPE, "required is true or false.", "400-01")
    tree.leaves(parameter, (("required", required),))


def _write_values(parameter: _Element, parts: Mapping[str, _Element]) -> None:
    values = children(parts["enumerations"]) if "enumerations" in parts else []
    if values:
        listed = tree.branch(parameter, "enumerations")
        for each in values:
            choice, named = tree.branch(listed, "enumeration"), _by_name(each)
            tree.leaf(choice, "value", _token(named, "value"))
            tree.leaves(choice, (("code", _token(named, "code")),))
    if "range" in parts:
        ends = [_number(_by_name(parts["range"]), name) for name in ("start", "end")]
        if not all(ends):
            raise Refusal(400, SCOPE, "A range has a start and an end.", "400-01")
        tree.leaves(tree.branch(parameter, "range"), zip(("start", "end"), ends, strict=True))


def _write_return_type(entry: _Element, sent: _Element | None) -> None:
    uri = " ".join(tree.text_of(sent).split()) if sent is not None else ""
    if uri:
        tree.leaf(entry, "returnType", uri)
    else:
        tree.branch(entry, "returnType").set(_NIL, "true")


def _refuse_incomplete(entry: _Element) -> None:
    listed = set(parameters_of(entry))
    used = set(_placeholders(entry.findtext("{*}script", "")))
    if listed and used - listed:
        text = "The script has a placeholder that its parameters do not list; list all or none."
        raise Refusal(400, SCOPE, text)


def _placeholders(script: str) -> Iterator[str]:
    return (found.group(1) for found in _PLACEHOLDER.finditer(script))


def _script(sent: Mapping[str, _Element]) -> str:
    if "script" not in sent or children(sent["script"]):
        text = "The xquery needs a script, given as escaped text or CDATA."
        raise Refusal(400, SCOPE, text, "400-01")
    return tree.text_of(sent["script"])


def _short(sent: Mapping[str, _Element], name: str) -> str:
    text = _token(sent, name)
    if len(text) > LONGEST_TEXT:
        raise Refusal(400, SCOPE, f"{name} is longer than {LONGEST_TEXT} characters.", "400-01")
    return text


def _number(sent: Mapping[str, _Element], name: str) -> str:
    text = _token(sent, name)
    digits = r"[0-9]{1,9}" if name in _LIMITS else r"-?[0-9]{1,18}"
    if text and not re.fullmatch(digits, text):
        raise Refusal(400, SCOPE, f"{name} must be a whole number.", "400-01")
    return text


def _token(sent: Mapping[str, _Element], name: str) -> str:
    return " ".join(tree.text_of(sent[name]).split()) if name in sent else ""


def _by_name(element: _Element) -> dict[str, _Element]:
    return {local_name(child): child for child in reversed(children(element))}
