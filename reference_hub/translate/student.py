"""The named functions of the mapping tables that only a student needs."""

from __future__ import annotations

from reference_hub.translate.functions import (
    NOT_A_CODE,
    Call,
    Note,
    Written,
    collapsed,
    function,
    further,
)
from reference_hub.translate.identity import minted, sourced_id
from reference_hub.translate.ledger import INFERRED, NARROWED, UNMAPPED_CODE
from reference_hub.translate.record import Leaf, Record

MAIN = "xStudent/enrollment"
OTHER = "xStudent/otherEnrollments/enrollment"
TWO_OR_MORE = "DemographicRaceTwoOrMoreRaces"
# These would end an id inside the cell, so they travel percent-encoded.
_ESCAPED = str.maketrans({letter: f"%{ord(letter):02X}" for letter in "%,:{}"})


@function("username")
def username(call: Call) -> Written:
    """Write the login; any later source of the row is marked as inferred."""
    if not call.leaves:
        return Written()
    leaf = call.leaves[0]
    if leaf.path == call.first_path:
        return Written(collapsed(leaf), (leaf,))
    value = sourced_id(leaf.value) if leaf.path.endswith("@refId") else collapsed(leaf)
    return Written(value, (leaf,), remarks=(Note(leaf, INFERRED, "there is no login to send"),))


@function("user_ids")
def user_ids(call: Call) -> Written:
    """Write `{local:..},{state:..}` and the kinds of the code set, each id once."""
    items: list[str] = []
    used: list[Leaf] = []
    lost: list[Note] = []
    for leaf in call.leaves:
        kind_leaf = call.record.beside(leaf, "type") if leaf.path.endswith("otherId/id") else None
        kind = _kind_of(leaf, kind_leaf, call)
        if kind is None:
            lost.append(Note(leaf, UNMAPPED_CODE, "this kind of id is not sent"))
        else:
            items.append(f"{{{kind}:{collapsed(leaf).translate(_ESCAPED)}}}")
            used += [leaf, kind_leaf] if kind_leaf else [leaf]
    return Written(",".join(dict.fromkeys(items)), tuple(used), tuple(lost))


def _kind_of(leaf: Leaf, kind_leaf: Leaf | None, call: Call) -> str | None:
    if leaf.path.endswith("/localId"):
        return "local"
    if leaf.path.endswith("/stateProvinceId"):
        return "state"
    return call.codes.get(kind_leaf.value.strip()) if kind_leaf else None


@function("email")
def email(call: Call) -> Written:
    """Write one address: the first of the preferred kinds that there is, else the first."""
    if not call.leaves:
        return Written()
    wanted = call.argument.split(",")

    def rank(leaf: Leaf) -> int:
        kind = call.record.beside(leaf, "emailType")
        name = kind.value.strip() if kind else ""
        return wanted.index(name) if name in wanted else len(wanted)

    chosen = min(call.leaves, key=rank)
    others = further([leaf for leaf in call.leaves if leaf is not chosen])
    return Written(collapsed(chosen), (chosen,), others)


@function("phone")
def phone(call: Call) -> Written:
    """Write one number of a slot: the primary one or the first. `phone(sms,Mobile)` names the slot
    and the one kind of number that the slot stands for."""
    slot, _, implied = call.argument.partition(",")
    fitting: list[Leaf] = []
    lost: list[Note] = []
    for leaf in call.leaves:
        kind = call.record.beside(leaf, "phoneNumberType")
        if kind and kind.value.strip() not in call.codes:
            lost.append(Note(kind, UNMAPPED_CODE, NOT_A_CODE))
        if call.codes.get(kind.value.strip() if kind else "", "phone") == slot:
            fitting.append(leaf)
    if not fitting:
        return Written(lost=tuple(lost))
    chosen = next((leaf for leaf in fitting if _is_primary(call.record, leaf)), fitting[0])
    kind = call.record.beside(chosen, "phoneNumberType")
    used = (chosen, kind) if kind and kind.value.strip() == implied else (chosen,)
    rest = further([leaf for leaf in fitting if leaf is not chosen])
    return Written(collapsed(chosen), used, (*lost, *rest))


def _is_primary(record: Record, leaf: Leaf) -> bool:
    mark = record.beside(leaf, "primaryIndicator")
    return mark is not None and mark.value.strip() in ("true", "1")


