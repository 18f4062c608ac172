"""Conditions, orders, examples and service paths (Base Architecture 3.2.1, 5.5 and 5.7 to 5.9)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import control_holds, prepared
from conformance.checks.provider.objects import refused_without_data, unknown_id
from conformance.offer import Offer, ids, members
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies

_PLAIN = re.compile(r"[A-Za-z][A-Za-z ]{1,30}")


def facts_of(offer: Offer) -> dict[str, dict[str, str]]:
    """By path below the object: the texts of single places, by folded id of the object."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in offer.objects():
        inner = [(path.partition("/")[2], value) for path, value in trees.leaves(one)]
        doubled = {path.partition("[")[0] for path, _ in inner if "[" in path}
        for path, value in inner:
            if "[" not in path and "@" not in path and path not in doubled:
                found[path][trees.folded(trees.refid(one))] = value
    return found


def telling(offer: Offer) -> tuple[str, dict[str, str]]:
    """A path with plain words, at every object and of two kinds if possible."""
    objects = len(offer.objects())
    fitting = [
        (objects - len(by_id), abs(len(set(by_id.values())) - 2), path, by_id)
        for path, by_id in facts_of(offer).items()
        if len(set(by_id.values())) > 1 and all(_PLAIN.fullmatch(value) for value in by_id.values())
    ]
    if not fitting:
        raise NotVerified("the objects have no field whose values tell them apart by plain words")
    *_, path, by_id = min(fitting, key=lambda one: one[:3])
    return path, by_id


def chosen(offer: Offer, where: str, **options: Any) -> Reply:
    """The list of those that meet a condition."""
    return offer.listed(query={"where": where} | options.pop("query", {}), **options)


def same_objects(offer: Offer, reply: Reply, wanted: list[str]) -> None:
    """Of the objects that were read before, the answer holds exactly these."""
    if reply.status == 413:
        raise NotApplicable("the provider offers more objects than it gives without paging")
    expect.status(reply, 200, 204)
    known = {trees.folded(trees.refid(one)) for one in offer.objects()}
    found = [one for one in ids(reply) if one in known]
    expect.equal(sorted(found), sorted(wanted), "objects that meet the condition", reply)


@verifies("INF-WHR-001", "INF-WHR-003")
def check_condition_chooses_by_equality(offer: Offer) -> None:
    """`=` gives the objects with that value, `!=` all the others."""
    path, by_id = telling(offer)
    value = sorted(by_id.values())[0]
    equal = [one for one, told in by_id.items() if told == value]
    same_objects(offer, chosen(offer, f'[{path}="{value}"]'), equal)
    others = chosen(offer, f'[{path}!="{value}"]')
    expect.status(others, 200)
    # Whether an object without the field counts as unequal, the standard leaves open.
    found = sorted(one for one in ids(others) if one in by_id)
    expect.equal(found, sorted(set(by_id) - set(equal)), "objects that are unequal", others)


@verifies("INF-WHR-002")
def check_conditions_are_joined_by_and_or_or(offer: Offer) -> None:
    """Two conditions with `and` narrow the result, with `or` they widen it."""
    path, by_id = telling(offer)
    key = key_of(offer.objects()[0])
    one, other = sorted(set(by_id.values()))[:2]
    first = next(refid for refid, told in by_id.items() if told == one)
    spelt = next(trees.refid(x) for x in offer.objects() if trees.folded(trees.refid(x)) == first)
    both = chosen(offer, f'[({path}="{one}") and (@{key}="{spelt}")]')
    same_objects(offer, both, [first])
    none = chosen(offer, f'[({path}="{other}") and (@{key}="{spelt}")]')
    same_objects(offer, none, [])
    wanted = [refid for refid, told in by_id.items() if told in (one, other)]
    same_objects(offer, chosen(offer, f'[({path}="{one}") or ({path}="{other}")]'), wanted)


