"""Ask a vendor, by synthetic students, what it really keeps: a profile that is observed.

Each question sends a student and looks at what became of it, as SIF where the vendor is queried
and in its own form where that is read back. What cannot be said in a profile becomes a note, so
that nobody takes silence for fidelity.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lxml import etree

from conformance import fidelity, trees
from conformance.checks.exports import active
from conformance.checks.parts import DEMOGRAPHICS, ENROLLMENT, part, put
from conformance.checks.preparation import created, element, stored
from conformance.fidelity import KEPT
from conformance.own_profile import elements_at
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.roles import Setting
from conformance.sif import SifClient
from conformance.target_profile import BOTH, HIDDEN, OBSERVED, OWN, REMOVED, SIF, STAYS, Profile
from fixtures import codesets, generate
from fixtures.edge_cases import EDGE_CASES
from fixtures.writers import xpress

FIRST = 900_000
LONG = 255
NAMES = ("xStudent/name/familyName", "xStudent/name/givenName", "xStudent/name/middleName")
RACE = "xStudent/demographics/races/race/race"
RACES = "xStudent/demographics/races/race"
SEX = "xStudent/demographics/sex"
GRADE = "xStudent/enrollment/gradeLevel"
# Elements that lie below a contact are objects of their own.
ASIDE = ("xStudent/studentContacts/",)
NOT_TAKEN, LONGEST, MOST, CODES = "not_taken", "longest", "most", "codes"
Seen = list[str]
Place = tuple[str, str, str]


class Look(Protocol):
    """One form in which a student can be seen again."""

    @property
    def name(self) -> str:
        """`sif` or `own`."""

    def values(self, student: etree._Element, path: str) -> Seen | None:
        """What stands at a path now; None: this form does not show it."""


@dataclass(frozen=True, slots=True)
class SifLook:
    """Read back as SIF."""

    sif: SifClient
    name: str = SIF

    def values(self, student: etree._Element, path: str) -> Seen | None:
        """The texts at the path of the stored student."""
        found = stored(self.sif, trees.refid(student))
        return None if found is None else texts(found, path)


@dataclass(frozen=True, slots=True)
class OwnLook:
    """Read back in the vendor's own form."""

    readback: ReadBack
    name: str = OWN

    def values(self, student: etree._Element, path: str) -> Seen | None:
        """The values of the columns that stem from the path, in the words of SIF."""
        key = trees.folded(trees.refid(student))
        self.readback.know(student)
        user = self.readback.user(trees.refid(student))
        row = self.readback.demographics().get(key, {})
        judged = [
            one
            for one in fidelity.compare(student, user, row)
            if one.expected.element == path and self.readback.sees(one.expected.field)
        ]
        if not user or not judged:
            return None
        if path == RACE:
            return [race for race, column in fidelity.FLAGS.items() if row.get(column) == "true"]
        if all(one.outcome == KEPT for one in judged):
            return texts(student, path)
        found = next((one.actual for one in judged if one.outcome != KEPT), "")
        return [found.capitalize() if path == SEX else found] if found else []


