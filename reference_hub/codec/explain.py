"""Why an object is not valid, in words that name the schema's rule and never the object's data.

A name that the schema does not declare is data too: such elements and attributes are renamed in the
copy that is explained.

`xmlschema` is 75 times slower than lxml and takes a second to load a model, so it is imported and
loaded at the first failure. Where it finds nothing, libxml2's message is told without the values
that it quotes.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.lines import Steps, line_of
from reference_hub.codec.verdict import Problem
from reference_hub.codec.xml import children, local_name
from reference_hub.codec.xsd import lax_copy

MOST_PROBLEMS = 5
UNKNOWN = "an element the schema does not know"
_STRANGER = "unknown-to-the-schema"
_XSI_NAMES = frozenset({"nil", "type", "schemaLocation", "noNamespaceSchemaLocation"})
_MOST_WORDS = 40
_MOST_ERRORS = 40
# xmlschema takes time in the square of the wrong children: 4 s for 32,000 of them, under a lock.
_MOST_NODES = 5000
_NAMED_ATTRIBUTE = re.compile(r"^attribute ([^\s=]+)=")
_FOREIGN_ATTRIBUTE = re.compile(r"^'([^']+)' attribute not allowed")
_MISSING_ATTRIBUTE = re.compile(r"^missing required attribute:? '([^']+)'")
# Greedy up to the last verb: a value may itself hold quotes, as O'Brien does.
_QUOTED_VALUE = re.compile(
    r"(?:The (?:(?:actual |QName )?value|type definition) |^)'.*'"
    r"(?= (?:is|has|exceeds|of|does) |, specified )",
    re.DOTALL,
)
_KEY_SEQUENCE = re.compile(r"key-sequence \[.*\](?= (?:in|of) )", re.DOTALL)
_FOREIGN_NAME = re.compile(r"The attribute '[^']*'(?= is not allowed)")
_ABOUT = re.compile(r"^Element '[^']*'(?:, attribute '([^']*)')?: ")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)\.")
_NAMESPACE = re.compile(r"\{[^{}']*[:/][^{}']*\}")
_FACETS: dict[str, Callable[[Any], str]] = {
    "XsdEnumerationFacets": lambda facet: f"one of {_words(map(str, facet.enumeration))}",
    "XsdPatternFacets": lambda facet: f"the pattern {' or '.join(facet.regexps)}",
    "XsdLengthFacet": lambda facet: f"exactly {_many(facet.value, 'character')}",
    "XsdMinLengthFacet": lambda facet: f"at least {_many(facet.value, 'character')}",
    "XsdMaxLengthFacet": lambda facet: f"at most {_many(facet.value, 'character')}",
    "XsdMinInclusiveFacet": lambda facet: f"a value of at least {facet.value}",
    "XsdMaxInclusiveFacet": lambda facet: f"a value of at most {facet.value}",
    "XsdMinExclusiveFacet": lambda facet: f"a value above {facet.value}",
    "XsdMaxExclusiveFacet": lambda facet: f"a value below {facet.value}",
    "XsdTotalDigitsFacet": lambda facet: f"at most {_many(facet.value, 'digit')}",
    "XsdFractionDigitsFacet": lambda facet: f"at most {_many(facet.value, 'decimal')}",
}


class Explainer:
    """The second opinion of one schema file; safe to share between threads."""

    def __init__(self, entry: Path | str, names: frozenset[str], *, lax: bool) -> None:
        """`entry`: a file, or the text of a schema. `names`: what the schema declares. `lax`:
        explain by the lax form of the file."""
        self._entry = entry
        self._names = names | _XSI_NAMES
        self._lax = lax
        self._schema: Any = None
        self._lock = Lock()

    def explain(self, element: _Element, log: Iterable[Any]) -> tuple[Problem, ...]:
        """At most five problems of an element that lxml refused; `log` is lxml's error log."""
        alone = bare(element)
        # Before the renaming, because libxml2's paths hold names.
        listed = [
            (_node(alone, entry.path), str(entry.message)) for entry in islice(log, _MOST_ERRORS)
        ]
        _disguise(alone, self._names)
        with self._lock:
            told = list(islice(_distinct(self._told(alone, _nexts(listed))), MOST_PROBLEMS))
        found = told or islice(_distinct(_logged(listed, self._names)), MOST_PROBLEMS)
        return tuple(sorted(found, key=lambda problem: problem.steps))

    def _told(self, element: _Element, nexts: Mapping[Steps, list[str]]) -> Iterator[Problem]:
        import xmlschema

        if sum(1 for _ in islice(element.iter(etree.Element), _MOST_NODES + 1)) > _MOST_NODES:
            return
        try:
            schema = self._schema = self._schema or self._load()
            for error in islice(schema.iter_errors(element), _MOST_ERRORS):
                yield from _read(error, nexts)
        except (xmlschema.XMLSchemaException, RecursionError):
            return

    def _load(self) -> Any:
        import xmlschema

        with (
            self._source() as entry,
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            return xmlschema.XMLSchema(str(entry), allow="local")

    def _source(self) -> AbstractContextManager[Path | str]:
        lax = self._lax and isinstance(self._entry, Path)
        return lax_copy(Path(self._entry)) if lax else nullcontext(self._entry)


def bare(element: _Element) -> _Element:
    """A copy without comments and processing instructions: xmlschema's text ends at the first."""
    alone = deepcopy(element)
    alone.tail = None
    etree.strip_tags(alone, etree.Comment, etree.ProcessingInstruction)
    return alone


def _disguise(element: _Element, names: frozenset[str]) -> None:
    for node in element.iter(etree.Element):
        home, brace, name = str(node.tag).rpartition("}")
        if name not in names:
            node.tag = f"{home}{brace}{_STRANGER}"
        for attribute in map(str, node.attrib):
            if _bare(attribute) not in names:
                del node.attrib[attribute]
                node.set(_STRANGER, "")


def kind_of(value: str) -> str:
    """What may be told of a value: its kind and its length."""
    if not value.strip():
        return "nothing" if not value else "only white space"
    if value.isdigit():
        return f"a number of {_many(len(value), 'digit')}"
    kind = "word" if value.isalpha() else "text"
    return f"a {kind} of {_many(len(value), 'character')}"


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def place(element: _Element) -> tuple[str, tuple[int, ...]]:
    """Path and steps of an element within its tree: `/xStudent/otherIds/otherId[2]`, (1, 1)."""
    names: list[str] = []
    steps: list[int] = []
    node: _Element | None = element
    while node is not None:
        parent = node.getparent()
        siblings = children(parent) if parent is not None else [node]
        steps.append(siblings.index(node))
        alike = [sibling for sibling in siblings if sibling.tag == node.tag]
        number = f"[{alike.index(node) + 1}]" if len(alike) > 1 else ""
        names.append(_shown(local_name(node)) + number)
        node = parent
    return "/" + "/".join(reversed(names)), tuple(reversed(steps[:-1]))


def _at(node: _Element, expected: str, attribute: str = "") -> Problem:
    path, steps = place(node)
    path += f"/@{_shown(_bare(attribute))}" if attribute else ""
    return Problem(line_of(node), path, expected, steps)


def _read(error: Any, nexts: Mapping[Steps, list[str]]) -> Iterator[Problem]:
    node = error.elem
    if node is None:
        return
    if hasattr(error, "particle"):
        yield _child(error, node, nexts)
    elif type(error.validator).__name__ == "XsdAttributeGroup":
        yield from _attribute(str(error.reason), node)
    elif isinstance(error.obj, str):
        named = _NAMED_ATTRIBUTE.match(str(error.reason))
        expected = f"{_rule(error.validator)}; found {kind_of(error.obj)}"
        yield _at(node, expected, named.group(1) if named else "")
    elif str(error.reason).startswith("character data"):
        yield _at(node, "child elements only; found text between them")


def _child(error: Any, parent: _Element, nexts: Mapping[Steps, list[str]]) -> Problem:
    names = [name for name in (_called(particle) for particle in error.expected or ()) if name]
    inner = children(parent)
    # xmlschema points behind the last child when something is missing at the end.
    if error.index >= len(inner):
        return _at(parent, f"{_choice(names) or 'a further element'} before its end")
    found = inner[error.index]
    wanted = _choice(names or nexts.get(place(found)[1], []))
    wanted = wanted or "no further element"
    name = local_name(found)
    return _at(found, f"{wanted} here; found {UNKNOWN if name == _STRANGER else name}")


def _shown(name: str) -> str:
    return "*" if name == _STRANGER else name


def _choice(names: Sequence[str]) -> str:
    return f"one of {_words(names)}" if len(names) > 1 else "".join(names)


def _nexts(log: Iterable[tuple[_Element, str]]) -> dict[Steps, list[str]]:
    # Where every child is optional xmlschema does not say what could have stood there; lxml does.
    nexts: dict[Steps, list[str]] = {}
    for node, message in log:
        if found := _EXPECTED.search(message):
            names = _NAMESPACE.sub("", found.group(1)).split(", ")
            nexts[place(node)[1]] = [name for name in names if not name.startswith("##")]
    return nexts


def _called(particle: Any) -> str:
    return str(getattr(particle, "local_name", "") or "")


def _attribute(reason: str, node: _Element) -> Iterator[Problem]:
    if foreign := _FOREIGN_ATTRIBUTE.match(reason):
        yield _at(node, "no attribute of this name", foreign.group(1))
    elif missing := _MISSING_ATTRIBUTE.match(reason):
        yield _at(node, "this attribute; it is required and missing", missing.group(1))


def _rule(validator: Any) -> str:
    facet = _FACETS.get(type(validator).__name__)
    if facet is not None:
        return facet(validator)
    name = getattr(validator, "prefixed_name", None) or getattr(validator, "local_name", None)
    return f"a value of type {name}" if name else "a value that the schema allows"


def _words(words: Iterable[str]) -> str:
    every = list(words)
    more = f" ... ({len(every)} in all)" if len(every) > _MOST_WORDS else ""
    return ", ".join(every[:_MOST_WORDS]) + more


def _bare(name: str) -> str:
    return name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:").rpartition("}")[2]