@verifies("INF-WHR-007")
def check_condition_works_with_pages_and_order(offer: Offer) -> None:
    """A condition on the id gives a list of one; nothing that matches is 204; pages apply."""
    key, one = key_of(offer.objects()[0]), offer.one()
    same_objects(offer, chosen(offer, f'[@{key}="{one}"]'), [trees.folded(one)])
    expect.status(chosen(offer, f'[@{key}="{unknown_id()}"]'), 204)
    path, by_id = telling(offer)
    value = Counter(by_id.values()).most_common(1)[0][0]
    wanted = [refid for refid, told in by_id.items() if told == value]
    paging = {"navigationPage": "1", "navigationPageSize": "1"}
    order = {"order": f"[{path}=ascending]"}
    reply = chosen(offer, f'[{path}="{value}"]', headers=paging, query=order)
    expect.status(reply, 200)
    expect.equal(len(ids(reply)), 1, "objects on the page", reply)
    expect.one_of(ids(reply)[0], wanted, "the object on the page", reply)


@pytest.mark.parametrize(
    "where",
    [
        "[no such thing",
        "[shoeSize=]",
        "[]",
        "name",
        '[@{key}="{id}"] or true',
        '[@{key}="{id}" and @{key}!="x" or @{key}="y"]',
    ],
)
@verifies("INF-WHR-005", "NEG-062", negative=True)
def check_condition_of_a_reading_is_never_dropped(offer: Offer, where: str) -> None:
    """A condition that cannot be understood is 400; without it the list is served."""
    key, one = key_of(offer.objects()[0]), offer.one()
    control_holds(offer.page(1, 1), "without a condition it is served")
    text = where.replace("{key}", key).replace("{id}", one)
    refused_without_data(chosen(offer, text), 400)


@verifies("INF-WHR-005", "NEG-062", negative=True)
def check_condition_on_an_unknown_field_finds_nothing(offer: Offer) -> None:
    """A condition on a field that no object has is 400 or finds nothing; it is never the list."""
    control_holds(offer.page(1, 1), "without a condition it is served")
    reply = chosen(offer, '[shoeSize="37"]')
    expect.status(reply, 204, 400)
    expect.equal(len(members(reply)), 0, "objects in the answer", reply)


@verifies("INF-WHR-005", "NEG-062", negative=True)
def check_condition_of_a_reading_is_obeyed_or_refused(offer: Offer) -> None:
    """A condition on the id gives that object alone or is refused; it is never the whole list."""
    control_holds(offer.page(1, 1), "without a condition it is served")
    reply = chosen(offer, f'[@{key_of(offer.objects()[0])}="{offer.one()}"]')
    if reply.ok:
        expect.equal(ids(reply), [trees.folded(offer.one())], "objects that match", reply)
    else:
        refused_without_data(reply, 400)


@pytest.mark.parametrize("way", ["ascending", "descending"])
@verifies("INF-ORD-001")
def check_order_sorts_the_list(offer: Offer, way: str) -> None:
    """The list is sorted by the path that `order` names, in the way it says."""
    path, by_id = telling(offer)
    reply = prepared(offer.listed(query={"order": f"[{path}={way}]"}))
    values = [by_id[one] for one in ids(reply) if one in by_id]
    expect.equal(len(values), len(by_id), "objects in the list", reply)
    changes = 1 + sum(one != other for one, other in pairwise(values))
    # Which letter comes first is up to the language of the provider; equal values stand together.
    expect.equal(changes, len(set(values)), "runs of equal values", reply)
    opposite = {"ascending": "descending", "descending": "ascending"}[way]
    other = prepared(offer.listed(query={"order": f"[{path}={opposite}]"}))
    back = [by_id[one] for one in ids(other) if one in by_id]
    expect.equal(back == values[::-1], True, "the other way round is the reverse", other)


@pytest.mark.parametrize("order", ["[@refId=upwards]", "@refId", "[]", "[=ascending]"])
@verifies("INF-ORD-002", negative=True)
def check_unknown_order_of_a_reading_is_refused(offer: Offer, order: str) -> None:
    """An order that cannot be understood is 400, never ignored; without order it is served."""
    control_holds(offer.page(1, 1), "without an order it is served")
    refused_without_data(offer.listed(query={"order": order}), 400)


# -- query by example -----------------------------------------------------------------------


