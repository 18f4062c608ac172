"""Sixth layer: one object, collections, pages, conditions, examples, paths, changes."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from conformance.simulators.message import Request, Response
from conformance.simulators.pages import Page, Pages
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.conditions import (
    example_holds,
    paths_of,
    read_order,
    read_where,
    values,
)
from conformance.simulators.provider.district import LAST_CHANGE, Item, Items
from conformance.simulators.provider.offers import Offers

MARKER = "changesSinceMarker"


class Reads(Pages, Offers):
    """Everything below the requests connector."""

    largest_page = 50

    def __init__(self, **wishes: str | None) -> None:
        super().__init__(**wishes)
        self.sets: dict[str, list[str]] = {}

    # -- one object --------------------------------------------------------------------------

    def read_one(self, request: Request, collection: str, refid: str) -> Response:
        """GET {collection}/{id}."""
        self.check_unpaged(request)
        self.check_immediate(request)
        return self.found(request, self.find(collection, refid))

    def found(self, request: Request, item: Item) -> Response:
        """The answer to a query by id."""
        return self.rendered_one(request, item)

    def find(self, collection: str, refid: str) -> Item:
        """The object of an id, whose case and hyphens do not count."""
        for one in self.objects(collection):
            if folded(one.id) == folded(refid):
                return one
        raise self.not_found()

    def not_found(self) -> Refusal:
        """The refusal for an unknown id."""
        return Refusal(404, "There is no object with this id.")

    def check_unpaged(self, request: Request) -> None:
        """One object has no pages."""
        if request.parameter("navigationPage") or request.parameter("navigationPageSize"):
            raise Refusal(405, "A single object cannot be paged.")

    def check_immediate(self, request: Request) -> None:
        """What is asked for one object is answered at once; there are no queues either."""
        if request.says("requestType") == "DELAYED":
            raise Refusal(400, "Only immediate requests are served.")

    # -- collections -------------------------------------------------------------------------

    def objects(self, collection: str) -> Items:
        """The objects of a collection, always in one order."""
        return list(self.held.objects[collection])

    def read_list(self, request: Request, collection: str) -> Response:
        """GET {collection}."""
        self.check_immediate(request)
        if MARKER in request.query:
            return self.read_changes(request, collection)
        if self.unchanged(request, collection):
            return Response(304).adding(*self.state_headers(collection))
        found = self.qualified(request, self.objects(collection))
        return self.answer_list(request, collection, found).adding(*self.state_headers(collection))

    def qualified(self, request: Request, found: Items) -> Items:
        """What meets `where`, sorted as `order` says."""
        where, order = request.query.get("where"), request.query.get("order")
        known = paths_of(one.element for one in found) if where or order else set()
        if where is not None:
            found = self.chosen(where, found, known)
        return found if order is None else self.ordered(order, found, known)

    def chosen(self, where: str, found: Items, known: set[str]) -> Items:
        """Those that meet the condition."""
        word, conditions = read_where(where)
        self.refuse_unknown({one.path for one in conditions} - known)
        join = all if word == "and" else any
        return [one for one in found if join(each.holds(one.element) for each in conditions)]

    def refuse_unknown(self, paths: set[str]) -> None:
        """Refuse a path at which no object has a value."""
        if paths:
            raise Refusal(400, "A path of the query is not known.")

    def ordered(self, order: str, found: Items, known: set[str]) -> Items:
        """Sorted by the first path, then the next; what has no value comes first."""
        keys = read_order(order)
        self.refuse_unknown({path for path, _ in keys} - known)
        for path, descends in reversed(keys):
            found.sort(key=lambda one: values(one.element, path), reverse=descends)
        return found

    def answer_list(self, request: Request, collection: str, found: Items) -> Response:
        """All of a result, or the page of it that is wanted; 204 when that is nothing."""
        page = self.read_page(request)
        if page is None:
            return self.shown(request, collection, found)
        kept, found = self.kept_set(request, found)
        start = self.page_start(page)
        part = found[start : start + page.size]
        headers = self.page_headers(page, len(part), len(found))
        return self.shown(request, collection, part).adding(*headers, *kept)

    def shown(self, request: Request, collection: str, items: Items) -> Response:
        """Objects below their collection; 204 for none."""
        answer = self.rendered(request, collection, items)
        return answer if items else self.empty()

    def read_page(self, request: Request) -> Page | None:
        """Paging wishes, from headers or query; None without any."""
        number = self.page_parameter(request, "navigationPage", 1)
        size = self.page_parameter(request, "navigationPageSize", 0)
        if size is None and number is None:
            return None
        if size is None:
            raise Refusal(400, "navigationPage needs navigationPageSize.")
        if size > self.largest_page:
            raise self.page_too_large()
        return Page(number or 1, size)

    def kept_set(self, request: Request, found: Items) -> tuple[tuple[tuple[str, str], ...], Items]:
        """The result that is kept under a navigationId, or a new id for whoever wants all."""
        known = request.parameter("navigationId")
        if known:
            if known not in self.sets:
                raise Refusal(404, "No result set is kept under this navigationId.")
            by_id = {one.id: one for one in found}
            return (("navigationId", known),), [by_id[one] for one in self.sets[known]]
        if not self.is_kept(request):
            return (), found
        fresh = self.new_id()
        self.sets[fresh] = [one.id for one in found]
        return (("navigationId", fresh),), found

    def is_kept(self, request: Request) -> bool:
        """Whether a result is kept from its first page on."""
        return request.says("queryIntention") == "ALL" or MARKER in request.query

    # -- states and changes ------------------------------------------------------------------

    def state_headers(self, collection: str) -> tuple[tuple[str, str], ...]:
        """The ETag of the collection as it stands."""
        return (("ETag", self.tag_of(collection)),)

    def tag_of(self, collection: str) -> str:
        """A tag that changes with every change of the collection."""
        return f'"{collection}-{LAST_CHANGE}"'

    def unchanged(self, request: Request, collection: str) -> bool:
        """Whether the caller has the state that there is (Base Architecture 5.4: header ETag)."""
        told = request.header("ETag") or request.header("If-None-Match")
        return told == self.tag_of(collection)

    def head_list(self, request: Request, collection: str) -> Response:
        """HEAD {collection}: what GET tells, and where changes begin."""
        answer = self.read_list(request, collection)
        return answer.adding((MARKER, f"m{LAST_CHANGE}"))

    def read_changes(self, request: Request, collection: str) -> Response:
        """GET {collection}?changesSinceMarker=...: whole objects, and ids of those gone."""
        since = self.number_of(request.query[MARKER])
        found = [one for one in self.objects(collection) if one.number > since]
        if since < LAST_CHANGE:
            pattern = self.held.objects[collection][0].element
            found += [gone(pattern, refid) for refid in self.held.gone.get(collection, [])]
        answer = self.answer_list(request, collection, found)
        page = request.parameter("navigationPage") or "1"
        return answer.adding(*self.new_marker(page))

    def new_marker(self, page: str) -> tuple[tuple[str, str], ...]:
        """The marker to go on with; later pages tell none."""
        return ((MARKER, f"m{LAST_CHANGE}"),) if page == "1" else ()

    def number_of(self, marker: str) -> int:
        """The change that a marker stands for."""
        digits = marker.removeprefix("m")
        if marker == digits or not digits.isdecimal() or int(digits) > LAST_CHANGE:
            raise Refusal(400, "The changesSinceMarker is not one of ours.")
        if digits == "0":
            raise Refusal(410, "The changesSinceMarker is too old; read everything again.")
        return int(digits)

    # -- other ways to ask -------------------------------------------------------------------

    def read_example(self, request: Request, collection: str) -> Response:
        """POST {collection} with methodOverride GET: objects that have all the example has."""
        self.check_immediate(request)
        self.refuse_marker(request)
        example = self.read_xml(request)
        found = self.objects(collection)
        if example.tag != found[0].element.tag:
            raise Refusal(400, "The example is not one object of this collection.")
        chosen = [one for one in found if example_holds(example, one.element)]
        return self.answer_list(request, collection, chosen)

    def refuse_marker(self, request: Request) -> None:
        """An example knows no changes."""
        if MARKER in request.query:
            raise Refusal(400, "An example and a marker of changes do not go together.")

    def read_path(self, request: Request, parent: str, refid: str, child: str) -> Response:
        """GET {parent}/{id}/{child}: the objects that point to the first one."""
        if f"{parent}/{{}}/{child}" not in self.paths:
            raise self.no_provider()
        around = self.find(parent, refid)
        found = [one for one in self.objects(child) if points_to(one.element, around.id)]
        return self.answer_list(request, child, self.qualified(request, found))


def folded(refid: str) -> str:
    """An id for comparing."""
    return refid.replace("-", "").casefold()


def points_to(element: etree._Element, refid: str) -> bool:
    """Whether one of the texts, or an attribute within, is this id."""
    texts = ((one.text or "").strip() for one in element.iter())
    keys = (value for name, value in element.items() if name not in ("refId", "RefId"))
    return refid in texts or refid in keys


def gone(like: etree._Element, refid: str) -> Item:
    """What is left of an object of this kind: its id."""
    key = "RefId" if like.get("RefId") else "refId"
    element = etree.Element(like.tag, {key: refid})
    return Item((etree.QName(like).localname, {key: refid}, ()), element, LAST_CHANGE)


def renamed(item: Item, element: etree._Element) -> Item:
    """The same object with another tree; for products that alter what they show."""
    return replace(item, element=element)
