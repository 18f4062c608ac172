"""A vendor looks into a marker for what others do."""

from __future__ import annotations

import base64

import pytest

from reference_hub.journeys.seals import seal, unseal
from reference_hub.model.scope import Scope
from reference_hub.problems import Refusal

PLACE = ("one-life", Scope("demo-district"), "xStudent", "a-grant")
MOMENT = "780:790:781,785"


def test_no_count_of_transactions_can_be_read_off_a_marker() -> None:
    marker = seal(*PLACE, MOMENT)
    raw = base64.urlsafe_b64decode(marker + "=" * (-len(marker) % 4))
    assert b"78" not in raw[24:]
    assert unseal(marker, *PLACE) == MOMENT
    assert seal(*PLACE, MOMENT) == marker


@pytest.mark.parametrize("position", [0, 11, 24, -1])
def test_a_marker_with_another_byte_is_none(position: int) -> None:
    marker = seal(*PLACE, MOMENT)
    raw = bytearray(base64.urlsafe_b64decode(marker + "=" * (-len(marker) % 4)))
    raw[position] ^= 1
    with pytest.raises(Refusal) as refused:
        unseal(base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode(), *PLACE)
    assert refused.value.status == 400