@dataclass(slots=True)
class Probe:
    """What was seen so far: by place the deviation of each form, blank where all is as sent."""

    seen: dict[Place, dict[str, object]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    deletes: str = REMOVED

    def note(self, place: Place, form: str, deviation: object) -> None:
        """Remember what one form shows at a place."""
        self.seen.setdefault(place, {})[form] = deviation


def texts(tree: etree._Element, path: str) -> Seen:
    """The texts of the elements at a path that are not empty."""
    found = [fidelity.plain(one.text or "") for listed in elements_at(tree, path) for one in listed]
    return [text for text in found if text]


def probe(setting: Setting) -> Probe:
    """Ask everything; NotVerified if no student can be sent or none can be seen."""
    rng = random.Random(f"{setting.seed}:probe")  # noqa: S311
    sif = SifClient(setting.wire, setting.config, rng, setting.evidence)
    told = Probe()
    try:
        sif.ready()
        looks = list(_looks(sif, setting))
        if not looks:
            raise NotVerified("the target declares neither query nor readback: nothing can be seen")
        ask = Ask(sif, looks, told, setting.seed)
        for question in (_fields, _lengths, _items, _codes):
            question(ask)
        if "delete" in setting.config.capabilities:
            _deletion(ask)
    finally:
        sif.clean_up()
    return told


def _looks(sif: SifClient, setting: Setting) -> Iterator[Look]:
    if "query" in setting.config.capabilities:
        yield SifLook(sif)
    if "readback" in setting.config.capabilities:
        evidence, tell = setting.evidence, setting.tell
        yield OwnLook(ReadBack(setting.wire, setting.config, sif.people, evidence, tell))


@dataclass(slots=True)
class Ask:
    """Sends students and compares; `number` tells the next of them."""

    sif: SifClient
    looks: Sequence[Look]
    told: Probe
    seed: int
    number: int = FIRST

    def student(self) -> etree._Element:
        """A student nobody has seen."""
        self.number += 1
        return self.known(xpress.student(generate.student(self.seed, self.number)))

    def known(self, student: etree._Element) -> etree._Element:
        """The student, whose values the evidence masks from now on."""
        self.sif.evidence.register(student)
        return student

    def sent(self, student: etree._Element, what: str) -> bool:
        """Send it; if it is refused that is noted."""
        try:
            created(self.sif, student)
        except NotVerified as error:
            self.told.notes.append(f"{what}: {self.sif.evidence.said(error.reason)}")
            return False
        return True

    def seen(self, student: etree._Element, path: str) -> Mapping[str, Seen]:
        """What each form shows at the path."""
        found: dict[str, Seen] = {}
        for look in self.looks:
            try:
                values = look.values(student, path)
            except (NotVerified, NotApplicable) as error:
                self.told.notes.append(f"{path}: {self.sif.evidence.said(error.reason)}")
                continue
            if values is not None:
                found[look.name] = values
        return found

    def compare(
        self, student: etree._Element, path: str, place: Place, say: Callable[[Seen, Seen], object]
    ) -> None:
        """Note what `say` makes of the values sent and seen; None: it cannot be said."""
        sent = texts(student, path)
        for form, seen in self.seen(student, path).items():
            same = sorted(sent) == sorted(seen)
            deviation = "" if same else say(sent, seen)
            if deviation is None:
                self.told.notes.append(f"{path} is shown ({form}) in a way no profile can say")
            else:
                self.told.note(place, form, deviation)


def _fields(ask: Ask) -> None:
    """Which fields are taken, asked with a student of which every field is filled."""
    student = ask.known(xpress.student(EDGE_CASES["every-field"].build(ask.seed, shift=FIRST)))
    if not ask.sent(student, "a student with every field"):
        return
    leaves = {
        "/".join(trees.local(each) for each in (*reversed(list(one.iterancestors())), one))
        for one in student.iterdescendants()
        if len(one) == 0
    }
    for path in sorted(one for one in leaves if not one.startswith(ASIDE)):
        for form, seen in ask.seen(student, path).items():
            ask.told.note((NOT_TAKEN, path, ""), form, "" if seen else True)


def _lengths(ask: Ask) -> None:
    """How much of a long name is kept."""
    for path in NAMES:
        student = ask.student()
        name = path.rpartition("/")[2]
        if name == "middleName":
            _with_middle(student)
        part(student, "name", name).text = ("abcdefghij" * LONG)[: LONG - 1] + "Z"
        if ask.sent(student, f"{path} of {LONG} characters"):
            ask.compare(student, path, (LONGEST, path, ""), _cut_to)


def _with_middle(student: etree._Element) -> None:
    name = part(student, "name")
    for one in [one for one in name if trees.local(one) in ("middleName", "suffix")]:
        name.remove(one)
    name.append(element("middleName", "Wren"))


def _cut_to(sent: Seen, seen: Seen) -> object:
    cut = len(sent) == len(seen) == 1 and sent[0].startswith(seen[0])
    return len(seen[0]) if cut else "" if not seen else None


def _items(ask: Ask) -> None:
    """How many of five races are kept."""
    student = ask.student()
    races = [element("race", element("race", race)) for race in fidelity.FLAGS]
    put(part(student, "demographics"), element("races", *races), order=DEMOGRAPHICS)
    if ask.sent(student, "a student of five races"):
        ask.compare(student, RACE, (MOST, RACES, ""), _first_of)


def _first_of(sent: Seen, seen: Seen) -> object:
    if not seen:
        return ""
    return len(seen) if sorted(sent[: len(seen)]) == sorted(seen) else None


def _codes(ask: Ask) -> None:
    """What becomes of every code of three code sets."""
    for path, name in ((SEX, "sex"), (GRADE, "grade"), (RACE, "race")):
        for code in dict.fromkeys(row["sif_xpress"] for row in codesets.load(name)):
            if code:
                _code(ask, path, code)


def _code(ask: Ask, path: str, code: str) -> None:
    student = ask.student()
    if path == GRADE:
        put(part(student, "enrollment"), element("gradeLevel", code), order=ENROLLMENT)
        for one in [one for one in student if trees.local(one) == "otherEnrollments"]:
            student.remove(one)
    elif path == SEX:
        put(part(student, "demographics"), element("sex", code), order=DEMOGRAPHICS)
    else:
        races = element("races", element("race", element("race", code)))
        put(part(student, "demographics"), races, order=DEMOGRAPHICS)
    if code == fidelity.TWO_OR_MORE:
        return
    if ask.sent(student, f"{path} {code}"):
        ask.compare(student, path, (CODES, path, code), lambda _, seen: _word(seen))


def _word(seen: Seen) -> object:
    return None if len(seen) > 1 else f"={seen[0] if seen else ''}"


def _deletion(ask: Ask) -> None:
    """What the own form shows of a student who was deleted."""
    own = next((one for one in ask.looks if isinstance(one, OwnLook)), None)
    if own is None:
        ask.told.notes.append("deletes: there is no own form to look at")
        return
    student = ask.student()
    if not ask.sent(student, "a student to delete") or not own.values(student, NAMES[0]):
        return
    ask.sif.delete(trees.refid(student))
    own.readback.settle()
    row = own.readback.users().get(trees.folded(trees.refid(student)), {})
    if active(row):
        shown = row.get("status", "").strip().lower() in ("", "active")
        ask.told.deletes = STAYS if shown else HIDDEN


def profile_of(told: Probe) -> tuple[Profile, list[str]]:
    """The profile that says what was seen, and the notes on what it cannot say."""
    notes = list(dict.fromkeys(told.notes))
    shown = _shown(told)
    if shown != BOTH:
        notes += [
            f"{path} {code}".rstrip() + " differs as SIF too, which this table leaves out"
            for (_, path, code), forms in told.seen.items()
            if shown == OWN and forms.get(SIF) and forms[SIF] != forms.get(OWN)
        ]
    said: dict[Place, object] = {}
    for place, forms in told.seen.items():
        kept = [value for form, value in forms.items() if shown in (BOTH, form) and value]
        if kept:
            said[place] = kept[0]
    lost = [path for kind, path, _ in said if kind == NOT_TAKEN]
    codes: dict[str, dict[str, str]] = {}
    for (kind, path, code), value in said.items():
        if kind == CODES and path not in lost:
            codes.setdefault(path, {})[code] = str(value)[1:]
    made = Profile(
        basis=OBSERVED,
        shown=shown,
        deletes=told.deletes,
        not_taken=tuple(sorted(lost)),
        longest=_counts(said, LONGEST),
        most=_counts(said, MOST),
        codes=codes,
    )
    return made, notes


def _shown(told: Probe) -> str:
    """Where the deviations hold: both, unless one form shows as sent what the other does not."""
    pairs = [forms for forms in told.seen.values() if len(forms) > 1]
    if any(forms[OWN] and forms[OWN] != forms[SIF] for forms in pairs):
        return OWN
    return SIF if any(forms[SIF] and not forms[OWN] for forms in pairs) else BOTH


def _counts(said: Mapping[Place, object], kind: str) -> dict[str, int]:
    return {
        path: value for (one, path, _), value in said.items() if one == kind and type(value) is int
    }
