"""Random PODs over random districts, and what of a district each of them lets out.

The reckoning of what may leave shares no code with the filter but the data models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from lxml import etree
from lxml.etree import _Element

from fixtures import pods, standards
from fixtures.canary import Sighting
from fixtures.district.plan import Plan
from fixtures.leaves import is_within, values
from fixtures.sightings import Reader
from fixtures.writers import notation
from fixtures.writers.models import MODELS
from fixtures.writers.tree import Node
from reference_hub.codec.xml import fold, parse, tostring
from reference_hub.model.pod import Condition
from reference_hub.privacy.filter import CONTAINERS, Grants
from reference_hub.privacy.forms import Form, form_of

STUDENTS, SCHOOLS = 3, 1
# Of long lists so many objects are enough.
MOST = 5
KEY = b"secret of the first vendor"
_WORD = re.compile("[A-Za-z]{13}")
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(0|90|7|C0|5|99|T|D)(\d{8}|\d{10})(?![0-9A-Za-z])")
_REFID = re.compile(r"[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
_PEOPLE = {"student": "StudentPersonal", "contact": "StudentContactPersonal"}


@dataclass(frozen=True)
class District:
    """A small district in one data model: the objects of each collection."""

    model: str
    seed: int
    collections: dict[str, tuple[Node, ...]]

    @property
    def namespace(self) -> str:
        """The namespace of its objects."""
        return MODELS[self.model].namespace

    def nodes(self) -> Iterator[Node]:
        """All objects."""
        for nodes in self.collections.values():
            yield from nodes


@dataclass(frozen=True)
class Drawn:
    """A district and what a vendor may have of it."""

    district: District
    grants: Grants


@cache
def district(model: str, seed: int) -> District:
    """The district of a seed; the awkward people of larger ones are not in it."""
    collections = MODELS[model].collections(Plan(seed, STUDENTS, SCHOOLS))
    found = {name: tuple(nodes)[:MOST] for name, nodes in collections.items()}
    return District(model, seed, {name: nodes for name, nodes in found.items() if nodes})


@cache
def reader(seed: int) -> Reader:
    """Reads the canaries of a district."""
    return Reader(seed, STUDENTS, SCHOOLS)


@cache
def paths_of(model: str, seed: int) -> tuple[str, ...]:
    """Every path of a district, also those that end above a value."""
    found = dict[str, None]()
    for node in district(model, seed).nodes():
        for path, _ in values(node):
            steps = path.split("/")
            found.update(dict.fromkeys("/".join(steps[:end]) for end in range(1, len(steps) + 1)))
    return tuple(found)


def drawn(number: int) -> Drawn:
    """Case `number`: the same one everywhere and always."""
    rng = Random(f"no leak {number}")
    model = rng.choice(sorted(MODELS))
    found = district(model, rng.randrange(8))
    conditions = tuple(_conditions(rng, found)) if rng.random() < 0.6 else ()
    return Drawn(found, Grants(_paths(rng, found), conditions, _excluded(rng, found), KEY))


def _paths(rng: Random, found: District) -> tuple[str, ...]:
    known = paths_of(found.model, found.seed)
    keys = [
        path for path in known if path.endswith(("/@refId", "/@RefId")) and path.count("/") == 1
    ]
    some = rng.sample(known, rng.randint(0, min(60, len(known))))
    if rng.random() < 0.3:
        style: pods.Style = "unity" if found.model in ("unity-4.3", "au-3.4") else "xpress"
        rows = rng.sample(pods.exhibit_b(), rng.randint(1, 12))
        some = [
            p for row in rows for p in (row.xpress_paths if style == "xpress" else row.unity_paths)
        ]
    return tuple(dict.fromkeys((*(keys if rng.random() < 0.8 else ()), *some)))


def _conditions(rng: Random, found: District) -> Iterator[Condition]:
    known = paths_of(found.model, found.seed)
    pairs = [pair for node in found.nodes() for pair in values(node)]
    for _ in range(rng.randint(1, 4)):
        kind = rng.choice(
            ("ROW_FILTER", "DELETE", "DELETE", "NULL", "MASK", "HASH", "GENERALISE", "PURPOSE")
        )
        path, value = rng.choice(pairs)
        if kind == "ROW_FILTER":
            yield Condition(kind, path, rng.choice(("in", "not-in", "eq", "ne")), value)
        elif kind == "GENERALISE":
            op = rng.choice(("year", "month", "prefix"))
            yield Condition(kind, path, op, "3" if op == "prefix" else "")
        elif kind == "HASH":
            own = [one for one in known if one.endswith(("/@refId", "/@RefId"))]
            yield Condition(kind, rng.choice((path, rng.choice(own))))
        else:
            yield Condition(kind, rng.choice((path, rng.choice(known))))
    if rng.random() < 0.03:
        yield Condition(rng.choice(("ENCRYPT", "SHRED")), rng.choice(known))


def _excluded(rng: Random, found: District) -> frozenset[str]:
    if rng.random() < 0.7:
        return frozenset()
    texts = {text for node in found.nodes() for _, text in values(node) if _REFID.fullmatch(text)}
    seen = {text: reader(found.seed).refid(text) for text in sorted(texts)}
    people = [one for one, at in seen.items() if at and at.kind in ("student", "contact", "staff")]
    return frozenset({fold(rng.choice(people))}) if people else frozenset()


def elements(found: Iterable[Node], namespace: str) -> list[_Element]:
    """Objects as the hub reads them."""
    return [parse(tostring(notation.element(node, namespace))) for node in found]


def sightings(seed: int, text: str) -> Iterator[Sighting]:
    """The canaries of a district in a text, without knowing where they could stand."""
    read = reader(seed)
    for word in _WORD.findall(text):
        yield from filter(None, [read.word(word)])
    for prefix, digits in _NUMBER.findall(text):
        yield from filter(None, [read.number(prefix, digits)])
    for refid in _REFID.findall(text):
        yield from filter(None, [read.refid(refid)])


# --- what may leave, reckoned on the tree of the fixtures -------------------------------------


def kept(node: Node, case: Drawn) -> Node | None:
    """What of an object is granted, in the absence of conditions that change values."""
    grants, (tag, _, _) = case.grants, node
    if not _admitted(node, grants) or _withheld(tag, grants):
        return None
    if any(fold(text) in grants.excluded for _, text in values(node)):
        return None
    form = form_of(case.district.namespace, tag)
    return _kept(node, tag, grants, form)


def opened(path: str, grants: Grants) -> bool:
    """Whether a path is granted; a grant further up does not open a container."""
    above = (path[: -len(rest)].rstrip("/") if rest else path for rest in _ends(path))
    return any(one in grants.paths for one in above)


def _ends(path: str) -> Iterator[str]:
    """What follows a grant of the path or of one above it, from the inside out."""
    steps = path.split("/")
    for start in range(len(steps), 0, -1):
        yield "/".join(steps[start:])
        if steps[start - 1] in CONTAINERS:
            return


def _kept(node: Node, path: str, grants: Grants, form: Form | None) -> Node | None:
    tag, attributes, content = node
    granted = opened(path, grants)
    if _covered(path, "DELETE", grants):
        return None
    open_names = {
        name: text
        for name, text in attributes.items()
        if opened(f"{path}/@{name}", grants) and not _covered(f"{path}/@{name}", "DELETE", grants)
    }
    inside: str | tuple[Node, ...] | None = content
    if isinstance(content, tuple):
        found = (
            _kept(child, f"{path}/{child[0]}", grants, form.below(child[0]) if form else None)
            for child in content
        )
        inside = tuple(one for one in found if one)
    elif not granted:
        inside = () if not form or not form.text or form.text.fits("") else None
        if inside is None or not open_names:
            return None
    if not (granted or open_names or inside):
        return None
    names = {f"@{name}" for name in open_names} | _names(inside)
    before = {f"@{name}" for name in attributes} | _names(content)
    needed = form.required if form else ()
    return None if any(name in before - names for name in needed) else (tag, open_names, inside)


def _names(content: str | tuple[Node, ...] | None) -> set[str]:
    return {child[0] for child in content} if isinstance(content, tuple) else set()


def _covered(path: str, kind: str, grants: Grants) -> bool:
    return is_within(path, [one.path for one in grants.conditions if one.kind == kind])


def _withheld(tag: str, grants: Grants) -> bool:
    wrong = [one for one in grants.conditions if one.kind in ("ENCRYPT", "SHRED")]
    return any(is_within(one.path, [tag]) for one in wrong)


def _admitted(node: Node, grants: Grants) -> bool:
    for one in grants.conditions:
        if one.kind == "ROW_FILTER" and is_within(one.path, [node[0]]):
            found = {
                text.strip() for path, text in values(node) if path == one.path and text.strip()
            }
            is_list = one.op in ("in", "not-in")
            words = {w.strip() for w in one.value.split(",")} if is_list else {one.value.strip()}
            if bool(found & words) != (one.op in ("in", "eq")):
                return False
    return True


def may_leave(case: Drawn) -> set[Sighting]:
    """The canaries that stand at a granted place where no condition hides them."""
    grants, found = case.grants, set[Sighting]()
    hiding = ("DELETE", "NULL", "MASK", "HASH")
    for node in case.district.nodes():
        if not _admitted(node, grants) or _withheld(node[0], grants):
            continue
        for path, text in values(node):
            hidden = any(_covered(path, kind, grants) for kind in hiding)
            if opened(path, grants) and not hidden:
                found.update(sightings(case.district.seed, text))
    gone = {reader(case.district.seed).refid(one) for one in grants.excluded}
    return {
        one
        for one in found - gone
        if one.element != "RefId" or one.kind not in hidden_kinds(grants)
    }


def hidden_kinds(grants: Grants) -> set[str]:
    """The kinds of people of whom only pseudonyms may be seen, by the ids that are hashed."""
    known = {"xStudent": "student", "StudentPersonal": "student", "xContact": "contact"}
    known |= {"StudentContactPersonal": "contact", "xStaff": "staff", "StaffPersonal": "staff"}
    hashed = [one.path for one in grants.conditions if one.kind == "HASH"]
    return {
        kind
        for name, kind in known.items()
        if any(is_within(f"{name}/@{key}", hashed) for key in ("refId", "RefId"))
    }


@cache
def schema(model: str) -> etree.XMLSchema:
    """The kit's own schema of a model."""
    content = standards.schema_path(MODELS[model].schema).read_bytes()
    return etree.XMLSchema(etree.fromstring(content))