def _distinct(problems: Iterable[Problem]) -> Iterator[Problem]:
    # A surplus child makes xmlschema complain of each sibling after it: the first tells all.
    seen: set[tuple[str, str]] = set()
    for problem in problems:
        child = problem.expected.rpartition("; found ")[0].endswith(" here")
        key = (problem.path.rpartition("/")[0], "child") if child else (problem.path, "")
        if key not in seen:
            seen.add(key)
            yield problem


def _logged(log: Iterable[tuple[_Element, str]], names: frozenset[str]) -> Iterator[Problem]:
    for node, message in log:
        about = _ABOUT.match(message)
        attribute = (about.group(1) or "") if about else ""
        known = not attribute or _bare(attribute) in names
        yield _at(node, scrub(message), attribute if known else _STRANGER)


def _node(element: _Element, path: str | None) -> _Element:
    prefixes = {
        prefix: uri
        for node in (element.iter(etree.Element) if ":" in (path or "") else ())
        for prefix, uri in node.nsmap.items()
        if prefix
    }
    found = element.xpath(path, namespaces=prefixes) if path else []
    return found[0] if isinstance(found, list) and found else element  # type: ignore[return-value]


def scrub(message: str) -> str:
    """libxml2's message without the values it quotes and without namespaces."""
    plain = _ABOUT.sub("", message)
    plain = _QUOTED_VALUE.sub("The value", plain)
    plain = _FOREIGN_NAME.sub("The attribute", plain)
    plain = _KEY_SEQUENCE.sub("key-sequence", plain)
    return _NAMESPACE.sub("", plain).strip()
