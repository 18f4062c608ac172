"""Every operation of the OneRoster services that the hub offers, and what each needs.

Paths alternate between names and ids; a listing ends with a name. OneRoster 1.2 rostering and
gradebook services, 1.1 section 3; scopes by the OpenAPI documents of 1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reference_hub.model.roster_query import Within
from reference_hub.problems import Refusal
from reference_hub.web.oneroster.members import V1_1, V1_2

SCOPE = "Request path"
ROSTERING, GRADEBOOK, BOTH = "rostering", "gradebook", "both"
UNKNOWN = "unknownobject"
# Root of each service: which it is, and its version.
SERVICES: Mapping[str, tuple[str, str]] = {
    "/ims/oneroster/rostering/v1p2/": (ROSTERING, V1_2),
    "/ims/oneroster/gradebook/v1p2/": (GRADEBOOK, V1_2),
    "/ims/oneroster/v1p1/": (BOTH, V1_1),
}
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A collection of rows, or the part of one that has a name of its own."""

    collection: str
    within: tuple[Within, ...] = ()


@dataclass(frozen=True, slots=True)
class Below:
    """A condition of a sub-collection: its kind, a column or word, and which id of the path."""

    kind: str
    column: str
    index: int = 0


def _typed(collection: str, word: str) -> View:
    return View(collection, (Within("cell", word, "type"),))


_ROSTER_VIEWS: Mapping[str, View] = {
    "academicSessions": View("academicSessions"),
    "terms": _typed("academicSessions", "term"),
    "gradingPeriods": _typed("academicSessions", "gradingPeriod"),
    "orgs": View("orgs"),
    "schools": _typed("orgs", "school"),
    "courses": View("courses"),
    "classes": View("classes"),
    "enrollments": View("enrollments"),
    "users": View("users"),
    "students": View("users", (Within("role", "student"),)),
    "teachers": View("users", (Within("role", "teacher"),)),
    "demographics": View("demographics"),
}
_GRADEBOOK_VIEWS: Mapping[str, View] = {
    name: View(name)
    for name in (
        "categories",
        "lineItems",
        "results",
        "scoreScales",
        "assessmentLineItems",
        "assessmentResults",
    )
}
VIEWS = {**_ROSTER_VIEWS, **_GRADEBOOK_VIEWS}
_IN_SCHOOL = Below("cell", "schoolSourcedId")
_ROSTER_BELOW: Mapping[Names, tuple[str, tuple[Below, ...]]] = {
    ("terms", "classes"): ("classes", (Below("item", "termSourcedIds"),)),
    ("terms", "gradingPeriods"): ("academicSessions", (Below("cell", "parentSourcedId"),)),
    ("courses", "classes"): ("classes", (Below("cell", "courseSourcedId"),)),
    ("classes", "students"): ("users", (Below("member", "student"),)),
    ("classes", "teachers"): ("users", (Below("member", "teacher"),)),
    ("students", "classes"): ("classes", (Below("attended", ""),)),
    ("teachers", "classes"): ("classes", (Below("attended", ""),)),
    ("users", "classes"): ("classes", (Below("attended", ""),)),
    ("schools", "classes"): ("classes", (_IN_SCHOOL,)),
    ("schools", "courses"): ("courses", (Below("cell", "orgSourcedId"),)),
    ("schools", "enrollments"): ("enrollments", (_IN_SCHOOL,)),
    ("schools", "students"): ("users", (Below("role at", "student"),)),
    ("schools", "teachers"): ("users", (Below("role at", "teacher"),)),
    ("schools", "terms"): ("terms", (Below("term of school", ""),)),
    ("schools", "classes", "enrollments"): (
        "enrollments",
        (_IN_SCHOOL, Below("cell", "classSourcedId", 1)),
    ),
    ("schools", "classes", "students"): ("users", (Below("member", "student", 1),)),
    ("schools", "classes", "teachers"): ("users", (Below("member", "teacher", 1),)),
}
_OF_CLASS = Below("cell", "classSourcedId")
_GRADEBOOK_BELOW: Mapping[Names, tuple[str, tuple[Below, ...]]] = {
    ("classes", "categories"): ("categories", (Below("category of class", ""),)),
    ("classes", "lineItems"): ("lineItems", (_OF_CLASS,)),
    ("classes", "results"): ("results", (Below("result of class", ""),)),
    ("classes", "scoreScales"): ("scoreScales", (_OF_CLASS,)),
    ("classes", "lineItems", "results"): (
        "results",
        (Below("result of class", ""), Below("cell", "lineItemSourcedId", 1)),
    ),
    ("classes", "students", "results"): (
        "results",
        (Below("result of class", ""), Below("cell", "studentSourcedId", 1)),
    ),
    ("schools", "scoreScales"): ("scoreScales", (Below("cell", "orgSourcedId"),)),
}
# What a vendor may write: one object under its own id, or several under ids that the hub gives.
_WRITES = {"PUT": "createput", "POST": "createpost", "DELETE": "delete"}
WRITABLE = ("categories", "lineItems", "results")
POSTED: Mapping[Names, str] = {
    ("classes", "lineItems"): "lineItems",
    ("classes", "academicSessions", "results"): "results",
    ("lineItems", "results"): "results",
    ("schools", "lineItems"): "lineItems",
}
# A type that its reference or path demands, checked on the parent by the column of the next one.
_NESTED: Mapping[Names, str] = {
    ("schools", "classes"): "schoolSourcedId",
    ("classes", "lineItems"): "classSourcedId",
}


