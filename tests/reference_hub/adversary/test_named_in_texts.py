"""The id of a person who is never to be shared, put where no name tells what it is."""

from __future__ import annotations

import pytest

from fixtures.standards import MODELS
from reference_hub.codec.xml import fold, parse, tostring
from reference_hub.privacy.exclusion import without

NA4 = MODELS["unity-4.3-kit"].namespace
ANA = "01B2C3D4-4F50-4162-8394-A5B6C7D8E9F0"
SPELLED = (
    f"see {ANA}",
    f"urn:uuid:{ANA.lower()}",
    f"{{{ANA}}}",
    f"https://d.example/{fold(ANA)}/x",
)


@pytest.mark.parametrize("told", SPELLED)
def test_a_text_that_holds_the_id_among_others_does_not_leave(told: str) -> None:
    inside = f"<otherIds><otherId><id>{told}</id></otherId></otherIds><localId>7</localId>"
    whole = parse(f'<xStudent xmlns="{NA4}" refId="1">{inside}</xStudent>'.encode())
    left = without(whole, frozenset({fold(ANA)}))
    assert left is not None
    assert fold(ANA) not in fold(tostring(left).decode())
    assert left.findtext("{*}localId") == "7"
