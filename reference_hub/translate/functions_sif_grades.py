"""Functions of the gradebook objects of Unity: what one score has two places for, or none."""

from __future__ import annotations

from reference_hub.translate.calls import Call, Note, Read, Written, function
from reference_hub.translate.functions_plain import one_text
from reference_hub.translate.ledger import INFERRED, NARROWED


def _is_whole(text: str) -> bool:
    return text.isdigit()


@function("points_whole", read=one_text)
def points_whole(call: Call) -> Written:
    """Write points without a decimal sign; others have another place."""
    value = call.value
    return Written(value if isinstance(value, str) and _is_whole(value) else None)


@function("points_part", read=one_text)
def points_part(call: Call) -> Written:
    """Write points with a decimal sign as they stand."""
    value = call.value
    return Written(value if isinstance(value, str) and not _is_whole(value) else None)


@function("why_empty", read=one_text)
def why_empty(call: Call) -> Written:
    """Write the status of work that has no score; beside a score there is no place for it."""
    status = call.value
    if call.record.get("points") or call.record.get("letter"):
        is_told = status in (None, "fully graded")
        return Written(None, () if is_told else (Note(NARROWED, "no place beside a score"),))
    return Written(status)


@function("term_of_work", read=lambda _: Read())
def term_of_work(call: Call) -> Written:
    """Write the session of the section in which the work is due, the shortest one; without a day
    the first. Fields: `dueDate ; section.sessions`."""
    due, listed = call.values
    day = due if isinstance(due, str) else ""
    keys = listed if isinstance(listed, list) else [listed] if isinstance(listed, str) else []
    around: list[tuple[str, str, str]] = []
    for each in keys:
        session = call.graph.get("Session", each) if call.graph else None
        first, last = ((session or {}).get(name, "") for name in ("startDate", "endDate"))
        if day and first and str(first) <= day <= str(last):
            around.append((str(last), str(first), each))
    if around:
        # Of those that hold the day the one that began last, then the one that ends first.
        return Written(max(sorted(around), key=lambda one: one[1])[2])
    note = Note(INFERRED, "no session of the class holds the day; its first one stands there")
    return Written(keys[0], (note,)) if keys else Written()