def key_of(one: etree._Element) -> str:
    """The name of the attribute that holds the id."""
    return next(str(name) for name, value in one.items() if value == trees.refid(one))


def example(offer: Offer, path: str, value: str, refid: str = "") -> bytes:
    """An object of the main collection with one text in it, and an id if one is given."""
    one = offer.objects()[0]
    nsmap: Any = {None: trees.namespace(one)}
    root = place = etree.Element(one.tag, nsmap=nsmap)
    for step in path.split("/"):
        place = etree.SubElement(place, f"{{{trees.namespace(one)}}}{step}")
    place.text = value
    if refid:
        root.set(key_of(one), refid)
    return trees.tostring(root)


def by_example(offer: Offer, body: bytes, **headers: str) -> Reply:
    """POST of an example with methodOverride GET."""
    return offer.sif.request(
        "POST", offer.name, body=body, headers={"methodOverride": "GET", **headers}
    )


@verifies("INF-QBE-001", "INF-QBE-003")
def check_example_chooses_what_is_like_it(offer: Offer) -> None:
    """A POST of one object with methodOverride GET gives the objects with the values it has."""
    path, by_id = telling(offer)
    value = sorted(by_id.values())[0]
    reply = by_example(offer, example(offer, path, value))
    same_objects(offer, reply, [one for one, told in by_id.items() if told == value])


@verifies("INF-QBE-004")
def check_percent_in_an_example_stands_for_any_text(offer: Offer) -> None:
    """`%` at the end of a text gives every object whose text begins so."""
    path, by_id = telling(offer)
    start = sorted(by_id.values())[0][:2]
    wanted = [one for one, told in by_id.items() if told.casefold().startswith(start.casefold())]
    strict = [one for one, told in by_id.items() if told.startswith(start)]
    reply = by_example(offer, example(offer, path, f"{start}%"))
    expect.status(reply, 200)
    expect.one_of(sorted(ids(reply)), [sorted(wanted), sorted(strict)], "objects like it", reply)


@verifies("INF-QBE-005")
def check_example_answers_a_collection_of_pages(offer: Offer) -> None:
    """The answer is a collection, also of one; pages apply; nothing like the example is 204."""
    path, by_id = telling(offer)
    body = example(offer, path, sorted(by_id.values())[0])
    reply = by_example(offer, body, navigationPage="1", navigationPageSize="1")
    expect.status(reply, 200)
    expect.equal(len(members(reply)), 1, "objects on the page", reply)
    expect.xml(reply, offer.name)
    expect.header(reply, "responseAction", "QUERY")
    expect.status(by_example(offer, example(offer, path, "Qvexwren")), 204)


@pytest.mark.parametrize("path", ["{name}", "{name}/{singular}"])
@verifies("INF-QBE-006", "NEG-027", negative=True)
def check_example_is_a_query_or_refused(offer: Offer, path: str) -> None:
    """POST with methodOverride GET is a query or refused, and nothing comes of it."""
    control_holds(offer.get(offer.one()), "reading is served")
    fresh, one = unknown_id(), offer.objects()[0]
    body = example(offer, "localId", "Qvexwren", fresh)
    place = path.format(name=offer.name, singular=trees.local(one))
    headers = {"methodOverride": "GET", "mustUseAdvisory": "true"}
    reply = offer.sif.request("POST", place, body=body, headers=headers)
    expect.status(reply, 200, 204, 400, 404, 405)
    expect.equal(len(members(reply)), 0, "objects that nobody has", reply)
    kept = offer.get(fresh)
    expect.true(kept.status != 200, "the example is not kept as an object", kept)


@verifies("INF-QBE-002", negative=True)
def check_post_without_override_is_no_query(offer: Offer) -> None:
    """An example that is posted without methodOverride is answered with no object that exists."""
    control_holds(offer.get(offer.one()), "reading is served")
    body = example(offer, "localId", "Qvexwren", unknown_id())
    reply = offer.sif.request("POST", offer.name, body=body)
    known = {trees.folded(trees.refid(one)) for one in offer.objects()}
    expect.equal(sorted(known & set(ids(reply))), [], "objects that exist, in the answer", reply)


