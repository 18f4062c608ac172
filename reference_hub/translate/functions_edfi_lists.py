"""Functions of the Ed-Fi tables that write a whole list of objects from several fields.

An identification code, a language or a characteristic is an object of its own in Ed-Fi; in SIF they
are fields. Each kind has one place: a second of the same kind is noted, never put elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import UNKNOWN_CODE
from reference_hub.translate.edfi_words import SCED_AREAS, WORDS, uri, word_of
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED, UNMAPPED_CODE, WITHHELD

_LIMIT = 60
_LIMIT_6 = 120
_GIVER = "assigningOrganizationIdentificationCode"
_ONE_OF_A_KIND = "Ed-Fi has a place for one of the kind"
# Which word of the system a field of its own stands for.
_OWN_FIELDS = {
    "EducationOrganizationIdentificationSystem": {
        "LEA.localId": "LEA",
        "School.localId": "School",
        "stateId": "State",
        "ncesId": "NCES",
    },
    "CourseIdentificationSystem": {
        "code": "School",
        "districtCode": "LEA",
        "stateCode": "State",
        "scedCode": "SCED",
    },
    "StaffIdentificationSystem": {"stateId": "State"},
    "StudentIdentificationSystem": {"localId": "Local", "stateId": "State"},
}
# Never sent to anyone by this way (profile).
_NEVER = frozenset({"SSN"})

Item = dict[str, Any]


def items_in(value: Any) -> list[Mapping[str, str]]:
    """The items of a list field."""
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, Mapping)]


def texts_in(value: Any) -> list[str]:
    """The texts of a field, known ones only."""
    found = value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, str)]


# Identification codes


def _words_of(call: Call) -> Iterator[tuple[str, str, int, int]]:
    """Word, code, field and item of each identifier."""
    own = _OWN_FIELDS[call.argument]
    for place, (name, value) in enumerate(zip(call.fields, call.values, strict=True)):
        word = own.get(f"{call.entity}.{name}") or own.get(name)
        if word == "SCED" and isinstance(value, str):
            yield word, _whole_sced(call, value), place, -1
        elif word and isinstance(value, str):
            yield word, value, place, -1
        if name == "ids.value":
            for number, item in enumerate(items_in(call.record.get("ids"))):
                yield item.get("type", ""), item.get("value", ""), place, number


def _whole_sced(call: Call, code: str) -> str:
    """A SCED code with its subject area before it: two digits and three make the five of NCES."""
    area = call.record.get("subjectArea")
    is_part = isinstance(area, str) and re.fullmatch(r"\d\d", area) and re.fullmatch(r"\d{3}", code)
    return f"{area}{code}" if is_part else code


def _identifications_read(call: Call) -> Read:
    member = _member(call.argument)
    own = _OWN_FIELDS[call.argument]
    fields = {word: name.rpartition(".")[2] for name, word in own.items() if _is_mine(call, name)}
    found: dict[str, Any] = {}
    others: list[dict[str, str]] = []
    for node in call.values:
        if not isinstance(node, Mapping) or "identificationCode" not in node:
            continue
        word = word_of(call.argument, str(node.get(member, "")))
        value = str(node["identificationCode"])
        if word in fields and fields[word] not in found:
            found[fields[word]] = value
            if word == "SCED" and re.fullmatch(r"\d{5}", value):
                found |= {"subjectArea": value[:2], "scedCode": value[2:]}
        else:
            known = word in WORDS[call.argument]
            others.append({"type": word if known else UNKNOWN_CODE + word, "value": value})
    return Read({**found, **({"ids": others} if others else {})})


def _is_mine(call: Call, name: str) -> bool:
    entity, _, field = name.rpartition(".")
    return entity in ("", call.entity) and field in call.fields


@function("edfi_identifications", read=_identifications_read, raw=True)
def identifications(call: Call) -> Written:
    """Write identifiers as codes of the system that the argument names, one of each kind.

    Students' codes also say who assigned them: all come by way of the district (DS 5 wants it).
    """
    member, notes = _member(call.argument), list[Note]()
    found: dict[str, Item] = {}
    for word, value, place, number in _words_of(call):
        code = " ".join(value.split())
        system = WORDS[call.argument].get(word)
        fault = _fault(word, code, system)
        if fault:
            notes.append(Note(*fault, place, number))
        elif code and system and system in found:
            if number >= 0 or found[system]["identificationCode"] != code:
                notes.append(Note(MULTI_TO_ONE, _ONE_OF_A_KIND, place, number))
        elif code and system:
            item = {member: uri(call.argument, system), "identificationCode": code}
            found[system] = item | _giver(call)
            if word_of(call.argument, system) != word:
                text = "Ed-Fi does not tell this kind of id from others"
                notes.append(Note(NARROWED, text, place, number))
    return Written(list(found.values()) or None, tuple(notes))


def _member(system: str) -> str:
    return f"{system[0].lower()}{system[1:]}Descriptor"


def _fault(word: str, code: str, system: str | None) -> tuple[str, str] | None:
    if word in _NEVER:
        return WITHHELD, "this kind of id is never sent"
    if system is None:
        return UNMAPPED_CODE, "Ed-Fi has no system for this kind of id"
    return (NARROWED, f"longer than {_LIMIT} characters") if len(code) > _LIMIT else None


def _giver(call: Call) -> Item:
    if call.argument != "StudentIdentificationSystem":
        return {}
    numbers: Mapping[str, Any] = call.settings.get("organizations", {})
    told = [each for value in call.values[-2:] for each in texts_in(value) if each in numbers]
    return {_GIVER: str(numbers[told[0]])} if told else {}


def _one_code_read(call: Call) -> Read:
    """The field of the record that a code of one system stands for."""
    value, system = (
        str(call.values[0]),
        word_of(call.argument, str(call.node.get(_member(call.argument), ""))),
    )
    own = _OWN_FIELDS[call.argument]
    fields = {word: name.rpartition(".")[2] for name, word in own.items()}
    if system in fields:
        return Read({fields[system]: value})
    return Read({"ids": [{"type": system, "value": value}]})


@function("edfi_one_code", read=_one_code_read)
def one_code(call: Call) -> Written:
    """Write one identifier where each is a record of its own (Data Standard 6)."""
    code = " ".join(str(call.value).split())
    if len(code) > _LIMIT_6:
        return Written(None, (Note(NARROWED, f"longer than {_LIMIT_6} characters"),))
    return Written(code or None)


@function("edfi_one_system")
def one_system(call: Call) -> Written:
    """Write the system of one identifier: the argument names it and our word, or the word of the
    item. What never leaves has none."""
    system, _, word = call.argument.partition(",")
    word = word or str(call.value)
    fault = _fault(word, "", WORDS[system].get(word))
    if fault:
        return Written(None, (Note(*fault),))
    return Written(uri(system, WORDS[system][word]))


# Languages


def _languages_read(call: Call) -> Read:
    found: list[dict[str, str]] = []
    for node in call.values:
        if not isinstance(node, Mapping):
            continue
        code = word_of("Language", str(node.get("languageDescriptor", "")))
        uses = [each for each in node.get("uses", ()) if isinstance(each, Mapping)]
        for use in uses or [{}]:
            told = call.meanings.get(str(use.get("languageUseDescriptor", "")))
            found.append({"code": code, **({"use": told} if told else {})})
    return Read({"languages": found} if found else None)


@function("edfi_languages", read=_languages_read, raw=True)
def languages(call: Call) -> Written:
    """Write each language once with all its uses."""
    found: dict[str, Item] = {}
    notes: list[Note] = []
    for number, item in enumerate(items_in(call.record.get("languages"))):
        code = WORDS["Language"].get(item.get("code", ""))
        if code is None:
            notes.append(Note(UNMAPPED_CODE, "the language is not in the code set", item=number))
            continue
        entry = found.setdefault(code, {"languageDescriptor": uri("Language", code)})
        use = call.codes.get(item.get("use", ""))
        if use:
            uses = entry.setdefault("uses", [])
            if {"languageUseDescriptor": use} not in uses:
                uses.append({"languageUseDescriptor": use})
        elif item.get("use"):
            notes.append(Note(UNMAPPED_CODE, "the use is not in the code set", item=number))
    return Written(list(found.values()) or None, tuple(notes))


# Characteristics


def _characteristics_read(call: Call) -> Read:
    told = {
        word_of("StudentCharacteristic", str(node.get("studentCharacteristicDescriptor", "")))
        for node in call.values
        if isinstance(node, Mapping)
    }
    return Read(tuple("true" if name in told else None for name in call.fields))


@function("edfi_characteristics", read=_characteristics_read, raw=True)
def characteristics(call: Call) -> Written:
    """Write a word for each flag that is yes; a no cannot be said."""
    found: list[Item] = []
    notes: list[Note] = []
    for place, (name, value) in enumerate(zip(call.fields, call.values, strict=True)):
        if value == "true":
            word = WORDS["StudentCharacteristic"][name]
            found.append({"studentCharacteristicDescriptor": uri("StudentCharacteristic", word)})
        elif value is not None:
            notes.append(Note(NARROWED, "Ed-Fi lists a yes only", place))
    return Written(found or None, tuple(notes))


# Names and telephones


def _name_type_read(call: Call) -> Read:
    return Read(call.meanings.get(str(call.values[0])))


@function("edfi_other_name", read=_name_type_read)
def other_name(call: Call) -> Written:
    """Write the kind of a further name. Former names and aliases are private: they are sent only
    where the connection is set to `former_names` (profile)."""
    if call.value in ("PreviousLegalName", "Alias") and not call.settings.get("former_names"):
        return Written(None, (Note(WITHHELD, "former names and aliases are not sent"),))
    found = call.codes.get(call.value)
    return Written(found, () if found else (Note(UNMAPPED_CODE, "Ed-Fi has no such name"),))


def _texting_read(call: Call) -> Read:
    return Read("Text" if str(call.values[0]) == "true" else None)


@function("edfi_texting", read=_texting_read)
def texting(call: Call) -> Written:
    """Write that a number takes messages; Ed-Fi has no kind of number for it."""
    return Written(True if call.value == "Text" else None)


def _priority_read(call: Call) -> Read:
    return Read("true" if str(call.values[0]) == "1" else "false")


@function("edfi_priority", read=_priority_read)
def priority(call: Call) -> Written:
    """Write 1 for the primary one, 2 for one that is said not to be."""
    return Written({"true": 1, "false": 2}.get(call.value))


def _unlisted_read(call: Call) -> Read:
    return Read("false" if str(call.values[0]) == "true" else "true")


@function("edfi_unlisted", read=_unlisted_read)
def unlisted(call: Call) -> Written:
    """Write whether a number is not listed, the opposite of SIF's flag."""
    return Written({"true": False, "false": True}.get(call.value))


