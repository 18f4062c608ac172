"""Students read in JSON (Base Architecture 3.2.1, 4.3.4; PESC Compliant JSON 1.0.0)."""

from __future__ import annotations

from typing import Any

from lxml import etree

from conformance import expect, notations, trees
from conformance.checks.json_answers import decoded, document, names_in, same_texts
from conformance.checks.preparation import came_with, created, holds, offered, prepared
from conformance.problems import NotApplicable
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies


def accepting(sif: SifClient, notation: str) -> dict[str, str]:
    """The Accept header for a JSON notation; not applicable where it is not offered.

    A run in JSON names it in `[endpoint]`, and one header cannot mean the other notation too.
    """
    came_with(sif, notations.SINCE[notation], notation)
    run, offer = sif.config.endpoint, sif.config.offer
    own = {} if run.notation == notations.XML else {run.notation: run.media}
    told = own.get(notation) or {"pesc": offer.pesc, "goessner": offer.goessner}[notation]
    if not told or (notation not in own and told in own.values()):
        raise NotApplicable(f"the target file names no Accept header for {notation}")
    return {"Accept": told}


def inner(reply: Reply, name: str) -> dict[str, Any]:
    """What stands under the one name of a JSON document."""
    told = document(reply)
    expect.equal(list(told), [name], "the one member outside", reply)
    expect.true(isinstance(told[name], dict), f"{name} is an object", reply)
    return dict(told[name])


def page_of_one(sif: SifClient, headers: dict[str, str]) -> tuple[Any, Reply]:
    """What stands under the name of the object, on a page of one, and the answer."""
    paging = {"navigationPage": "1", "navigationPageSize": "1"}
    reply = sif.request("GET", sif.collection, headers=paging | headers)
    expect.status(reply, 200)
    return inner(reply, sif.collection).get(sif.model.student), reply


def with_zeros(student: etree._Element) -> str:
    """Give the student a local id of digits with zeros at both ends; gives the text."""
    for one in student:
        if trees.local(one).lower() == "localid":
            one.text = f"00{''.join(filter(str.isdigit, one.text or ''))[-6:]}0"
            return one.text
    raise NotApplicable("the student has no local id")


@verifies("INF-FMT-022", "NEG-034")
def check_student_in_pesc_keeps_its_texts(sif: SifClient, student: etree._Element) -> None:
    """In PESC notation names have no mark, and a local id of digits keeps its zeros as text."""
    headers, local_id = accepting(sif, "pesc"), with_zeros(student)
    refid = created(sif, student)
    reply = sif.get(refid, headers=headers)
    expect.status(reply, 200)
    told = inner(reply, sif.model.student)
    marked = [name for name in names_in(told) if name[:1] in "@#"]
    expect.equal(marked, [], "names with a mark", reply)
    seen = [value for name, value in told.items() if name.lower() == "localid"]
    expect.equal(seen, [local_id], "the local id", reply)
    same_texts(prepared(sif.get(refid)).object, reply, {sif.model.student: told})


@verifies("INF-FMT-022", "NEG-032", "NEG-033")
def check_one_student_in_pesc_is_a_list(sif: SifClient, student: etree._Element) -> None:
    """In PESC notation a page of one student holds an array of one."""
    headers = accepting(sif, "pesc")
    created(sif, student)
    found, reply = page_of_one(sif, headers)
    fine = isinstance(found, list) and len(found) == 1 and isinstance(found[0], dict)
    expect.true(fine, "an array of one student", reply, type(found).__name__)


@verifies("INF-FMT-021", "NEG-032")
def check_student_in_goessner_marks_its_attributes(sif: SifClient, student: etree._Element) -> None:
    """In Goessner notation the id has an at sign, all is text, and one student is no array."""
    headers = accepting(sif, "goessner")
    refid = created(sif, student)
    reply = sif.get(refid, headers=headers)
    expect.status(reply, 200)
    told = inner(reply, sif.model.student)
    key = f"@{trees.key_of(student)}"
    expect.same_id(str(told.get(key)), refid, key, reply)
    same_texts(prepared(sif.get(refid)).object, reply, {sif.model.student: told})
    found, single = page_of_one(sif, headers)
    expect.true(isinstance(found, dict), "one student is no array", single, type(found).__name__)


@verifies("INF-FMT-009", "INF-URL-005")
def check_suffix_decides_where_no_header_does(sif: SifClient, student: etree._Element) -> None:
    """`.xml` behind the id gives XML, `.json` JSON where that is offered; Accept is stronger."""
    refid = created(sif, student)
    path = f"{sif.collection}/{refid}.{{}};contextId={sif.config.endpoint.context or 'DEFAULT'}"
    plain = sif.request("GET", path.format("xml"), headers={"Accept": None})
    expect.content_type(plain, "application/xml", "text/xml")
    expect.true(holds(plain, refid), "the student in the XML", plain, str(plain.status))
    other = sif.request("GET", path.format("json"), headers={"Accept": "application/xml"})
    expect.content_type(other, "application/xml", "text/xml")
    expect.true(holds(other, refid), "the student in the XML that Accept asks for", other)
    if offered(sif, "json"):
        reply = sif.request("GET", path.format("json"), headers={"Accept": None})
        expect.equal(list(decoded(reply)), [sif.model.student], "the member outside", reply)