@verifies("INF-CHG-010", negative=True)
def check_example_with_a_marker_of_changes_is_refused(offer: Offer) -> None:
    """An example beside a changesSinceMarker is refused; reading is served."""
    control_holds(offer.page(1, 1), "reading is served")
    body = example(offer, "localId", "Qvexwren")
    reply = offer.sif.request(
        "POST", offer.name, body=body, headers={"methodOverride": "GET"},
        query={"changesSinceMarker": "any"},
    )  # fmt: skip
    refused_without_data(reply, 400, 404, 405, 410)


@verifies("INF-XQT-002", negative=True)
def check_unknown_query_template_is_refused(offer: Offer) -> None:
    """A template that nobody knows is 404 or 405, without a right 403; others are served."""
    control_holds(offer.page(1, 1), "a collection is served")
    reply = offer.listed("noSuchTemplate", headers={"serviceType": "XQUERYTEMPLATE"})
    refused_without_data(reply, 403, 404, 405)


# -- service paths --------------------------------------------------------------------------


def path_of(offer: Offer, refid: str) -> str:
    """The service path of the target file with this id in it."""
    told = offer.config.offer.path
    if "{}" not in told:
        raise NotApplicable("the target file names no [offer] path such as xSchools/{}/xStudents")
    return told.replace("{}", refid, 1)


def parent_of(offer: Offer) -> str:
    """The id of an object at the start of the service path."""
    return trees.refid(offer.some(1, path_of(offer, "{}").partition("/")[0])[0])


SERVICEPATH = {"serviceType": "SERVICEPATH"}


@verifies("INF-SVP-001", "INF-SVP-004", "NEG-055")
def check_service_path_gives_a_collection_of_its_last_part(offer: Offer) -> None:
    """A path a/id/b gives objects b in their collection, each of which names the id."""
    parent = parent_of(offer)
    path = path_of(offer, parent)
    reply = offer.listed(path, headers=SERVICEPATH)
    expect.status(reply, 200)
    expect.xml(reply, path.rpartition("/")[2])
    for one in members(reply):
        named = {trees.folded(value) for _, value in trees.leaves(one)}
        expect.true(trees.folded(parent) in named, "each object names the one of the path", reply)


@verifies("NEG-054")
def check_service_path_may_leave_its_type_out(offer: Offer) -> None:
    """The same path without serviceType gives the same objects, or 404."""
    path = path_of(offer, parent_of(offer))
    typed, plain = prepared(offer.listed(path, headers=SERVICEPATH)), offer.listed(path)
    expect.status(plain, 200, 404)
    if plain.ok:
        expect.equal(sorted(ids(plain)), sorted(ids(typed)), "objects of the path", plain)


@verifies("INF-SVP-006", negative=True)
def check_service_path_from_an_unknown_id_is_refused(offer: Offer) -> None:
    """A path from an id that does not exist is 404 or 204; from one that exists it is served."""
    control_holds(offer.listed(path_of(offer, parent_of(offer)), headers=SERVICEPATH), "the path")
    reply = offer.listed(path_of(offer, unknown_id()), headers=SERVICEPATH)
    expect.status(reply, 204, 404)
    expect.equal(len(members(reply)), 0, "objects of nobody", reply)


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
@verifies("INF-SVP-002", negative=True)
def check_service_path_only_reads(offer: Offer, verb: str) -> None:
    """A change along a path is refused; reading along it is served."""
    path = path_of(offer, parent_of(offer))
    body = None if verb == "DELETE" else example(offer, "localId", "Qvexwren")
    reply = offer.sif.request(verb, path, body=body, headers=SERVICEPATH)
    refused_without_data(reply, 400, 403, 404, 405)
    control_holds(offer.listed(path, headers=SERVICEPATH), "reading along the path is served")


@verifies("INF-QRY-005", negative=True)
def check_path_nobody_offers_is_refused(offer: Offer) -> None:
    """A query along a path that is not offered is refused, not answered with something else."""
    control_holds(offer.get(offer.one()), "the object itself is served")
    path = f"{offer.name}/{offer.one()}/xUnicorns"
    refused_without_data(offer.listed(path, headers=SERVICEPATH))
