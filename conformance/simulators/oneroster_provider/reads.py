"""The collections, their parts, and what the query makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from conformance.simulators.message import Request
from conformance.simulators.oneroster_provider import queries
from conformance.simulators.oneroster_provider.access import Access
from conformance.simulators.oneroster_provider.district import (
    Bodies,
    Body,
    held,
    ids,
    in_1_1,
    points,
)
from conformance.simulators.problems import Refusal

# Collection: the one it is a view of, and the name of one object of it.
KINDS: Mapping[str, tuple[str, str]] = {
    "academicSessions": ("academicSessions", "academicSession"),
    "terms": ("academicSessions", "academicSession"),
    "gradingPeriods": ("academicSessions", "academicSession"),
    "orgs": ("orgs", "org"),
    "schools": ("orgs", "org"),
    "courses": ("courses", "course"),
    "classes": ("classes", "class"),
    "enrollments": ("enrollments", "enrollment"),
    "users": ("users", "user"),
    "students": ("users", "user"),
    "teachers": ("users", "user"),
    "demographics": ("demographics", "demographics"),
}
TYPES = {"terms": "term", "gradingPeriods": "gradingPeriod", "schools": "school"}
ROLES = {"students": "student", "teachers": "teacher"}
USUAL_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Call:
    """A request, the version of its root, and the path below that."""

    request: Request
    version: str
    path: tuple[str, ...]

    @property
    def root(self) -> str:
        """The address of the service that was called."""
        above = self.request.segments[: len(self.request.segments) - len(self.path)]
        return "/".join((self.request.origin, *above))


class Reads(Access):
    """What is held, and how it is found, ordered and cut into pages."""

    default_limit = USUAL_LIMIT
    largest_page = 1000

    def __init__(
        self, *, secret: str | None = None, key: str = "demo-vendor", party: str = "Example SIS"
    ) -> None:
        super().__init__(secret=secret, key=key, party=party)
        self.held = held()

    def objects(self, name: str) -> Bodies:
        """The objects of a collection, or of a view of one."""
        found = list(self.held[KINDS[name][0]])
        if name in TYPES:
            return [one for one in found if one["type"] == TYPES[name]]
        if name in ROLES:
            return [one for one in found if self.has_role(one, ROLES[name])]
        return found

    def has_role(self, user: Body, role: str, org: str = "") -> bool:
        """Whether a user has a role, at this org if one is named."""
        return any(one["role"] == role and org in ("", points(one, "org")) for one in user["roles"])

    def find(self, name: str, sourced_id: str) -> Body:
        """One object; Refusal 404 without one in that collection."""
        found = [one for one in self.objects(name) if one["sourcedId"] == sourced_id]
        if not found:
            raise Refusal(404, "There is no such object.", "unknownobject")
        return found[0]

    # -- what belongs to another object ------------------------------------------------------

    def below(self, parent: str, sourced_id: str, name: str) -> Bodies:
        """The part of a collection that belongs to an object of another."""
        self.find(parent, sourced_id)
        choose: dict[tuple[str, str], Callable[[str], Bodies]] = {
            ("terms", "classes"): self.classes_in_term,
            ("terms", "gradingPeriods"): lambda one: self.pointing("gradingPeriods", "parent", one),
            ("courses", "classes"): lambda one: self.pointing("classes", "course", one),
            ("classes", "students"): lambda one: self.members(one, "student"),
            ("classes", "teachers"): lambda one: self.members(one, "teacher"),
            ("students", "classes"): self.classes_of_user,
            ("teachers", "classes"): self.classes_of_user,
            ("users", "classes"): self.classes_of_user,
            ("schools", "classes"): lambda one: self.pointing("classes", "school", one),
            ("schools", "courses"): lambda one: self.pointing("courses", "org", one),
            ("schools", "enrollments"): lambda one: self.pointing("enrollments", "school", one),
            ("schools", "students"): lambda one: self.people_at(one, "student"),
            ("schools", "teachers"): lambda one: self.people_at(one, "teacher"),
            ("schools", "terms"): self.terms_of_school,
        }
        if (parent, name) not in choose:
            raise self.no_such_path()
        return choose[parent, name](sourced_id)

    def below_class(self, school: str, sourced_id: str, name: str) -> Bodies:
        """Enrollments, students and teachers of a class of a school."""
        self.find("schools", school)
        if points(self.find("classes", sourced_id), "school") != school:
            raise Refusal(404, "The class is of another school.", "unknownobject")
        if name == "enrollments":
            return self.pointing("enrollments", "class", sourced_id)
        return self.members(sourced_id, ROLES[name])

    def pointing(self, name: str, member: str, sourced_id: str) -> Bodies:
        """The objects whose reference of this name holds the id."""
        return [one for one in self.objects(name) if points(one, member) == sourced_id]

    def classes_in_term(self, term: str) -> Bodies:
        """The classes that name a term."""
        return [
            one
            for one in self.objects("classes")
            if term in {link["sourcedId"] for link in one["terms"]}
        ]

    def members(self, sourced_id: str, role: str) -> Bodies:
        """The users with a seat of this role in a class."""
        seats = self.pointing("enrollments", "class", sourced_id)
        seated = {points(one, "user") for one in seats if self.counts(one) and one["role"] == role}
        return [one for one in self.objects("users") if one["sourcedId"] in seated]

    def counts(self, seat: Body) -> bool:
        """Whether a seat is one, and not what is left of it."""
        return bool(seat["status"] == "active")

    def classes_of_user(self, user: str) -> Bodies:
        """The classes in which a user has a seat."""
        seats = [one for one in self.pointing("enrollments", "user", user) if self.counts(one)]
        seated = {points(one, "class") for one in seats}
        return [one for one in self.objects("classes") if one["sourcedId"] in seated]

    def people_at(self, school: str, role: str) -> Bodies:
        """The users with this role at a school."""
        return [one for one in self.objects("users") if self.has_role(one, role, school)]

    def terms_of_school(self, school: str) -> Bodies:
        """The terms in which classes of a school are held, and those of the same year."""
        named = {
            link["sourcedId"]
            for one in self.pointing("classes", "school", school)
            for link in one["terms"]
        }
        terms = self.objects("terms")
        years = {points(one, "parent") for one in terms if one["sourcedId"] in named}
        return [
            one
            for one in terms
            if one["sourcedId"] in named or points(one, "parent") in (years | named)
        ]

    def no_such_path(self) -> Refusal:
        """The refusal of a path that leads nowhere."""
        return Refusal(404, "Nothing is offered under this path.", "unknownobject")

    # -- what the query asks -----------------------------------------------------------------

    def shown(self, call: Call, name: str, body: Body) -> Body:
        """The object as the version tells it, with addresses below the root that was called."""
        told = in_1_1(KINDS[name][1], body) if call.version == "1.1" else body
        return {key: self.linked(call, value) for key, value in told.items()}

    def linked(self, call: Call, value: object) -> object:
        """A value with its addresses made those of this service."""
        if isinstance(value, list):
            return [self.linked(call, one) for one in value]
        if not isinstance(value, dict):
            return value
        inner = {key: self.linked(call, one) for key, one in value.items()}
        if "href" in inner:
            inner["href"] = self.address(call, str(value["href"]))
        return inner

    def address(self, call: Call, href: str) -> str:
        """Where an object of another address stands here."""
        return "/".join((call.root, *href.split("/")[-2:]))

    def filtered(self, call: Call, found: Bodies) -> Bodies:
        """The objects that meet the filter."""
        text = call.request.query.get("filter")
        if text is None:
            return found
        tests, word = queries.read_filter(text)
        self.refuse_unknown_fields(tests, found)
        join = any if word == "OR" else all
        return [one for one in found if join(self.meets(test, one) for test in tests)]

    def meets(self, test: queries.Predicate, body: Body) -> bool:
        """Whether an object meets a predicate."""
        return queries.holds(test, body)

    def refuse_unknown_fields(self, tests: list[queries.Predicate], found: Bodies) -> None:
        """Refuse a field that no object has."""
        if found and not all(queries.has(found, test.field) for test in tests):
            raise Refusal(400, "The filter names no field of these.", "invalid_filter_field")

    def ordered(self, call: Call, found: Bodies) -> Bodies:
        """The objects in the order that is asked for."""
        path, order = call.request.query.get("sort"), call.request.query.get("orderBy")
        self.check_order(order)
        if path is None:
            return found
        self.refuse_unknown_order(path, found)
        return sorted(found, key=lambda one: queries.values(one, path), reverse=order == "desc")

    def check_order(self, order: str | None) -> None:
        """Up or down."""
        if order not in (None, "asc", "desc"):
            raise Refusal(400, "orderBy is asc or desc.", "invaliddata")

    def refuse_unknown_order(self, path: str, found: Bodies) -> None:
        """Refuse to sort by what no object has."""
        if found and not queries.has(found, path):
            raise Refusal(400, "sort names no field of these.", "invaliddata")

    def selected(self, call: Call, found: Bodies) -> Bodies:
        """Only the members that are asked for."""
        text = call.request.query.get("fields")
        if text is None:
            return found
        names = [one.strip() for one in text.split(",")]
        known = {name for one in found for name in one}
        if found and not set(names) <= known:
            self.unknown_selection()
        return [{name: one[name] for name in names if name in one} for one in found]

    def unknown_selection(self) -> None:
        """Refuse members that no object has."""
        raise Refusal(400, "fields names no member of these.", "invalid_selection_field")

    def limit(self, call: Call) -> int:
        """How many objects a page holds."""
        told = queries.number(call.request.query.get("limit"), self.default_limit, 1)
        return min(told, self.largest_page)

    def offset(self, call: Call) -> int:
        """How many objects stand before the page."""
        return queries.number(call.request.query.get("offset"), 0, 0)

    def page(self, found: Bodies, offset: int, limit: int) -> Bodies:
        """One page."""
        return found[offset : offset + limit]

    def total_header(self, total: int, shown: int) -> tuple[tuple[str, str], ...]:  # noqa: ARG002
        """How many objects there are on all pages."""
        return (("X-Total-Count", str(total)),)

    def link_header(self, call: Call, offset: int, limit: int, total: int) -> str:
        """The addresses of other pages."""
        starts = self.link_starts(offset, limit, total)
        return ", ".join(
            f'<{self.page_address(call, start, limit)}>; rel="{name}"'
            for name, start in starts.items()
        )

    def link_starts(self, offset: int, limit: int, total: int) -> dict[str, int]:
        """Where first, previous, next and last page begin."""
        starts = {"first": 0, "last": max(0, (total - 1) // limit * limit)}
        if offset > 0:
            starts["prev"] = max(0, offset - limit)
        if offset + limit < total:
            starts["next"] = offset + limit
        return starts

    def page_address(self, call: Call, start: int, limit: int) -> str:
        """The address of a page, all else as it was asked."""
        query = dict(call.request.query) | {"limit": str(limit), "offset": str(start)}
        return f"{call.root}/{'/'.join(call.path)}?{urlencode(query)}"

    def known_ids(self, name: str) -> set[str]:
        """The ids of a collection."""
        return ids(self.objects(name))
