"""One exchange for display: a numbered step, its messages, and a command line that repeats it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import cast
from urllib.parse import urljoin

from lxml import etree

from conformance.runfile import Exchange, Message
from reports.difference import Marked

SHOWN_CHARACTERS = 20_000
_PRETTY_CHARACTERS = 200_000
_INLINE_CHARACTERS = 2_000
_RECEIVED = ("in", "incoming", "inbound", "received")
# curl makes these itself; repeating them breaks the request.
_LEFT_OUT = {"accept-encoding", "connection", "content-length", "host", "transfer-encoding"}
_STEP = re.compile(r"([\w.-]+)(?:\[(\d+)\])?")
_SECRET_HEADER = re.compile(r"authorization|cookie|secret|password|api-?key|session-?token", re.I)
_SECRET_QUERY = re.compile(r"(?i)\b([\w.-]*(?:token|secret|password|key))=([^&\s]*)")


@dataclass(frozen=True, slots=True)
class MessageView:
    """One side of an exchange; `note` says what was done to the body and its size on the wire.

    The middle of `body` is the line that a finding points at, empty if there is none.
    """

    start: str
    headers: list[tuple[str, str]]
    body: Marked
    note: str


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One numbered step. `marked` is set when a finding points here; times in milliseconds.

    `ready` says that `curl` needs nothing filled in: a script of the run prepares it.
    """

    number: int
    who: str
    asked: str
    answered: str
    milliseconds: str
    request: MessageView
    response: MessageView | None
    fault: str
    marked: bool
    curl: str
    ready: bool


def view_exchange(
    exchange: Exchange,
    endpoint: str,
    marked: bool,
    repeat: str = "",
    *,
    limit: int = SHOWN_CHARACTERS,
    again: bool = True,
    path: str = "",
) -> ExchangeView:
    """Prepare an exchange; `endpoint` (absolute URL) completes a request line without a host.

    `repeat` is the shell text of the run for the failing exchange of this check. Bodies are cut
    after `limit` characters; without `again` there is no curl line. `path` is where in the
    vendor's message the finding points.
    """
    ready = repeat.startswith(f"#!/bin/sh\n# Exchange {exchange.number} of ")
    incoming = exchange.direction.lower() in _RECEIVED
    answer = exchange.response
    again_line = "" if incoming or not again else curl(exchange.request, endpoint)
    return ExchangeView(
        number=exchange.number,
        who="product to suite" if incoming else "suite to product",
        asked=exchange.request.start,
        answered=answer.start
        if answer
        else f"no answer: {exchange.fault or 'reason not recorded'}",
        milliseconds=f"{exchange.milliseconds:,.0f} ms",
        request=_message(exchange.request, limit, path if incoming else ""),
        response=_message(answer, limit, "" if incoming else path) if answer else None,
        fault=exchange.fault,
        marked=marked,
        curl=repeat if ready else again_line,
        ready=ready,
    )


def curl(request: Message, endpoint: str) -> str:
    """A shell command that sends the request again; credentials stand as `<placeholders>`."""
    verb, _, rest = request.start.partition(" ")
    target = _SECRET_QUERY.sub(r"\1=<\1>", urljoin(endpoint, rest.split(" ")[0]))
    parts = ["curl -sS -I" if verb == "HEAD" else f"curl -sS -i -X {shlex.quote(verb)}"]
    parts += [f"-H {shlex.quote(_header(*pair))}" for pair in request.headers if _is_sent(pair[0])]
    if request.body:
        inline = len(request.body) <= _INLINE_CHARACTERS
        parts += [f"--data-raw {shlex.quote(request.body)}" if inline else "--data-binary @body"]
    return " \\\n  ".join([*parts, shlex.quote(target)]).replace("[secret]", "<secret>")


def pretty(body: str) -> str | None:
    """Indent a body if it is XML without a document type; None if it is to be shown as it came."""
    if len(body) > _PRETTY_CHARACTERS or not body.lstrip().startswith("<") or "<!DOCTYPE" in body:
        return None
    declaration, content = _cut_declaration(body)
    parser = etree.XMLParser(
        remove_blank_text=True, resolve_entities=False, no_network=True, strip_cdata=False
    )
    try:
        root = etree.fromstring(content.encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        return None
    return declaration + etree.tostring(root.getroottree(), encoding="unicode", pretty_print=True)


def _cut_declaration(body: str) -> tuple[str, str]:
    match = re.match(r"\s*(<\?xml\s[^>]*\?>)\s*", body)
    return (f"{match[1]}\n", body[match.end() :]) if match else ("", body)


def line_of(text: str, path: str) -> int | None:
    """The line (from 1) of an indented XML text on which the element of `path` begins.

    Where it is missing, that of the nearest element above it; None if the path is not of this text.
    """
    declaration, content = _cut_declaration(text)
    steps = [_STEP.fullmatch(step) for step in path.strip("/").split("/") if step[:1] != "@"]
    try:
        at = etree.fromstring(content.encode())
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        return None
    if path != "/" and not (steps[0] and steps[0][1] == etree.QName(at).localname):
        return None
    for step in steps[1:]:
        below = list(at.iterchildren("{*}" + step[1])) if step else []
        number = int(step[2] or 1) if step else 1
        if len(below) < number:
            break
        at = below[number - 1]
    return cast("int", at.sourceline) + declaration.count("\n")


def _message(message: Message, limit: int, path: str) -> MessageView:
    text = pretty(message.body) if limit else None
    notes = [f"{message.body_bytes:,} bytes on the wire"] if message.body_bytes else ["no body"]
    notes += ["indented for reading"] if text is not None else []
    line = line_of(text, path) if text is not None and path else None
    text = message.body.replace("\r\n", "\n") if text is None else text.rstrip()
    if len(text) > limit:
        cut = f"first {limit:,} of {len(text):,} characters" if limit else "not shown for its size"
        notes.append(f"{cut}, all in run.jsonl")
    return MessageView(
        message.start, message.headers, _marked_line(text[:limit], line), ", ".join(notes)
    )


def _marked_line(text: str, line: int | None) -> Marked:
    lines = text.splitlines(keepends=True)
    if line is None or line > len(lines):
        return Marked(text, "", "")
    chosen = lines[line - 1]
    indent = chosen[: len(chosen) - len(chosen.lstrip())]
    before, after = "".join(lines[: line - 1]) + indent, "".join(lines[line:])
    return Marked(before, chosen.strip(), f"\n{after}")


def _is_sent(name: str) -> bool:
    return name.lower() not in _LEFT_OUT


def _header(name: str, value: str) -> str:
    if not _SECRET_HEADER.search(name):
        return f"{name}: {value}"
    scheme = value.split(" ")[0] + " " if name.lower() == "authorization" and " " in value else ""
    return f"{name}: {scheme}<{name.lower()}>"
