"""The checks judge requirements, not our own simulator: a provider that differs legally passes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from lxml import etree

from conformance import session, target
from conformance.simulators.documents import node
from conformance.simulators.message import Request, Response
from conformance.simulators.pages import Page
from conformance.simulators.problems import Refusal
from conformance.simulators.provider import Provider
from conformance.simulators.provider.district import Item, Items
from tests.conformance.judging import SEED, served
from tests.conformance.provider.judging import table_for

Headers = tuple[tuple[str, str], ...]


def prefixed(element: etree._Element) -> etree._Element:
    """The same element with a prefix where ours has a default namespace."""
    nsmap: Any = {"p": etree.QName(element).namespace}
    copy = etree.Element(element.tag, {str(k): str(v) for k, v in element.items()}, nsmap=nsmap)
    copy.text = element.text
    copy.extend(prefixed(child) for child in element)
    return copy


class Minimal(Provider):
    """Reads one object and pages, tells no totals, and knows nothing that is optional."""

    notations = ()
    paths = ()

    def last_page_header(self, page: Page, count: int) -> Headers:
        return ()

    def page_headers(self, page: Page, shown: int, count: int) -> Headers:
        return super().page_headers(page, shown, count)[:2]

    def qualified(self, request: Request, found: Items) -> Items:
        if {"where", "order"} & set(request.query):
            raise Refusal(400, "Neither conditions nor orders are supported.")
        return found

    def read_example(self, request: Request, collection: str) -> Response:
        raise Refusal(400, "Examples are not supported.")

    def read_changes(self, request: Request, collection: str) -> Response:
        raise Refusal(400, "Changes are not supported.")

    def kept_set(self, request: Request, found: Items) -> tuple[Headers, Items]:
        if request.parameter("navigationId"):
            raise Refusal(400, "Results are not kept.")
        return (), found

    def state_headers(self, collection: str) -> Headers:
        return ()

    def unchanged(self, request: Request, collection: str) -> bool:
        return False

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.method == "HEAD":
            raise self.unsupported()
        return super().route_objects(request, path)

    def fingerprint(self, environment_id: str) -> str:
        return ""

    def provisioned_zones(self) -> etree._Element:
        services = [node("service", node("rights", node("right", "APPROVED", type="QUERY")),
                         type="OBJECT", name=name, contextId="DEFAULT")
                    for name in self.held.objects if name not in self.denied]  # fmt: skip
        return node("provisionedZones", node("provisionedZone", node("services", *services),
                                             id=self.zone))  # fmt: skip


class Chatty(Provider):
    """Says more than it must: totals, hints, prefixes, comments, cookies, a larger error."""

    connector = "services/data/v3"

    def finish(self, request: Request, response: Response) -> Response:
        more = (
            ("Server", "Chatty/7.1"),
            ("Vary", "Accept-Encoding, Accept"),
            ("Cache-Control", "no-store"),
            ("X-Request-Cost", "3"),
            ("Set-Cookie", "route=7"),
        )
        return super().finish(request, response).adding(*more)

    def rendered(self, request: Request, collection: str, items: Items) -> Response:
        answer = super().rendered(request, collection, items)
        if answer.content_type != "application/xml":
            return answer
        told = etree.tostring(prefixed(etree.fromstring(answer.body)))
        return Response(answer.status, b"<!-- a list -->" + told, "text/xml; charset=UTF-8")

    def error_description(self, refusal: Refusal) -> str:
        return "400-02 See https://chatty.example/errors for more."

    def error_element(self, refusal: Refusal, scope: str) -> etree._Element:
        return prefixed(super().error_element(refusal, scope))

    def timestamp_header(self) -> str:
        return self.now().isoformat()


class Awkward(Provider):
    """Other legal statuses, orders and spellings, and paths that need their type."""

    largest_page = 7

    def objects(self, collection: str) -> Items:
        return super().objects(collection)[::-1]

    def check_right(self, collection: str) -> None:
        if collection in self.denied:
            raise Refusal(403, "No.")

    def conflict(self, request: Request, existing: Any) -> Response:
        return self.document(409, existing.document)

    def refuse_unknown(self, paths: set[str]) -> None:
        """Finds nothing at a path that it does not know."""

    def read_list(self, request: Request, collection: str) -> Response:
        if request.parameter("navigationPage") is None and not request.query:
            raise Refusal(413, "There is too much; read it page by page.")
        return super().read_list(request, collection)

    def read_path(self, request: Request, parent: str, refid: str, child: str) -> Response:
        if request.says("serviceType") != "SERVICEPATH":
            raise self.no_provider()
        try:
            return super().read_path(request, parent, refid, child)
        except Refusal as refusal:
            if refusal.status == 404 and (parent, child) == ("xSchools", "xStudents"):
                return self.empty()
            raise

    def found(self, request: Request, item: Item) -> Response:
        answer = super().found(request, item)
        return Response(answer.status, answer.body.replace(b"\n", b"\r\n"), answer.content_type)

    def page_headers(self, page: Page, shown: int, count: int) -> Headers:
        return super().page_headers(page, shown, count)[:3]

    def no_provider(self) -> Refusal:
        return Refusal(404, "Nothing here.")

    def error_scope(self, request: Request) -> str:
        return "SIS"


LEAST = dict.fromkeys(("query", "paging"), True)


def judged(product: type[Provider], changes: dict[str, Any]) -> dict[str, list[str]]:
    """Checks that did not pass, by verdict."""
    with served(product()) as places:
        table = table_for(places["endpoint"]["url"], product) | places | changes
        config = target.from_table(table, environ={})
        checks = session.run(config, seed=SEED, examine=False).verdict.checks
    left: dict[str, list[str]] = {}
    for check in checks:
        if check.verdict != "pass":
            left.setdefault(check.verdict, []).append(f"{check.id}: {check.reason}")
    return left


@pytest.mark.parametrize(
    ("product", "changes"),
    [
        (Minimal, {"capabilities": LEAST, "offer": {"largest_page": 50}, "second": {}}),
        (Chatty, {}),
        (Awkward, {}),
    ],
    ids=["minimal", "chatty", "awkward"],
)
def test_legal_variety_fails_nothing(product: type[Provider], changes: dict[str, Any]) -> None:
    left = judged(product, changes)
    assert set(left) <= {"not applicable"}, left


def test_what_is_not_declared_is_judged_by_its_refusal() -> None:
    left = judged(Minimal, {"capabilities": LEAST, "offer": {}, "second": {}})["not applicable"]
    named = {line.partition(":")[0] for line in left}
    refusals = {
        "condition_of_a_reading_is_never_dropped",
        "condition_of_a_reading_is_obeyed_or_refused",
        "example_is_a_query_or_refused",
        "head_of_an_object_is_served_or_refused",
        "json_is_answered_or_refused",
        "made_up_marker_is_refused",
        "path_nobody_offers_is_refused",
        "unknown_navigation_id_is_refused",
        "unknown_order_of_a_reading_is_refused",
    }
    assert named & refusals == set()


def test_a_provider_that_errs_is_not_excused_by_its_claims() -> None:
    class Ignores(Minimal):
        """Drops conditions that it does not support."""

        def qualified(self, request: Request, found: Items) -> Items:
            return found

    failed = judged(Ignores, {"capabilities": LEAST, "offer": {}, "second": {}})["fail"]
    named = sorted(line.partition(":")[0] for line in failed)
    assert "condition_of_a_reading_is_never_dropped" in named
    assert "unknown_order_of_a_reading_is_refused" in named


def walked(found: Iterable[Item]) -> list[str]:
    """The ids of objects, in their order."""
    return [one.id for one in found]


def test_the_varieties_offer_the_same_district() -> None:
    ids = [sorted(walked(one().objects("xStudents"))) for one in (Minimal, Chatty, Awkward)]
    assert ids[0] == ids[1] == ids[2]
    assert len(ids[0]) == Provider.size
