"""Why something has not arrived, in the reader's words: what the hub wrote down in English, told
in plain language. What a vendor itself answered stays as it said it."""

from __future__ import annotations

import re
from typing import Protocol

from reference_hub.journeys import prepare
from reference_hub.journeys.projection import SAME_ID

# Known wordings of the hub and the key of their text; groups are filled in.
_KNOWN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (re.escape(prepare.UNACKNOWLEDGED), "unacknowledged"),
        (re.escape(prepare.ENDED), "ended"),
        (re.escape(prepare.NOT_BEGUN), "not_begun"),
        (re.escape(prepare.DOUBTFUL), "clocks"),
        (re.escape(prepare.UNDECIDED), "undecided"),
        (re.escape(prepare.REFUSED), "refused"),
        (re.escape(prepare.BEHIND), "behind"),
        (re.escape(prepare.SUPERSEDED), "superseded"),
        (re.escape(prepare.NEVER_SHARED), "never_shared"),
        (re.escape(SAME_ID), "same_id"),
        (r"the POD grants nothing of (?P<what>\w+)", "not_granted"),
        (r"the vendor refuses it \(403\)", "refused_403"),
        (r"the vendor says its POD is outdated \(410\)", "outdated"),
        (r"the vendor answered (?P<status>\d{3})", "answered"),
        (r"the vendor cannot be reached", "unreachable"),
        (r"the vendor did not answer in time", "late"),
        (r"the vendor's certificate was not accepted", "certificate"),
        (r"the exchange with the vendor failed", "failed"),
        (r"given up after (?P<number>\d+) answers: .*", "given_up_answers"),
        (r"given up after (?P<number>\d+) hours: .*", "given_up_hours"),
        (r"the vendor gave it another RefId", "other_id"),
        (r"waits for (?P<what>\w+)", "waits_for"),
        (r"more than (?P<share>\d+) % of the rows would go; .*", "shrunk"),
        (r"sent afresh", "afresh"),
        (r"a younger version was delivered", "overtaken"),
        (r"it was not there", "not_there"),
        (r"", "none"),
    )
)


class _Speaks(Protocol):
    def say(self, key: str, /, **values: object) -> str:
        """A text in the language of the page."""
        ...


def in_words(here: _Speaks, reason: str) -> str:
    """The reason for people; what nobody has words for as it was written down."""
    for pattern, key in _KNOWN:
        if found := pattern.fullmatch(reason):
            return here.say(f"reasons.{key}", **found.groupdict())
    return reason
