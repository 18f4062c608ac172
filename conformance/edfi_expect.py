"""What may be claimed of the answer of an Ed-Fi host; the functions raise Finding.

Values are named by their place (`$.races[0].raceDescriptor`), and masked where they are personal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from conformance import expect
from conformance.edfi import as_json
from conformance.problems import Finding, NotVerified
from conformance.reply import Reply

# What a host adds to a document: its id, the state, links to what a reference means.
ADDED = frozenset({"id", "_etag", "_lastModifiedDate", "_ext", "link", "changeVersion"})
URN = "urn:ed-fi:api:"


def document(reply: Reply) -> Mapping[str, Any]:
    """The body is one JSON object, of a 200."""
    expect.status(reply, 200)
    found = as_json(reply)
    if not isinstance(found, Mapping):
        raise Finding(
            f"{reply.request} did not answer a document", "a JSON object", "else", reply.exchange
        )
    return found


def listed(reply: Reply) -> list[Mapping[str, Any]]:
    """The body is a JSON list of objects, of a 200."""
    expect.status(reply, 200)
    found = as_json(reply)
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise Finding(
            f"{reply.request} did not answer a list", "a JSON list", "else", reply.exchange
        )
    return found


def same(sent: Mapping[str, Any], shown: Mapping[str, Any], reply: Reply) -> None:
    """Every member that was sent came back with its value; lists in any order, none doubled."""
    for place, wanted, found in differences(sent, shown):
        raise Finding(
            f"{place} came back {'missing' if found is None else 'changed'}",
            str(wanted),
            "nothing" if found is None else str(found),
            reply.exchange,
            place.replace("$.", "").replace(".", "/"),
            personal=True,
        )


def differences(sent: Any, shown: Any, place: str = "$") -> Iterator[tuple[str, object, object]]:
    """Each place at which a value that was sent is not there, with both values."""
    if isinstance(sent, Mapping):
        held = shown if isinstance(shown, Mapping) else {}
        for member, value in sent.items():
            yield from differences(value, held.get(member), f"{place}.{member}")
    elif isinstance(sent, list):
        left = list(shown) if isinstance(shown, list) else []
        for number, item in enumerate(sent):
            match = next((one for one in left if not any(differences(item, one))), None)
            if match is None:
                yield f"{place}[{number}]", "the item that was sent", None
            else:
                left.remove(match)
        if left:
            yield place, f"{len(sent)} items", f"{len(sent) + len(left)} items"
    elif not _equal(sent, shown):
        yield place, sent, shown


def _equal(sent: object, shown: object) -> bool:
    if isinstance(sent, bool) or isinstance(shown, bool) or isinstance(sent, str):
        return type(sent) is type(shown) and sent == shown
    try:
        return not isinstance(shown, str) and Decimal(str(sent)) == Decimal(str(shown))
    except InvalidOperation:
        return sent == shown


def nothing_added(sent: Mapping[str, Any], shown: Mapping[str, Any], reply: Reply) -> None:
    """No member has a value that nobody sent; what says nothing (null, []) may be there."""
    for member, value in shown.items():
        says = value is not None and value != [] and value != {}
        if says and member not in sent and member not in ADDED:
            raise Finding(
                f"{member} came back although it was not sent",
                "nothing at this place",
                "a value",
                reply.exchange,
                member,
            )


def refused(reply: Reply, *codes: int) -> None:
    """One of these statuses, whatever the body says."""
    expect.status(reply, *codes)


def problem(reply: Reply) -> Mapping[str, Any]:
    """A refusal that says in JSON what was wrong: problem details, or a message of older hosts."""
    kind = reply.headers.get("Content-Type").partition(";")[0].strip().lower()
    if kind not in ("application/json", "application/problem+json"):
        told = kind or "no type"
        raise Finding(f"{reply.request}: the refusal is not JSON", "JSON", told, reply.exchange)
    found = as_json(reply)
    words = found if isinstance(found, Mapping) else {}
    if not any(isinstance(words.get(name), str) and words[name] for name in ("detail", "message")):
        raise Finding(
            f"{reply.request}: the refusal does not say what was wrong",
            "detail, or message",
            "neither",
            reply.exchange,
            "detail",
        )
    return words


def prepared(reply: Reply) -> Reply:
    """The answer to a preparing step, which has to be 2xx; NotVerified else."""
    if not reply.ok:
        raise NotVerified(
            f"the preparation failed: {reply.request} answered {reply.status}"
            f" (exchange {reply.exchange})"
        )
    return reply
