"""The client as a reader of PODs: valid ones are used, invalid and foreign ones are not."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta

import pytest
from lxml import etree

from conformance import expect, pods, trees
from conformance.checks.consumer.looking import acknowledged, deliveries, uses, why, working
from conformance.checks.consumer.notations import xml_only
from conformance.checks.consumer.variants import INVALID, TWICE, VALID
from conformance.notations import PESC
from conformance.pods import Pod, Terms
from conformance.problems import NotApplicable, NotVerified
from conformance.stage.calls import PODS, TRAP, Call
from conformance.stage.play import Stage
from conformance.verifies import verifies


@pytest.mark.parametrize("form", sorted(VALID))
@verifies("POD-SCH-005")
def check_valid_document_is_used(stage: Stage, form: str) -> None:
    """PODs with nil elements, empty lists, every section or hardly any are all used."""
    made = stage.renew(alter=VALID[form])
    calls = stage.synchronise(lambda some: any(uses(one, made) for one in some))
    if any(uses(one, made) for one in calls):
        return
    if not deliveries(calls, made):
        raise NotVerified(f"the document was not read: {why(calls)}")
    working(stage)
    expect.true(False, "a valid document is used like any other", None, why(calls))


def refuses(stage: Stage, made: dict[str, Pod], what: str) -> None:
    """No document of these is acknowledged in any way, and an ordinary one is used afterwards."""

    def bad(one: Call) -> bool:
        fetched = one.given.kind == TRAP
        return fetched or any(acknowledged(one, pod) for pod in made.values())

    calls = stage.synchronise(lambda some: any(one.given.kind == PODS for one in some))
    calls += stage.watch(bad)
    for call in filter(bad, calls):
        expect.true(False, what, call.message, "it was")
    if not any(one.given.kind == PODS for one in calls):
        raise NotVerified(f"the document was not read: {why(calls)}")
    working(stage)


@pytest.mark.parametrize("form", sorted(INVALID))
@verifies("POD-SCH-006", negative=True)
def check_invalid_document_is_not_acknowledged(stage: Stage, form: str) -> None:
    """PODs without token, version or party, of wrong status, date or id, are not acknowledged."""

    if form == TWICE and stage.config.endpoint.notation == PESC:
        raise NotApplicable("a member of an object in JSON cannot stand there twice")

    def spoiled(terms: Terms) -> Pod:
        pod = pods.build(terms)
        INVALID[form](pod.element)
        return pod

    refuses(stage, stage.show(spoiled), "an invalid document is not acknowledged")


ENTITIES = ("inside", "outside")


@pytest.mark.parametrize("form", ENTITIES)
@verifies("POD-SCH-009", negative=True)
def check_document_type_is_not_obeyed(stage: Stage, form: str) -> None:
    """A list of PODs with a DOCTYPE is not used, and no address that it names is fetched."""
    xml_only(stage)
    address = f"{stage.url}/entity/text"
    meaning = f'SYSTEM "{address}"' if form == "outside" else '"1.0.0"'
    doctype = f"<!DOCTYPE pods [<!ENTITY given {meaning}>]>".encode()

    def with_entity(pod: Pod) -> bytes:
        element = deepcopy(pod.element)
        version = trees.child(element, "podVersion")
        assert version is not None
        version.text = "entity-here"
        body = etree.tostring(trees.collection("pods", [element]))
        return doctype + body.replace(b"entity-here", b"&given;")

    what = "a document with a DOCTYPE is not acknowledged, and no address in it is fetched"
    refuses(stage, stage.show(pods.build, with_entity), what)


def _today() -> date:
    return date.today()  # noqa: DTZ011  # a contract runs on the calendar of the district


def _foreign(terms: Terms) -> Terms:
    return replace(terms, party="Another Party Ltd")


def _ended(terms: Terms) -> Terms:
    today = _today()
    return replace(terms, valid_from=today - timedelta(400), valid_to=today - timedelta(2))


def _not_begun(terms: Terms) -> Terms:
    today = _today()
    return replace(terms, valid_from=today + timedelta(2), valid_to=today + timedelta(400))


STRANGERS = {"another party": _foreign, "ended": _ended, "not begun": _not_begun}


@pytest.mark.parametrize("form", sorted(STRANGERS))
@verifies("POD-LC-007", negative=True)
def check_foreign_or_untimely_document_is_not_acknowledged(stage: Stage, form: str) -> None:
    """A POD for another party, or outside the dates of its contract, is not acknowledged."""
    made = stage.show(lambda terms: pods.build(STRANGERS[form](terms)))
    refuses(stage, made, "a document for others or another time is not acknowledged")
