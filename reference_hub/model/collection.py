"""A state's collection: rules about objects, what they found, and how a run ended.

The rules are data (`reference_hub/collections/*.toml`); nothing of an object but ids and paths is
kept of a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

ERROR, WARNING = "error", "warning"
LEVELS = (ERROR, WARNING)
BASES = ("documented", "inferred", "profile")
# What a rule can ask, and the keys that it then must have.
MUSTS: Mapping[str, tuple[str, ...]] = {
    "be there": (),
    "be one of": ("codes",),
    "match": ("pattern",),
    "have length": ("least", "most"),
    "be between": ("least", "most"),
    "not be before": ("other",),
    "not exceed": ("other",),
    "lead to": ("to",),
    "be unique": (),
    "be named by": ("by",),
}
# Ones that no object can tell of by itself.
LEAD_TO, UNIQUE, NAMED_BY = "lead to", "be unique", "be named by"
# A run of this hub, or one that the state told of.
OWN, STATE = "own", "state"


@dataclass(frozen=True, slots=True)
class Step:
    """One element of a path; `beside` ('@Type' or 'Type') must have the value `kind`, if given."""

    name: str
    beside: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """Steps below the object, then an attribute or '' for the text; `text` as it is written."""

    text: str
    steps: tuple[Step, ...]
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """The rule holds only where a value at the path is (not) one of `values`, or where there is
    (not) any."""

    path: Path
    values: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `each`: elements that it is asked of one by one, paths are then meant below them.

    `state_field`: the state's own number of the field, if it has one.
    """

    id: str
    level: str
    basis: str
    object_type: str
    path: Path
    must: str
    says: str
    do: str
    state_field: str = ""
    each: Path | None = None
    when: Condition | None = None
    codes: tuple[str, ...] = ()
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    other: Path | None = None
    to: str = ""
    by_type: str = ""
    by_path: Path | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """A rule file that was found in order; `source` is its text, `basis` where it comes from."""

    id: str
    title: str
    version: str
    basis: str
    rules: tuple[Rule, ...]
    source: str = field(repr=False)

    @property
    def objects(self) -> tuple[str, ...]:
        """The object types that a run looks at, in the order in which the rules name them."""
        named = [name for rule in self.rules for name in (rule.object_type, rule.by_type) if name]
        return tuple(dict.fromkeys(named))

    @property
    def sent(self) -> tuple[str, ...]:
        """All object types that a district must send, those that others lead to among them."""
        return tuple(dict.fromkeys([*self.objects, *(rule.to for rule in self.rules if rule.to)]))


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that one object does not keep. `local_id`: the number by which a school knows the
    object, or the person that it is about; '' when it has none."""

    object_type: str
    refid: str
    local_id: str
    rule: str
    level: str


@dataclass(frozen=True, slots=True)
class Count:
    """Objects of one type: looked at, without an error, with one."""

    object_type: str
    checked: int
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says of one rule that found something."""

    id: str
    level: str
    basis: str
    state_field: str
    path: str
    says: str
    do: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a collection over one zone. `number` counts from 1; `origin`: own | state."""

    id: str
    collection: str
    version: str
    number: int
    origin: str
    begun: datetime
    counts: tuple[Count, ...]
    rules: tuple[Told, ...]

    @property
    def rejected(self) -> int:
        """Objects with an error."""
        return sum(each.rejected for each in self.counts)

    @property
    def checked(self) -> int:
        """Objects that were looked at."""
        return sum(each.checked for each in self.counts)

    def rule(self, rule_id: str) -> Told:
        """What is told of a rule; only its id where nothing is."""
        blank = Told(rule_id, "", "", "", "", "", "")
        return next((each for each in self.rules if each.id == rule_id), blank)
