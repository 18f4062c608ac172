"""One exchange for display: a numbered step, its messages, and a command line that repeats it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from conformance.runfile import Exchange, Message

SHOWN_CHARACTERS = 20_000
_PRETTY_CHARACTERS = 200_000
_INLINE_CHARACTERS = 2_000
_RECEIVED = ("in", "incoming", "inbound", "received")
# curl makes these itself; repeating them breaks the request.
_LEFT_OUT = {"accept-encoding", "connection", "content-length", "host", "transfer-encoding"}
_SECRET_HEADER = re.compile(r"authorization|cookie|secret|password|api-?key|session-?token", re.I)
_SECRET_QUERY = re.compile(r"(?i)\b([\w.-]*(?:token|secret|password|key))=([^&\s]*)")


@dataclass(frozen=True, slots=True)
class MessageView:
    """One side of an exchange; `note` says what was done to the body and its size on the wire."""

    start: str
    headers: list[tuple[str, str]]
    body: str
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
    exchange: Exchange, endpoint: str, marked: bool, repeat: str = ""
) -> ExchangeView:
    """Prepare an exchange; `endpoint` (absolute URL) completes a request line without a host.

    `repeat` is the shell text of the run for the failing exchange of this check.
    """
    ready = repeat.startswith(f"#!/bin/sh\n# Exchange {exchange.number} of ")
    incoming = exchange.direction.lower() in _RECEIVED
    answer = exchange.response
    return ExchangeView(
        number=exchange.number,
        who="product to suite" if incoming else "suite to product",
        asked=exchange.request.start,
        answered=answer.start
        if answer
        else f"no answer: {exchange.fault or 'reason not recorded'}",
        milliseconds=f"{exchange.milliseconds:,.0f} ms",
        request=_message(exchange.request),
        response=_message(answer) if answer else None,
        fault=exchange.fault,
        marked=marked,
        curl=repeat if ready else "" if incoming else curl(exchange.request, endpoint),
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


def _message(message: Message) -> MessageView:
    text = pretty(message.body)
    notes = [f"{message.body_bytes:,} bytes on the wire"] if message.body_bytes else ["no body"]
    notes += ["indented for reading"] if text is not None else []
    text = message.body.replace("\r\n", "\n") if text is None else text.rstrip()
    if len(text) > SHOWN_CHARACTERS:
        notes.append(f"first {SHOWN_CHARACTERS:,} of {len(text):,} characters, all in run.jsonl")
    shown = text[:SHOWN_CHARACTERS]
    return MessageView(message.start, message.headers, shown, ", ".join(notes))


def _is_sent(name: str) -> bool:
    return name.lower() not in _LEFT_OUT


def _header(name: str, value: str) -> str:
    if not _SECRET_HEADER.search(name):
        return f"{name}: {value}"
    scheme = value.split(" ")[0] + " " if name.lower() == "authorization" and " " in value else ""
    return f"{name}: {scheme}<{name.lower()}>"
