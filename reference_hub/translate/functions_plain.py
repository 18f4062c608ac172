"""The named functions that serve any format."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any

from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.canonical import UNKNOWN_CODE, key_of
from reference_hub.translate.identity import minted
from reference_hub.translate.ledger import MULTI_TO_ONE, NARROWED, TRUNCATED, UNMAPPED_CODE

NOT_A_CODE = "the value is not in the code set"
NOT_ALONE = "the format has one code for this value and others"
NO_DAY = "the value is no calendar day"
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:T.*|Z|[+-]\d\d:\d\d)?")
_YEAR = re.compile(r"(\d{4})(?:Z|[+-]\d\d:\d\d)?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


def one(call: Call) -> tuple[Any, tuple[Note, ...]]:
    """The first value, and a note for each further one that has no place."""
    value = call.value
    if not isinstance(value, list):
        return value, ()
    distinct = list(dict.fromkeys(value))
    text = "only one value has a place"
    return distinct[0] if distinct else None, tuple(
        Note(MULTI_TO_ONE, text, item=place) for place in range(1, len(distinct))
    )


def one_text(call: Call) -> Read:
    """The first text as it stands."""
    values = call.values
    if len(values) < 2:
        return Read(values[0]) if values else Read()
    text = "only one value is read"
    further = [Note(MULTI_TO_ONE, text, item=place) for place in range(1, len(values))]
    return Read(values[0], tuple(further))


def _one_token(call: Call) -> Read:
    found = one_text(call)
    return Read(" ".join(str(found.value).split()), found.notes) if call.values else found


@function("text", read=one_text)
def text(call: Call) -> Written:
    """Write the value as it stands, cut at as many characters as the argument says."""
    value, notes = one(call)
    if value is None or not call.argument:
        return Written(value, notes)
    short, cut = shortened(value, int(call.argument))
    return Written(short, (*notes, *cut))


def shortened(value: str, limit: int) -> tuple[str, tuple[Note, ...]]:
    """A text cut after so many characters, never between a letter and its accent."""
    if len(value) <= limit:
        return value, ()
    note = Note(TRUNCATED, f"cut after {limit} characters")
    while limit and unicodedata.combining(value[limit]):
        limit -= 1
    return value[:limit], (note,)


@function("token", read=_one_token)
def token(call: Call) -> Written:
    """Write the value without blanks around it and with single blanks inside."""
    value, notes = one(call)
    if value is None:
        return Written(None, notes)
    short, cut = shortened(" ".join(value.split()), int(call.argument or 0) or len(value))
    return Written(short, (*notes, *cut))


def _texts(call: Call) -> Read:
    return Read(list(call.values)) if call.values else Read()


@function("texts", read=_texts)
def texts(call: Call) -> Written:
    """Write all values, each once."""
    value = call.value
    if value is None:
        return Written()
    return Written(list(dict.fromkeys(value if isinstance(value, list) else [value])))


def _joined(call: Call) -> Read:
    parts = [part.strip() for each in call.values for part in each.split(call.argument or ",")]
    return Read([part for part in parts if part]) if call.values else Read()


@function("joined", read=_joined)
def joined(call: Call) -> Written:
    """Write all values in one text with the argument between them."""
    found = texts(call).value
    return Written((call.argument or ",").join(found) if found else None)


@function("constant")
def constant(call: Call) -> Written:
    """Write the argument."""
    return Written(call.argument)


def _code_read(call: Call) -> Read:
    found = one_text(call)
    if not call.values:
        return found
    return Read(meaning(call, call.values[0]), found.notes)


def meaning(call: Call, code_text: str) -> str:
    """The canonical value of a code; one that is in no set is kept and marked."""
    code_text = code_text.strip()
    return call.meanings.get(code_text) or UNKNOWN_CODE + code_text


@function("code", read=_code_read)
def code(call: Call) -> Written:
    """Look the value up in the code set; a value that is not in it is left out, never replaced."""
    value, notes = one(call)
    if value is None:
        return Written(None, notes)
    found = call.codes.get(value)
    if found is None:
        return Written(None, (Note(UNMAPPED_CODE, NOT_A_CODE), *notes))
    if call.meanings.get(found, value) != value:
        notes = (Note(NARROWED, NOT_ALONE), *notes)
    return Written(found, notes)


def _codes_read(call: Call) -> Read:
    found = [meaning(call, each) for each in call.values]
    return Read(list(dict.fromkeys(found))) if found else Read()


@function("codes", read=_codes_read)
def codes(call: Call) -> Written:
    """Look each value up in the code set."""
    values = call.value if isinstance(call.value, list) else [call.value] if call.value else []
    notes = tuple(
        Note(UNMAPPED_CODE, NOT_A_CODE, item=place)
        for place, each in enumerate(values)
        if each not in call.codes
    )
    shared = tuple(
        Note(NARROWED, NOT_ALONE, item=place)
        for place, each in enumerate(values)
        if each in call.codes and call.meanings.get(call.codes[each], each) != each
    )
    found = list(dict.fromkeys(call.codes[each] for each in values if each in call.codes))
    return Written(found or None, (*notes, *shared))


_TRUTH = {"true": "true", "1": "true", "yes": "true", "y": "true"} | dict.fromkeys(
    ("false", "0", "no", "n"), "false"
)


def _flag_read(call: Call) -> Read:
    found = one_text(call)
    if not call.values:
        return found
    word = call.values[0].strip()
    known = call.meanings.get(word) or _TRUTH.get(word.lower())
    if known is None:
        return Read(UNKNOWN_CODE + word, found.notes)
    return Read(known if known in ("true", "false") else None, found.notes)


@function("flag", read=_flag_read)
def flag(call: Call) -> Written:
    """Write yes or no as the format spells it; unknown writes nothing, never no.

    The argument `json` writes a truth value of JSON.
    """
    value, notes = one(call)
    if value not in ("true", "false"):
        unknown = (Note(UNMAPPED_CODE, NOT_A_CODE),) if value else ()
        return Written(None, (*unknown, *notes))
    if call.argument == "json":
        return Written(value == "true", notes)
    return Written(call.codes.get(value, value), notes)


def as_day(value: str) -> date | None:
    """The calendar day of a date or date-time: what is written, a zone never shifts it."""
    match = _DAY.fullmatch(value.strip())
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def moved(value: str, days: int) -> str | None:
    """A day later or earlier; None where there is no such day."""
    found = as_day(value)
    try:
        return (found + timedelta(days)).isoformat() if found else None
    except OverflowError:
        return None


def _day_written(call: Call, days: int) -> Written:
    value, notes = one(call)
    if value is None:
        return Written(None, notes)
    found = moved(value, days)
    return Written(found, notes) if found else Written(None, (Note(NARROWED, NO_DAY), *notes))


def _day_read(call: Call, days: int) -> Read:
    found = one_text(call)
    if not call.values:
        return found
    day = moved(call.values[0], days)
    # Kept as it came, so that the writer names the loss and not silence.
    return Read(day or call.values[0].strip(), found.notes)


@function("date", read=lambda call: _day_read(call, 0))
def day(call: Call) -> Written:
    """Write a calendar day; a zone suffix is cut off, the day never shifts."""
    return _day_written(call, 0)


@function("day_after", read=lambda call: _day_read(call, -1))
def day_after(call: Call) -> Written:
    """Write the day after: the end of a period in OneRoster is the first day outside it."""
    return _day_written(call, 1)


@function("moment", read=lambda call: _moment_read(call))
def moment(call: Call) -> Written:
    """Write an instant in UTC with three decimals."""
    value, notes = one(call)
    return Written(value, notes)


def _moment_read(call: Call) -> Read:
    found = one_text(call)
    if not call.values:
        return found
    try:
        at = datetime.fromisoformat(call.values[0].strip())
    except ValueError:
        return Read(call.values[0].strip(), found.notes)
    if at.tzinfo is None:
        return Read(at.isoformat(timespec="milliseconds"), found.notes)
    stamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Read(stamp, found.notes)


@function("time", read=_one_token)
def time(call: Call) -> Written:
    """Write a time of the wall clock as it stands."""
    value, notes = one(call)
    return Written(value, notes)


def _year_read(call: Call) -> Read:
    found = one_text(call)
    if not call.values:
        return found
    match = _YEAR.fullmatch(call.values[0].strip())
    return Read(match[1] if match else call.values[0].strip(), found.notes)


@function("year", read=_year_read)
def year(call: Call) -> Written:
    """Write the year in which the school year ends; the argument `json` writes a number."""
    value, notes = one(call)
    if value is None:
        return Written(None, notes)
    if not _YEAR.fullmatch(value):
        return Written(None, (Note(NARROWED, "the value is no year"), *notes))
    return Written(int(value) if call.argument == "json" else value, notes)


@function("number", read=_one_token)
def number(call: Call) -> Written:
    """Write a decimal number as it stands; `json` writes a JSON number, `whole` whole ones only."""
    value, notes = one(call)
    if value is None:
        return Written(None, notes)
    words = call.argument.split(",")
    if not _NUMBER.fullmatch(value):
        return Written(None, (Note(NARROWED, "the value is no number"), *notes))
    if "whole" in words and float(value) != int(float(value)):
        return Written(None, (Note(NARROWED, "only whole numbers have a place"), *notes))
    if "whole" in words:
        value = str(int(float(value)))
    return Written(_json_number(value) if "json" in words else value, notes)


def _json_number(value: str) -> int | float:
    return int(value) if re.fullmatch(r"[+-]?\d+", value) else float(value)


def _refid_read(call: Call) -> Read:
    found = one_text(call)
    return Read(key_of(call.values[0]), found.notes) if call.values else found


@function("refid", read=_refid_read)
def refid(call: Call) -> Written:
    """Write a key as a lower-case hyphenated UUID; `upper` in capitals, `hex` without hyphens."""
    value, notes = one(call)
    if value is None:
        return Written(None, notes)
    if call.argument == "hex":
        value = value.replace("-", "")
    return Written(value.upper() if call.argument == "upper" else value, notes)


def _minted_read(call: Call) -> Read:
    if call.values:
        return Read(key_of(call.values[0]))
    parts = [call.record.get(name.strip()) for name in call.argument.split(",")]
    return Read(minted(call.entity, *(each if isinstance(each, str) else "" for each in parts)))


@function("minted", read=_minted_read, late=True)
def written_key(call: Call) -> Written:
    """Write the key. Read: where there is none it is made from the fields the argument names."""
    return refid(Call(call.values))


@function("first", read=one_text)
def first(call: Call) -> Written:
    """Write the first field that has a value; other values are noted as having no place."""
    known = [
        (place, item, each)
        for place, value in enumerate(call.values)
        for item, each in enumerate(value if isinstance(value, list) else [value])
        if each is not None
    ]
    if not known:
        return Written()
    value = known[0][2]
    text = "only one value has a place"
    spare = (Note(MULTI_TO_ONE, text, at, item) for at, item, each in known[1:] if each != value)
    return Written(value, tuple(spare))


@function("items")
def items(call: Call) -> Written:
    """Stand for each item of a list; the lines of its fields say what is written."""
    return Written(call.value)


@function("any")
def any_known(call: Call) -> Written:
    """Decide for a header: whether any of its fields is known."""
    return Written("true" if any(call.values) else None)
