"""The loss ledger: what a translation could not carry, by path and reason, never by value."""

from __future__ import annotations

from dataclasses import dataclass, field

NO_SLOT = "no_slot"
NARROWED = "narrowed"
TRUNCATED = "truncated"
UNMAPPED_CODE = "unmapped_code"
MULTI_TO_ONE = "multi_to_one"
INFERRED = "inferred"

# No loss: a rule of safety keeps it back, or the receiver took the row and dropped the field.
WITHHELD = "withheld"
RECEIVER_DROPPED = "receiver_dropped"

LOSSES = (NO_SLOT, NARROWED, TRUNCATED, UNMAPPED_CODE, MULTI_TO_ONE, INFERRED)
KINDS = (*LOSSES, WITHHELD, RECEIVER_DROPPED)


# Not frozen: entries are made by the million, and a frozen one costs three times as much. Most are
# told apart by three of their fields, so the others need not be hashed.
@dataclass(slots=True, unsafe_hash=True)
class Loss:
    """One entry, which nobody changes once it is made.

    `no_slot` is static: true for every record, so `refid` is empty and the path has no positions.
    All other kinds belong to the record `refid` (folded); the path then counts repeated elements
    from the second on, `xStudent/otherEmails/email[2]/emailAddress`. An entry of kind `inferred`
    names the place an invented value was taken from; nothing of that place is lost.
    """

    entity: str = field(hash=False)
    refid: str
    crosswalk_id: str = field(hash=False)
    source_path: str
    target_field: str
    kind: str = field(hash=False)
    note: str = field(hash=False)
    original_kept: bool = field(default=True, hash=False)
