"""Which notation an answer has (Base Architecture 3.2.1, 4.3.4; PESC Compliant JSON 1.0.0)."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import expect, trees
from conformance.checks.json_answers import decoded, document, names_in, same_texts
from conformance.checks.preparation import control_holds, prepared
from conformance.checks.provider.objects import refused_without_data
from conformance.offer import Offer, ids
from conformance.problems import NotApplicable
from conformance.reply import Reply
from conformance.verifies import verifies


def accepting(offer: Offer, notation: str) -> dict[str, str]:
    """The Accept header for a JSON notation; not applicable where it is not offered."""
    told = offer.config.offer.pesc if notation == "pesc" else offer.config.offer.goessner
    if not told:
        raise NotApplicable(f"the target file names no Accept header for {notation}")
    return {"Accept": told}


def same_as_xml(offer: Offer, reply: Reply, told: Any) -> None:
    """The JSON holds the names and texts of the XML, no more and no less."""
    same_texts(prepared(offer.get(offer.one())).object, reply, told)


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