@function("grades")
def grades(call: Call) -> Written:
    """Write the grades of all enrollments, the home school's first, each once."""
    home = home_place(call.record)
    leaves = sorted(call.leaves, key=lambda leaf: leaf.parent != home)
    known = tuple(leaf for leaf in leaves if leaf.value.strip() in call.codes)
    lost = [Note(leaf, UNMAPPED_CODE, NOT_A_CODE) for leaf in leaves if leaf not in known]
    values = dict.fromkeys(call.codes[leaf.value.strip()] for leaf in known)
    told = "which school it belongs to is not told"
    remarks = [Note(leaf, NARROWED, told) for leaf in known if len(known) > 1]
    return Written(",".join(values), known, tuple(lost), tuple(remarks))


def home_place(record: Record) -> str:
    """The home school's enrollment: type Home and not ended, any of type Home, the main one."""
    places = record.containers.get(MAIN, []) + record.containers.get(OTHER, [])
    homes = [place for place in places if _says(record, place, "membershipType", "Home")]
    going = [place for place in homes if record.under(place, "exitDate") is None]
    return next(iter([*going, *homes, *places]), "")


def _says(record: Record, place: str, name: str, value: str) -> bool:
    leaf = record.under(place, name)
    return leaf is not None and leaf.value.strip() == value


@function("home_school")
def home_school(call: Call) -> Written:
    """Write the school of the home enrollment; this carries the word Home too."""
    place = home_place(call.record)
    school = next((leaf for leaf in call.leaves if leaf.parent == place), None)
    if school is None:
        return Written()
    kind = call.record.under(place, "membershipType")
    used = (school, kind) if kind and kind.value.strip() == "Home" else (school,)
    return Written(sourced_id(school.value), used)


@function("role_id")
def role_id(call: Call) -> Written:
    """Write the key of the enrollment record, or an id made of student, school and first day."""
    found = {leaf.path.rpartition("/")[2]: leaf for leaf in reversed(call.leaves)}
    key = found.get("studentSchoolAssociationRefId")
    repeated = key is not None and _earlier(call.record, key)
    if key and not repeated:
        return Written(sourced_id(key.value), (key,))
    lost = further([key], "the key belongs to another enrollment") if key else ()
    student, school = call.record.under("xStudent", "@refId"), found.get("schoolRefId")
    if student is None or school is None:
        return Written()
    since = found["entryDate"].value.strip()[:10] if "entryDate" in found else ""
    value = minted("role", sourced_id(student.value), sourced_id(school.value), since)
    return Written(value, (school,), lost)


@function("role_type")
def role_type(call: Call) -> Written:
    """Write primary for the first role in a school, secondary for any further one there."""
    if not call.leaves:
        return Written()
    own = call.leaves[0]
    return Written("secondary" if _earlier(call.record, own) else "primary", (own,))


def _earlier(record: Record, own: Leaf) -> bool:
    """Whether an enrollment before this one points to the same RefId under the same name."""
    name = own.path.rpartition("/")[2]
    leaves = record.at(f"{MAIN}/{name}") + record.at(f"{OTHER}/{name}")
    return sourced_id(own.value) in {sourced_id(x.value) for x in leaves[: leaves.index(own)]}


@function("race")
def race(call: Call) -> Written:
    """Write one flag: true when said, false only when other races are all that is known."""
    parts, stated, strange = _races(call)
    used = tuple(leaf for leaf in call.leaves if leaf.value.strip() == call.argument)
    open_end = bool(strange) or (stated and len(parts) < 2)
    value = "true" if used else "false" if parts and not open_end else ""
    return Written(value, used, strange)


@function("two_or_more_races")
def two_or_more_races(call: Call) -> Written:
    """Write true when the source says so or names two; false beside exactly one known race."""
    parts, stated, strange = _races(call)
    used = tuple(leaf for leaf in call.leaves if leaf.value.strip() == TWO_OR_MORE)
    value = "true" if stated or len(parts) > 1 else "false" if parts and not strange else ""
    return Written(value, used, strange)


def _races(call: Call) -> tuple[set[str], bool, tuple[Note, ...]]:
    values = {leaf.value.strip() for leaf in call.leaves}
    strange = tuple(
        Note(leaf, UNMAPPED_CODE, NOT_A_CODE)
        for leaf in call.leaves
        if leaf.value.strip() not in call.codes
    )
    return (values & set(call.codes)) - {TWO_OR_MORE}, TWO_OR_MORE in values, strange
