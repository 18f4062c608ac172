"""Members of classic lists, each of a kind that no other member has, and the lists of xPress.

A kind is an attribute with a code of the traditional list, or a word and the name of the list that
it is from. Source: Unity 4.3, PhoneNumberList, AddressList, EmailList, OtherIdList, OtherNames.
What stands where the kind is not known is a profile rule of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from fixtures import codesets
from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import UNKNOWN_CODE
from reference_hub.translate.functions_plain import NOT_A_CODE
from reference_hub.translate.ledger import NARROWED, UNMAPPED_CODE

# Name of the list behind a word that the traditional list of the element does not have.
XPRESS = "xPress"
# The attribute is mandatory: this says that the kind is not known, it is no code.
UNSPECIFIED = "Unspecified"
MAIL = "emailtype"
_NUMBERED = re.compile(r"(.*?)(?: \d+)?")
_ORDER = re.compile(r"Primary|Alternate\d*")
NAME_OF_RECORD = "04"


def nothing(_call: Call) -> Written:
    """Write nothing: the value stands elsewhere, or is read only."""
    return Written()


@cache
def _parsed(argument: str) -> tuple[str, Mapping[str, str]]:
    name, *extra = (each.strip() for each in argument.split(","))
    return name, dict(each.split("=", 1) for each in extra)


def _arguments(call: Call) -> tuple[str, Mapping[str, str]]:
    name, more = _parsed(call.argument)
    return name, {**call.codes, **more} if more else call.codes


def _word_of(name: str, value: str | None) -> str:
    return codesets.words(name, "canonical", "sif_xpress").get(value or "", "")


def _names(code: str, word: str) -> Iterator[str]:
    if code:
        yield code
    yield word
    number = 2
    while True:
        yield f"{word} {number}"
        number += 1


def _kinds(call: Call) -> Iterator[tuple[Mapping[str, str], str, bool]]:
    """Each member with the name of its kind and whether that is a code or rule of the classics."""
    name, codes = _arguments(call)
    field, _, member = call.fields[0].partition(".")
    items = call.record.get(field)
    taken: set[str] = set()
    for number, item in enumerate(items if isinstance(items, list) else []):
        if not isinstance(item, dict):
            continue
        kind = item.get(member)
        code, word = codes.get(kind or "", ""), _word_of(name, kind)
        if name == MAIL and not word:
            code = f"Alternate{number}" if number else "Primary"
        free = next(each for each in _names(code, word or UNSPECIFIED) if each not in taken)
        taken.add(free)
        yield item, free, free == code or not word


def _kind_read(call: Call) -> Read:
    if not call.values:
        return Read()
    name, codes = _arguments(call)
    text = call.values[0].strip()
    if text == UNSPECIFIED or (name == MAIL and _ORDER.fullmatch(text)):
        return Read()
    meanings = {**call.meanings, **{code: kind for kind, code in codes.items()}}
    if text in meanings:
        return Read(meanings[text])
    match = _NUMBERED.fullmatch(text)
    word = match[1] if match else text
    if word == UNSPECIFIED:
        return Read()
    return Read(codesets.words(name, "sif_xpress", "canonical").get(word) or UNKNOWN_CODE + text)


@function("kind", read=_kind_read)
def kind(call: Call) -> Written:
    """Write the kind of a member: code, word, or word with a number when the word is taken."""
    found = next((free for item, free, _ in _kinds(call) if item is call.it), UNSPECIFIED)
    value = call.value
    lost = isinstance(value, str) and not _word_of(_arguments(call)[0], value)
    return Written(found, (Note(UNMAPPED_CODE, NOT_A_CODE),) if lost else ())


@function("kind_list")
def kind_list(call: Call) -> Written:
    """Name the list of a kind that is a word."""
    own = next((classic for item, _, classic in _kinds(call) if item is call.it), True)
    return Written(None if own else XPRESS)


@function("name_kind", read=_kind_read)
def name_kind(call: Call) -> Written:
    """Write the kind of the main name: a name of record unless another kind is known."""
    value = call.value
    if value is None:
        return Written(NAME_OF_RECORD)
    name, codes = _arguments(call)
    found = codes.get(value) or _word_of(name, value)
    if found:
        return Written(found)
    return Written(UNSPECIFIED, (Note(UNMAPPED_CODE, NOT_A_CODE),))


@function("name_kind_list")
def name_kind_list(call: Call) -> Written:
    """Name the list of a main name's kind that is a word."""
    name, codes = _arguments(call)
    word = call.value is not None and not codes.get(call.value) and _word_of(name, call.value)
    return Written(XPRESS if word else None)


def _main_language(call: Call) -> Read:
    codes, uses = call.values
    item: dict[str, str] = {}
    if uses:
        item["use"] = call.meanings.get(uses[0].strip(), UNKNOWN_CODE + uses[0].strip())
    if codes:
        item["code"] = " ".join(codes[0].split())
    return Read([item]) if item else Read()


# All languages are written as members of the list; the main one is read before them.
function("main_language", read=_main_language, all_places=True)(nothing)


def _messages_read(call: Call) -> Read:
    texts, notes = [], []
    for place, node in enumerate(call.values):
        text = node if isinstance(node, str) else str(node.get("", ""))
        severity = "" if isinstance(node, str) else str(node.get("@Severity", "Unknown"))
        texts.append(text)
        if severity not in ("", "Unknown"):
            notes.append(Note(NARROWED, "how severe it is has no field", item=place))
    return Read([each for each in texts if each] or None, tuple(notes))


@function("messages", read=_messages_read, raw=True)
def messages(call: Call) -> Written:
    """Write alerts whose severity is not known."""
    values = call.value if isinstance(call.value, list) else []
    return Written([{"@Severity": "Unknown", "": each} for each in values] or None)
