"""What a check may claim about an answer; every function raises Finding when it does not hold.

`present` is the only claim that is satisfied by mere existence; coverage counts it apart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from lxml import etree

from conformance import trees
from conformance.problems import Finding
from conformance.reply import Reply

_UUID = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[14][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
)


def status(reply: Reply, *codes: int) -> None:
    """The answer has one of these status codes."""
    if reply.status not in codes:
        wanted = _either(codes)
        _fail(
            reply,
            f"{reply.request} answered {reply.status}, expected {wanted}",
            wanted,
            f"{reply.status}{_said(reply)}",
        )


def header(reply: Reply, name: str, value: str | Collection[str], *, fold: bool = False) -> None:
    """The header stands exactly once, with this value (or one of them); `fold` ignores case."""
    wanted = [value] if isinstance(value, str) else list(value)
    seen = reply.headers.all(name)
    same = [one.casefold() for one in wanted] if fold else wanted
    if len(seen) != 1 or (seen[0].casefold() if fold else seen[0]) not in same:
        actual = ", ".join(seen) if seen else "no such header"
        summary = f"{reply.request}: header {name} is not as expected"
        _fail(reply, summary, _either(wanted), actual, f"header {name}")


def matches(reply: Reply, name: str, pattern: str, what: str) -> None:
    """The header stands exactly once and matches the whole regular expression."""
    seen = reply.headers.all(name)
    if len(seen) != 1 or not re.fullmatch(pattern, seen[0]):
        actual = ", ".join(seen) if seen else "no such header"
        _fail(
            reply, f"{reply.request}: header {name} is not {what}", what, actual, f"header {name}"
        )


def content_type(reply: Reply, *types: str) -> None:
    """The media type, parameters aside, is one of these."""
    seen = reply.headers.get("Content-Type")
    if seen.partition(";")[0].strip().lower() not in types:
        _fail(
            reply,
            f"{reply.request}: wrong Content-Type",
            _either(types),
            seen or "none",
            "header Content-Type",
        )


def present(reply: Reply, name: str) -> None:
    """The header exists and is not empty, whatever it says: the weakest claim there is."""
    if not reply.headers.get(name):
        summary = f"{reply.request}: header {name} is missing"
        _fail(reply, summary, f"a header {name}", "no such header", f"header {name}")


def absent(reply: Reply, name: str) -> None:
    """No header of this name."""
    if name in reply.headers:
        _fail(
            reply,
            f"{reply.request}: header {name} must not be there",
            "no such header",
            ", ".join(reply.headers.all(name)),
            f"header {name}",
        )


def no_body(reply: Reply) -> None:
    """The answer carries no body bytes."""
    if reply.raw or reply.body:
        size = f"{len(reply.raw or reply.body)} bytes"
        _fail(reply, f"{reply.request}: {reply.status} came with a body", "no body", size)


def xml(reply: Reply, root: str) -> etree._Element:
    """The body is XML with this root: a local name, or `{namespace}name`. Returns the root."""
    element = reply.object
    seen = str(element.tag) if root.startswith("{") else trees.local(element)
    if seen != root:
        _fail(
            reply,
            f"{reply.request}: the body is not a {trees.local(root)}",
            root,
            str(element.tag),
            "/",
        )
    return element


def infrastructure(reply: Reply, root: str) -> etree._Element:
    """The body is this infrastructure object, in a SIF 3 infrastructure namespace."""
    element = xml(reply, root)
    seen = trees.namespace(element)
    if not trees.is_infrastructure(seen):
        _fail(
            reply,
            f"{reply.request}: {root} stands in the wrong namespace",
            trees.INF,
            seen or "no namespace",
            "/",
        )
    return element


def error(reply: Reply, code: int | None = None) -> etree._Element:
    """A complete SIF error: status, `error` in the INF namespace, equal code, scope, message."""
    if code is not None:
        status(reply, code)
    element = infrastructure(reply, "error")
    seen = trees.text(element, "code")
    if seen != str(reply.status):
        _fail(
            reply,
            f"{reply.request}: error/code differs from the HTTP status",
            str(reply.status),
            seen or "no code",
            "error/code",
        )
    for name in ("scope", "message"):
        if not trees.text(element, name):
            _fail(
                reply,
                f"{reply.request}: error/{name} is missing",
                f"error/{name}",
                "nothing",
                f"error/{name}",
            )
    return element


def refused(reply: Reply, *codes: int, marker_error: str | None = None) -> None:
    """A refusal (any 4xx when no code is given) with a complete error and no object data.

    `marker_error` is the privacy sub code that must stand in the error, e.g. `403-01`.
    """
    if codes:
        status(reply, *codes)
    elif not 400 <= reply.status < 500:
        _fail(reply, f"{reply.request} was not refused", "a 4xx status", f"{reply.status}")
    element = error(reply)
    if marker_error and marker_error not in _sub_codes(element):
        _fail(
            reply,
            f"{reply.request}: the error does not name {marker_error}",
            f"{marker_error} at the start of error/description",
            ", ".join(_sub_codes(element)) or "no sub code",
            "error/description",
        )


def _sub_codes(element: etree._Element) -> list[str]:
    named = [(one.text or "").strip() for one in trees.every(element, "subCode")]
    start = re.match(r"\d{3}-[0-9A-Z-]+", trees.text(element, "description"))
    return named + ([start.group()] if start else [])


def equal(actual: object, expected: object, what: str, reply: Reply | None = None) -> None:
    """The two are equal; `what` says in a few words what they are."""
    if actual != expected:
        _fail(reply, f"{what} is not as expected", str(expected), str(actual), what)


def one_of(
    actual: object, allowed: Iterable[object], what: str, reply: Reply | None = None
) -> None:
    """The value is one of these."""
    choices = list(allowed)
    if actual not in choices:
        _fail(
            reply, f"{what} is not one of the allowed values", _either(choices), str(actual), what
        )


def true(claim: bool, what: str, reply: Reply | None = None, actual: str = "") -> None:
    """The claim holds; `what` is the sentence that should have been true."""
    if not claim:
        _fail(reply, f"not so: {what}", what, actual or "it is not so")


def same_id(actual: str, expected: str, what: str, reply: Reply | None = None) -> None:
    """Two ids are the same when case and hyphens are left aside."""
    if trees.folded(actual) != trees.folded(expected):
        _fail(reply, f"{what} is another id", expected, actual or "no id", what)


def uuid(value: str, what: str, reply: Reply | None = None) -> None:
    """The value is a version 1 or 4 UUID in its text form."""
    if not _UUID.match(value):
        _fail(
            reply,
            f"{what} is not a UUID of version 1 or 4",
            "a version 1 or 4 UUID",
            value or "nothing",
            what,
        )


def same_facts(
    sent: etree._Element, received: etree._Element, reply: Reply | None = None, *, ids: bool = False
) -> None:
    """Every leaf that was sent is there with the same value, none doubled, moved or altered.

    The object's own id may have been assigned anew unless `ids`; leaves at places that were not
    sent are the provider's own. Ids compare without regard to case and hyphens.
    """
    own = f"{trees.local(sent)}/@"
    got = dict(trees.leaves(received))
    for path, value in trees.leaves(sent):
        is_id = path.casefold().endswith("refid")
        if path.startswith(own) and is_id and not ids:
            continue
        seen = got.get(path)
        same = seen == value or (is_id and seen is not None and _same_id(seen, value))
        if not same:
            _fail(
                reply,
                f"{path} came back {'changed' if seen is not None else 'missing'}",
                value,
                "nothing" if seen is None else seen,
                path,
                True,
            )
    _refuse_doubled(sent, received, reply)


def lacks(received: etree._Element, paths: Iterable[str], reply: Reply | None = None) -> None:
    """Nothing stands at or below these places, written `xStudent/name/givenName`."""
    places = tuple(paths)
    for path, value in trees.leaves(received):
        plain = re.sub(r"\[\d+\]", "", path)
        for place in places:
            if plain == place or plain.startswith((f"{place}/", f"{place}@")):
                _fail(
                    reply, f"{place} must not be there", "nothing at this place", value, path, True
                )


def _same_id(one: str, other: str) -> bool:
    return trees.folded(one) == trees.folded(other)


def _refuse_doubled(sent: etree._Element, received: etree._Element, reply: Reply | None) -> None:
    before = {path for path, _ in trees.leaves(sent)}
    plain = {re.sub(r"\[\d+\]", "", path) for path in before}
    for path, value in trees.leaves(received):
        if path not in before and "[" in path and re.sub(r"\[\d+\]", "", path) in plain:
            _fail(reply, f"{path} came back although it was not sent", "nothing", value, path, True)


def _either(values: Iterable[object]) -> str:
    return " or ".join(str(value) for value in values)


def _said(reply: Reply) -> str:
    try:
        element = trees.parse(reply.body)
    except trees.Unreadable:
        return ""
    words = trees.text(element, "message") if trees.local(element) == "error" else ""
    return f": {words[:200]}" if words else ""


def _fail(
    reply: Reply | None,
    summary: str,
    expected: str,
    actual: str,
    path: str = "",
    personal: bool = False,
) -> None:
    exchange = reply.exchange if reply is not None else None
    raise Finding(summary, expected[:500], actual[:500], exchange, path, personal)
