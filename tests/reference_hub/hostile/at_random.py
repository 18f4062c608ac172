"""Attacks made of the others by chance; one seed gives one sequence."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from tests.reference_hub.hostile.attack import CANARY, Attack

_PIECES = (
    b"\x00", b"\r\n", b";", b"%", b"<", b">", b"&", b'"', b"\xff", b"/", b"../", b"=", b"[", b"{",
    CANARY.encode(), b"]]>", b"<!--", b"\xed\xa0\x80", b"zoneId=", b"\r\n\r\n", b"0\r\n\r\n",
)  # fmt: skip
# By chance a request may turn out to be a good one, or too short to be answered.
_ANY = frozenset({0, 200, 202, 204, 501})
_LONGEST = 20_000


def attacks(seed: int, models: Sequence[Attack], count: int) -> Iterator[Attack]:
    """`count` attacks, each a model with a few changes."""
    rng = random.Random(seed)
    small = [each for each in models if len(each.sent) < _LONGEST and not each.times]
    for number in range(count):
        one, other = rng.sample(small, 2)
        sent = _crossed(rng, one.sent, other.sent) if rng.random() < 0.3 else one.sent
        for _ in range(rng.randint(1, 4)):
            sent = _changed(rng, sent)
        yield Attack(f"random {seed}/{number}, from {one.name}", sent, _ANY)


def _crossed(rng: random.Random, one: bytes, other: bytes) -> bytes:
    """The head of one with the body of the other, or the line of one with the rest of the other."""
    end = rng.choice((b"\r\n\r\n", b"\r\n"))
    first, _, _ = one.partition(end)
    _, _, second = other.partition(end)
    return first + end + second


def _changed(rng: random.Random, sent: bytes) -> bytes:
    place = rng.randrange(len(sent) + 1)
    until = min(len(sent), place + rng.randint(1, 12))
    return rng.choice(
        (
            sent[:place] + rng.choice(_PIECES) + sent[place:],
            sent[:place] + sent[until:],
            sent[:until] + sent[place:],
            sent[:place] + rng.randbytes(until - place) + sent[until:],
            sent[:place] + sent[place:until].swapcase() + sent[until:],
        )
    )
