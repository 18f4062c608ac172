"""A small grammar for XML content: enough to judge a student and a POD without a schema file.

A rule reads `Type: child=Kind child?=Kind child*=Kind`, its children in their order: one, at most
one, any number. A kind is another rule, a simple type of SIMPLE, or the words allowed,
`A|B`; a long list of words has a line of its own, `Type: A|B`. As in the published schemas, what
may be absent may also be nil.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from lxml import etree

from conformance.simulators.problems import Malformed

XSI = "http://www.w3.org/2001/XMLSchema-instance"
NIL = f"{{{XSI}}}nil"
_HINTS = (f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation")
_ZONE = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_DATE = re.compile(rf"(\d{{4}}-\d\d-\d\d){_ZONE}")

Check = Callable[[str], bool]


def _pattern(expression: str) -> Check:
    compiled = re.compile(expression, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """Whether the text is an xs:date of a real day, with or without a zone."""
    match = _DATE.fullmatch(text)
    try:
        return match is not None and bool(date.fromisoformat(match[1]))
    except ValueError:
        return False


is_refid = _pattern("[0-9A-Fa-f-]{32,36}")
is_uuid = _pattern(
    "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[14][0-9A-Fa-f]{3}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
)

SIMPLE: Mapping[str, Check] = {
    "text": lambda _: True,
    "some": bool,
    "date": is_date,
    "year": _pattern(rf"-?(?!0000)(\d{{4}}|[1-9]\d{{4,}}){_ZONE}"),
    "boolean": _pattern("true|false|0|1"),
    "integer": _pattern(r"[+-]?\d+"),
    "decimal": _pattern(r"[+-]?(\d+(\.\d*)?|\.\d+)"),
    "refid": is_refid,
}


@dataclass(frozen=True, slots=True)
class Child:
    """One child of a rule. `check` judges its text; without one, `kind` names its rule."""

    name: str
    needed: bool
    many: bool
    kind: str
    check: Check | None


@dataclass(frozen=True, slots=True)
class Grammar:
    """Rules by name; one grammar describes the elements of one namespace."""

    rules: Mapping[str, tuple[Child, ...]]

    def is_list(self, kind: str) -> bool:
        """Whether the rule holds a repeating child."""
        return any(child.many for child in self.rules[kind])

    def judge(self, element: etree._Element, kind: str, *, partial: bool = False) -> None:
        """Raise Malformed at the first child that breaks the rule; `partial` forgives absence."""
        _refuse_text(element)
        space = element.tag[: element.tag.rfind("}") + 1]
        rest = list(reversed(element))
        for child in self.rules[kind]:
            tag = space + child.name
            found = False
            while rest and rest[-1].tag == tag and (child.many or not found):
                self._judge_child(rest.pop(), child, partial)
                found = True
            if child.needed and not found and not partial:
                raise Malformed(child.name, "is missing or stands at the wrong place")
        if rest:
            raise Malformed(_name(rest[-1]), "is not expected here")

    def _judge_child(self, element: etree._Element, child: Child, partial: bool) -> None:
        refuse_attributes(element, *(["refId"] if child.name == "xContact" else []))
        nil = element.get(NIL)
        if nil is not None and (child.needed or child.many or not SIMPLE["boolean"](trimmed(nil))):
            raise Malformed(child.name, "must not say nil here, or says it in other words")
        if is_nil(element):
            if len(element) or element.text:
                raise Malformed(child.name, "is nil and has content")
        elif child.check is None:
            self.judge(element, child.kind, partial=partial)
        elif len(element) or not child.check(collapsed(element)):
            raise Malformed(child.name, "has a value that is not allowed")


def is_nil(element: etree._Element) -> bool:
    """Whether the element says xsi:nil."""
    return trimmed(element.get(NIL)) in ("true", "1")


def trimmed(text: str | None) -> str:
    """The text without the white space of XML at its ends; other blanks are letters."""
    return (text or "").strip(" \t\r\n")


def collapsed(element: etree._Element) -> str:
    """Text with runs of white space made one blank and none at the ends (xs:token)."""
    return trimmed(re.sub("[ \t\r\n]+", " ", element.text or ""))


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2]


def refuse_attributes(element: etree._Element, *known: str) -> None:
    """Raise Malformed for an attribute beside these, nil and hints where a schema lies.

    Types are not known by name here, so xsi:type fits nowhere.
    """
    if set(element.attrib) - {*known, NIL, *_HINTS}:
        raise Malformed(_name(element), "has an attribute that is not expected")


def _refuse_text(element: etree._Element) -> None:
    texts = [element.text, *(child.tail for child in element)]
    if any(trimmed(text) for text in texts):
        raise Malformed(_name(element), "has text between its children")


def load_grammar(name: str) -> Grammar:
    """Read `rules/<name>.txt`; an indented line continues the rule above it."""
    text = files("conformance.simulators").joinpath("rules", f"{name}.txt").read_text("utf-8")
    pairs = [line.partition(": ") for line in text.replace("\n    ", " ").splitlines()]
    lists = {name: _one_of(words.replace(" ", "")) for name, _, words in pairs if "=" not in words}
    names = {name for name, _, _ in pairs} - set(lists)
    return Grammar(
        {
            name: tuple(_read_child(word, names, lists) for word in rule.split())
            for name, _, rule in pairs
            if name in names
        }
    )


def _one_of(words: str) -> Check:
    return frozenset(words.split("|")).__contains__


def _read_child(word: str, rules: set[str], lists: Mapping[str, Check]) -> Child:
    name, _, kind = word.partition("=")
    check: Check | None = None
    if kind not in rules:
        check = SIMPLE.get(kind) or lists.get(kind) or _one_of(kind)
    plain = name.rstrip("?*")
    return Child(plain, needed=plain == name, many=name.endswith("*"), kind=kind, check=check)