@function("edfi_main_address")
def main_address(call: Call) -> Written:
    """Write true for the first e-mail address, which SIF puts before the others."""
    known = items_in(call.record.get("emails"))
    return Written(True if known and known[0] is call.it else None)


# Words of several fields


def _subjects_read(call: Call) -> Read:
    told = [str(x.get("academicSubjectDescriptor", "")) for x in _nodes(call.values)]
    if not told:
        return Read()
    return Read((word_of("AcademicSubject", told[0]), *(None for _ in call.fields[1:])))


@function("edfi_subjects", read=_subjects_read, raw=True)
def subjects(call: Call) -> Written:
    """Write the subject as a list of one. Fields: subject ; subjectArea.

    Where the subject is not known, the area of its SCED code (two digits) tells it.
    """
    told, area = (call.values[0], call.values[1] if len(call.values) > 1 else None)
    found = WORDS["AcademicSubject"].get(told or "")
    notes: list[Note] = []
    if told and found is None:
        notes.append(Note(UNMAPPED_CODE, "not in the code set"))
    if found and word_of("AcademicSubject", found) != told:
        notes.append(Note(NARROWED, "Ed-Fi does not tell this subject from others"))
    if found is None and area and not told:
        found = SCED_AREAS.get(area)
        notes.append(Note(INFERRED, "the area of the SCED code tells the subject", 1))
    if area and "scedCode" not in call.record:
        notes.append(Note(NARROWED, "only the subject that it stands for is told", 1))
    item = {"academicSubjectDescriptor": uri("AcademicSubject", found)} if found else None
    return Written([item] if item else None, tuple(notes))


@function(
    "edfi_academic_subject", read=lambda call: Read(word_of("AcademicSubject", str(call.values[0])))
)
def academic_subject(call: Call) -> Written:
    """Like `subjects`, where the version has one subject and no list."""
    written = subjects(call)
    found = written.value[0]["academicSubjectDescriptor"] if written.value else None
    return Written(found, written.notes)


def _nodes(values: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [each for each in values if isinstance(each, Mapping)]
