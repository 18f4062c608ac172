"""The explicit acknowledgement of a document (our profile): what the hub answers to it.

Modelled on draft-dsmullen-ppd-protocol: a receipt for one version and one content, no proof that
its terms are kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from conformance import pod_forms, trees
from conformance.stage.places import DISTRICT, Place

NEEDED = ("podId", "podVersion", "podToken", "podHash", "decision")
DECISIONS = ("ACKNOWLEDGED", "REJECTED")


def answer(
    refid: str, told: Mapping[str, Any], places: Sequence[Place]
) -> tuple[int, dict[str, Any], str]:
    """Status, JSON body and zone; 201, the same again 200, else 404, 409 or 422.

    A rejection ends the document: its token opens nothing any more. Where a Pending document waits
    for it, an acknowledgement makes it Live.
    """
    place = next((one for one in places if one.pod is not None and one.pod.refid == refid), None)
    if place is None or place.pod is None:
        return 404, {"error": "there is no such document to acknowledge"}, ""
    missing = [name for name in NEEDED if not isinstance(told.get(name), str)]
    if missing or told["decision"] not in DECISIONS:
        return 422, {"error": f"not usable: {', '.join(missing) or 'decision'}"}, place.zone
    wrong = differences(told, place)
    if wrong:
        return 409, {"error": f"not the current document: {', '.join(wrong)}"}, place.zone
    # When it was sent does not make it another acknowledgement.
    content = json.dumps({name: told[name] for name in NEEDED}, sort_keys=True)
    known = place.answers.get(content)
    if known is None:
        known = place.answers[content] = str(uuid4())
        status = 201
    else:
        status = 200
    if told["decision"] == "REJECTED":
        place.withdraw()
    elif place.waits and place.waits != DISTRICT:
        place.come_alive()
    return status, {"acknowledgementId": known, "association": "CURRENT"}, place.zone


def differences(told: Mapping[str, Any], place: Place) -> list[str]:
    """The members that do not fit the document in force."""
    pod = place.pod
    if pod is None:
        return ["podId"]
    wrong = [] if told.get("podHash") in pod_forms.hashes(pod.element) else ["podHash"]
    fitting = {
        "podId": pod.refid,
        "podVersion": trees.text(pod.element, "podVersion"),
        "podToken": pod.token,
    }
    return [name for name, value in fitting.items() if told.get(name) != value] + wrong
