"""The conditions of a POD: which of them the hub can keep, and what they do to a value.

The standard leaves the language of `conditionList` open; this one is a profile. What the hub cannot
keep, or cannot place, closes: the object type that it names is withheld (`fault` says why).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from reference_hub.model.pod import (
    DELETE,
    GENERALISE,
    HASH,
    MASK,
    NULL,
    PURPOSE,
    ROW_FILTER,
    Condition,
)
from reference_hub.privacy import forms, rows
from reference_hub.privacy.references import is_person_id
from reference_hub.privacy.texts import FREE, Text, generalised, placeholder

# The strictest first: where several concern one place, the first of them decides.
CHANGES = (DELETE, NULL, MASK, HASH, GENERALISE)
_CUTS = ("year", "month", "prefix")
_DIGITS = 32  # of a hash in hexadecimal form


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done to the values at one place, in the order of `conditions`. `key` is the vendor's
    secret, `hides` are the kinds of people whose ids become pseudonyms."""

    conditions: tuple[Condition, ...] = ()
    key: bytes = b""
    hides: frozenset[str] = frozenset()

    def and_then(self, more: tuple[Condition, ...]) -> Treatment:
        """The same with the conditions of a place further down."""
        if not more:
            return self
        return Treatment((*self.conditions, *more), self.key, self.hides)

    @property
    def strictest(self) -> str:
        """The first of CHANGES that is asked for; '' when nothing is."""
        kinds = {condition.kind for condition in self.conditions}
        return next((kind for kind in CHANGES if kind in kinds), "")

    def changed(self, value: str, text: Text, person: str = "") -> str | None:
        """What stands in place of a value; None when nothing that fits its type can.

        The id of a `person` (a kind) is left to the pseudonyms. No other id can be hashed, because
        nothing would refer to the object any more.
        """
        kept: str | None = value
        if self.strictest == MASK:
            return placeholder(text)
        for condition in self.conditions:
            if condition.kind == GENERALISE and kept is not None:
                kept = generalised(kept, text, condition.op, condition.value)
        if kept is None or self.strictest != HASH or not kept.strip():
            return kept
        if person in self.hides:
            return kept
        sign = hashed(self.key, kept.strip())
        return sign if text.is_free and text.fits(sign) else None


NOTHING = Treatment()


def hashed(key: bytes, value: str) -> str:
    """HMAC-SHA256 of a value under a vendor's key, 32 hexadecimal digits: vendors cannot join."""
    return hmac.digest(key, b"value/" + value.encode(), "sha256").hex()[:_DIGITS]


def faults(conditions: Iterable[Condition], key: bytes = b"") -> dict[Condition, str]:
    """The conditions that the hub cannot keep, with the reason: for lints and for the operator."""
    found = ((condition, fault(condition, key)) for condition in conditions)
    return {condition: why for condition, why in found if why}


def fault(condition: Condition, key: bytes) -> str:
    """Why the hub cannot keep a condition; '' when it can. `key` is the vendor's secret."""
    kind = condition.kind
    if kind == PURPOSE:
        return ""
    if kind != ROW_FILTER and kind not in CHANGES:
        return f"the hub does not know how to {kind or 'do nothing'}"
    # Ids of people are told by name, also in objects that the kit has no schema of.
    if not forms.exists(condition.path) and not hides_person(condition):
        return "no data model of the kit has the path"
    if kind == ROW_FILTER:
        return rows.fault(condition)
    if kind == HASH and not key:
        return "the vendor has no key"
    return _cut_fault(condition) if kind == GENERALISE else ""


def _cut_fault(condition: Condition) -> str:
    if condition.op not in _CUTS:
        return f"GENERALISE takes one of {', '.join(_CUTS)}"
    if condition.op == "prefix" and not re.fullmatch("[1-9][0-9]{0,3}", condition.value):
        return "prefix takes the number of characters that stay"
    return ""


def hides_person(condition: Condition) -> bool:
    """Whether the condition turns ids of one or more kinds of people into pseudonyms."""
    return condition.kind == HASH and is_person_id(condition.path)


def text_of(form: forms.Form | None) -> Text:
    """The type of the text at a place; any text where the model says nothing."""
    return form.text if form and form.text else FREE
