"""Which notation an answer has (Base Architecture 3.2.1, 4.3.4; PESC Compliant JSON 1.0.0)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest

from conformance import expect, trees
from conformance.checks.preparation import control_holds, prepared
from conformance.checks.provider.objects import refused_without_data
from conformance.offer import Offer, ids
from conformance.problems import Finding, NotApplicable
from conformance.reply import Reply, read_json
from conformance.verifies import verifies

Fact = tuple[str, str]


def accepting(offer: Offer, notation: str) -> dict[str, str]:
    """The Accept header for a JSON notation; not applicable where it is not offered."""
    told = offer.config.offer.pesc if notation == "pesc" else offer.config.offer.goessner
    if not told:
        raise NotApplicable(f"the target file names no Accept header for {notation}")
    return {"Accept": told}


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


def same_as_xml(offer: Offer, reply: Reply, told: Any) -> None:
    """The JSON holds the names and texts of the XML, no more and no less."""
    source = prepared(offer.get(offer.one())).object
    wanted = Counter((path.rpartition("/")[2].partition("[")[0].lstrip("@"), value)
                     for path, value in trees.leaves(source))  # fmt: skip
    found = Counter(facts(told))
    differ = sorted((wanted - found).elements()) or sorted((found - wanted).elements())
    # The same number may be spelt 3 and 3.0, a text of digits may not.
    numbers = {name for name, value in differ if spelt(value) != value}
    left = [name for name, _ in differ if name not in numbers]
    expect.equal(left, [], "names whose texts differ between JSON and XML", reply)


@verifies("INF-FMT-014", "INF-FMT-022", "NEG-034")
def check_pesc_json_tells_what_xml_tells(offer: Offer) -> None:
    """In PESC notation an object has the texts of the XML under unmarked names, digits as text."""
    reply = offer.get(offer.one(), headers=accepting(offer, "pesc"))
    expect.status(reply, 200)
    told = document(reply)
    expect.equal(list(told), [trees.local(offer.objects()[0])], "the one member outside", reply)
    marked = [name for name in names_in(told) if name[:1] in "@#"]
    expect.equal(marked, [], "names with a mark", reply)
    key = next(iter(told.values()))
    expect.true(isinstance(key, dict), "the one member is an object", reply)
    expect.true(isinstance(key.get("localId", ""), str), "localId is text", reply)
    same_as_xml(offer, reply, told)


@verifies("INF-FMT-022", "NEG-032", "NEG-033")
def check_pesc_list_of_one_is_an_array(offer: Offer) -> None:
    """In PESC notation a page of one object holds an array of one."""
    reply = offer.page(1, 1, headers=accepting(offer, "pesc"))
    expect.status(reply, 200)
    inner: Any = document(reply).get(offer.name)
    expect.true(isinstance(inner, dict), "the collection is an object", reply)
    members = inner.get(trees.local(offer.objects()[0]))
    expect.true(isinstance(members, list) and len(members) == 1, "an array of one object", reply)


@verifies("INF-FMT-013", "INF-FMT-021", "NEG-032")
def check_goessner_json_tells_what_xml_tells(offer: Offer) -> None:
    """In Goessner notation attributes have an at sign, a single object is no array, all is text."""
    headers = accepting(offer, "goessner")
    reply = offer.get(offer.one(), headers=headers)
    expect.status(reply, 200)
    told = document(reply)
    one = offer.objects()[0]
    inner: Any = told.get(trees.local(one))
    expect.true(isinstance(inner, dict), "the object stands under its name", reply)
    key = next(str(name) for name, value in one.items() if value == trees.refid(one))
    expect.equal(inner.get(f"@{key}"), trees.refid(one), f"@{key}", reply)
    same_as_xml(offer, reply, told)
    single = offer.page(1, 1, headers=headers)
    member = decoded(single).get(offer.name, {}).get(trees.local(one))
    expect.true(isinstance(member, dict), "a list of one is no array", single)


def names_in(value: Any) -> Iterator[str]:
    """Every name of a member, however deep."""
    if isinstance(value, dict):
        yield from value
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from names_in(inner)


@pytest.mark.parametrize("media", ["application/x-yaml", "image/png", "text/csv"])
@verifies("INF-FMT-012", negative=True)
def check_notation_nobody_offers_is_refused(offer: Offer, media: str) -> None:
    """A caller that reads only YAML, pictures or CSV is refused; one that reads XML is served."""
    control_holds(offer.get(offer.one()), "as XML it is served")
    refused_without_data(offer.get(offer.one(), headers={"Accept": media}), 400, 406, 415)


@verifies("INF-FMT-012", negative=True)
def check_json_is_answered_or_refused(offer: Offer) -> None:
    """A caller that reads only JSON gets JSON that says so, or a refusal; XML is served."""
    control_holds(offer.get(offer.one()), "as XML it is served")
    reply = offer.get(offer.one(), headers={"Accept": "application/json"})
    if reply.ok:
        expect.equal(type(decoded(reply)), dict, "the document", reply)
    else:
        expect.status(reply, 400, 406, 415)


@verifies("INF-FMT-009", "INF-URL-005")
def check_suffix_counts_where_no_header_speaks(offer: Offer) -> None:
    """`.xml` behind the path, before the matrix parameters, gives XML; Accept is stronger."""
    if not offer.sif.zone:
        raise NotApplicable("neither the environment nor the target file names a zone")
    path = f"{offer.name}/{offer.one()}.xml;contextId=DEFAULT"
    wanted = [trees.folded(offer.one())]
    plain = offer.sif.request("GET", path, headers={"Accept": None})
    expect.equal(ids(plain), wanted, "the object in the XML", plain)
    path = f"{offer.name}/{offer.one()}.json;contextId=DEFAULT"
    other = offer.sif.request("GET", path, headers={"Accept": "application/xml"})
    expect.equal(ids(other), wanted, "the object in the XML that Accept asks for", other)
    expect.content_type(other, "application/xml", "text/xml")
