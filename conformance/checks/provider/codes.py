"""Which codes a data model has for grades, sexes, races and countries, by the end of their path.

Sources: the published schemas of NA 3.3, Unity 4.3 and AU 3.4.8 where they enumerate; for the
classic objects of Unity, whose lists are open, the lists that SIF 2.8 had. A value that names
another list in its attribute `Codeset` is of that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from conformance import trees

Codes = Mapping[str, re.Pattern[str]]
_TWO_LETTERS = re.compile(r"[A-Z]{2}")
_XPRESS: Codes = {
    "gradelevel": re.compile(r"(0[1-9]|1[0-3]|IT|PR|PK|TK|KG|PS|UG|Other)"),
    "sex": re.compile(r"(Male|Female|NotSelected|M|F|U|X)"),
    "countrycode": _TWO_LETTERS,
    "primaryindicator": re.compile(r"(true|false|0|1)"),
}
_CLASSIC: Codes = {
    **_XPRESS,
    "gradelevel/code": re.compile(r"(0[1-9]|1[0-2]|PK|KG|PG|UN|Other|Unknown)"),
    "demographics/gender": re.compile(r"[MFUX]"),
    "race/code": re.compile(r"(099[89]|100[0-2])"),
    "address/country": _TWO_LETTERS,
    "demographics/countryofbirth": _TWO_LETTERS,
}
_AU: Codes = {
    "demographics/sex": re.compile(r"[12349]"),
    "yearlevel/code": re.compile(
        r"(\d|1[0-3]|K|P|K3|K4|CC|PS|UG|11MINUS|12PLUS|UG(JunSec|Pri|Sec|SnrSec))"
    ),
    "address/country": re.compile(r"\d{4}"),
    "demographics/countryofbirth": re.compile(r"\d{4}"),
}


def codes_of(element: etree._Element) -> Codes:
    """The codes of the model that an object is of; an xPress object begins with a small x."""
    if "/datamodel/au/" in trees.namespace(element):
        return _AU
    return _XPRESS if trees.local(element).startswith("x") else _CLASSIC


def coded(element: etree._Element) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    """Path, value and codes of each value of an object that has to be a code of its model."""
    known, told = codes_of(element), list(trees.leaves(element))
    elsewhere = {path.removesuffix("/@Codeset") for path, _ in told if path.endswith("/@Codeset")}
    for path, value in told:
        *_, parent, last = ("", *re.sub(r"\[\d+\]", "", path).casefold().split("/"))
        wanted = known.get(last) or known.get(f"{parent}/{last}")
        if wanted is not None and path not in elsewhere:
            yield path, value, wanted
