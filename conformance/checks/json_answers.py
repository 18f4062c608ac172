"""Reading JSON answers in either notation, to hold them against the XML of the same object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from conformance import expect, trees
from conformance.problems import Finding
from conformance.reply import Reply, read_json

Fact = tuple[str, str]


def decoded(reply: Reply) -> Any:
    """The JSON of a body, every number as its text."""
    expect.content_type(reply, "application/json")
    try:
        return read_json(reply.body, parse_int=Decimal, parse_float=Decimal)
    except ValueError as error:
        raise Finding(
            f"{reply.request} answered {reply.status} with a body that is no JSON",
            "one JSON document in UTF-8",
            f"{type(error).__name__}",
            reply.exchange,
        ) from None


def document(reply: Reply) -> dict[str, Any]:
    """The JSON of a body that is one object."""
    told = decoded(reply)
    expect.true(isinstance(told, dict), "the body is a JSON object", reply)
    return dict(told)


def facts(value: Any, name: str = "") -> Iterator[Fact]:
    """Names with their texts, whatever the notation; attributes and texts lose their marks."""
    if isinstance(value, dict):
        for key, inner in value.items():
            own = name if key in ("#text", "value") else key.lstrip("@")
            yield from facts(inner, own.rpartition(":")[2])
    elif isinstance(value, list):
        for inner in value:
            yield from facts(inner, name)
    elif value is not None:
        yield name, plain(value)


def plain(value: Any) -> str:
    """A value as XML spells it; a number without needless zeros."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return spelt(str(value)) if isinstance(value, Decimal) else str(value).strip()


def spelt(text: str) -> str:
    """A number in one spelling, any other text as it is."""
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def same_texts(source: etree._Element, reply: Reply, told: Any) -> None:
    """The JSON holds the names and texts of the XML, no more and no less."""
    wanted = Counter((path.rpartition("/")[2].partition("[")[0].lstrip("@"), value)
                     for path, value in trees.leaves(source))  # fmt: skip
    found = Counter(facts(told))
    differ = sorted((wanted - found).elements()) or sorted((found - wanted).elements())
    # The same number may be spelt 3 and 3.0, a text of digits may not.
    numbers = {name for name, value in differ if spelt(value) != value}
    left = [name for name, _ in differ if name not in numbers]
    expect.equal(left, [], "names whose texts differ between JSON and XML", reply)


def names_in(value: Any) -> Iterator[str]:
    """Every name of a member, however deep."""
    if isinstance(value, dict):
        yield from value
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from names_in(inner)