@dataclass(frozen=True, slots=True)
class Parent:
    """An object in the path that must be there; `name` for the answer when it is not."""

    name: str
    id: str
    view: View


@dataclass(frozen=True, slots=True)
class Operation:
    """`names` and `ids` of the path; what is listed, or with `sourced_id` the one object."""

    verb: str
    names: Names
    ids: tuple[str, ...]
    view: View
    sourced_id: str = ""

    @property
    def parents(self) -> tuple[Parent, ...]:
        """The objects that the path leads through, in order."""
        if self.sourced_id:
            return ()
        return tuple(
            Parent(name, self.ids[index], _parent_view(self.names, self.ids, index))
            for index, name in enumerate(self.names[:-1])
        )

    @property
    def form(self) -> str:
        """The path with `{}` for each id, as a table of operations has it."""
        ids = iter(["{}"] * len(self.ids))
        return "/".join(part for name in self.names for part in (name, next(ids, "")) if part)

    @property
    def scopes(self) -> tuple[str, ...]:
        """Any of these allows it; the last part of the scope's address."""
        return scopes(self.verb, self.names)


def operation(service: str, verb: str, segments: tuple[str, ...]) -> Operation:
    """The operation that a path of a service means. Raises Refusal 404 or 405."""
    names, ids = segments[0::2], segments[1::2]
    offered = verbs(service, names, is_single=len(names) == len(ids))
    if not offered:
        raise Refusal(404, SCOPE, "There is no such resource in this service.", UNKNOWN)
    if verb not in offered:
        text = f"This method is not offered here; offered: {', '.join(offered)}."
        raise Refusal(405, SCOPE, text)
    if len(names) == len(ids):
        return Operation(verb, names, ids, VIEWS[names[0]], ids[0])
    if verb == "POST":
        return Operation(verb, names, ids, View(POSTED[names]))
    return Operation(verb, names, ids, _listed(service, names, ids))


def verbs(service: str, names: Names, *, is_single: bool) -> tuple[str, ...]:
    """What may be done with a path of these names, with an id at its end or without."""
    views, below = _of(service)
    if is_single:
        writes = ("PUT", "DELETE") if names[:1] and names[0] in WRITABLE else ()
        return ("GET", *writes) if len(names) == 1 and names[0] in views else ()
    if len(names) == 1:
        return ("GET",) if names[0] in views else ()
    reads = ("GET",) if names in below else ()
    return (*reads, "POST") if service == GRADEBOOK and names in POSTED else reads


def forms(service: str) -> tuple[tuple[str, str], ...]:
    """Method and form of every operation of a service."""
    views, below = _of(service)
    listings = [(name,) for name in views] + list(below)
    if service == GRADEBOOK:
        listings += [names for names in POSTED if names not in below]
    made = [
        (verb, "/{}/".join(names))
        for names in listings
        for verb in verbs(service, names, is_single=False)
    ]
    singles = [
        (verb, f"{name}/{{}}") for name in views for verb in verbs(service, (name,), is_single=True)
    ]
    return tuple(made + singles)


def scopes(verb: str, names: Names) -> tuple[str, ...]:
    """The scopes of which any allows the operation on this path."""
    family = "assessment" if names[0].startswith("assessment") else "gradebook"
    if verb != "GET":
        return (f"{family}.{_WRITES[verb]}",)
    if names[-1] in _GRADEBOOK_VIEWS:
        core = len(names) == 1 and family == "gradebook"
        return (f"{family}.readonly", *((f"{family}-core.readonly",) if core else ()))
    if names == ("demographics",):
        return ("roster-demographics.readonly",)
    return ("roster.readonly", *(("roster-core.readonly",) if len(names) == 1 else ()))


def _all_scopes() -> frozenset[str]:
    operations = [(verb, form) for one in (ROSTERING, GRADEBOOK) for verb, form in forms(one)]
    names = [(verb, tuple(form.split("/")[::2])) for verb, form in operations]
    return frozenset(scope for verb, path in names for scope in scopes(verb, path))


def _of(service: str) -> tuple[Mapping[str, View], Mapping[Names, tuple[str, tuple[Below, ...]]]]:
    if service == ROSTERING:
        return _ROSTER_VIEWS, _ROSTER_BELOW
    if service == GRADEBOOK:
        return _GRADEBOOK_VIEWS, _GRADEBOOK_BELOW
    late = ("scoreScales", "assessmentLineItems", "assessmentResults")
    views = {name: view for name, view in VIEWS.items() if name not in late}
    below = {**_ROSTER_BELOW, **_GRADEBOOK_BELOW}
    return views, {names: found for names, found in below.items() if names[-1] not in late}


def _listed(service: str, names: Names, ids: tuple[str, ...]) -> View:
    if len(names) == 1:
        return VIEWS[names[0]]
    _, below = _of(service)
    name, conditions = below[names]
    view = VIEWS[name]
    made = tuple(Within(each.kind, ids[each.index], each.column) for each in conditions)
    return View(view.collection, view.within + made)


def _parent_view(names: Names, ids: tuple[str, ...], index: int) -> View:
    view = VIEWS[names[index]]
    column = _NESTED.get(names[index - 1 : index + 1]) if index else None
    if column is None:
        return view
    return View(view.collection, (*view.within, Within("cell", ids[index - 1], column)))


# The last parts of all scopes that some operation asks for.
SCOPES = _all_scopes()
