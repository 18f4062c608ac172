"""Steps that the checks for consumers share: was a document delivered, was its marker used?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from conformance.pods import Pod
from conformance.problems import NotVerified
from conformance.stage.calls import DATA, MARKERS, PODS, RECEIPT, Call
from conformance.stage.play import Stage, covered


def working(stage: Stage) -> dict[str, Pod]:
    """An ordinary document is in force and its marker was used; else nothing can be told."""
    made, calls = introduced(stage, uses)
    if not any(uses(one, made) for one in calls):
        raise NotVerified(f"the client reads no data under an ordinary document: {why(calls)}")
    return made


def introduced(
    stage: Stage, enough: Callable[[Call, Mapping[str, Pod]], bool] | None = None
) -> tuple[dict[str, Pod], list[Call]]:
    """New documents by zone, and the calls of the client until one of them is enough.

    Through a relay these are the documents that the hub told in one start of the client.
    """
    if not stage.relayed:
        made = stage.renew()
        if enough is None:
            return made, stage.synchronise()
        return made, stage.synchronise(lambda some: any(enough(one, made) for one in some))
    calls = stage.life()
    made = stage.documents(calls)
    if not made:
        party = stage.config.party
        raise NotVerified(f"the hub told no document in force for {party!r}: {why(calls)}")
    return made, calls


def right(stage: Stage, made: Mapping[str, Pod]) -> list[str]:
    """The tokens that are right on a call: any that a hub behind a relay told in the run."""
    if not stage.relayed:
        return tokens(made)
    return sorted(told(stage.calls(of_the_run=True)))


def why(calls: Sequence[Call]) -> str:
    """What the calls have in common, in a few words."""
    if not any(one.given.kind in (PODS, MARKERS) for one in calls):
        return "it did not read its document"
    if not covered(calls):
        return "it read its document and asked for no data"
    return f"its last request for data was answered {covered(calls)[-1].given.status}"


def uses(call: Call, made: Mapping[str, Pod]) -> bool:
    """Whether data was given for the marker of one of these documents."""
    pod = made.get(call.zone)
    return call.covered and pod is not None and call.marker == pod.token and call.given.status < 300


def told(calls: Iterable[Call]) -> set[str]:
    """Every token that the hub told in its answers."""
    return {token for one in calls for _, token in one.given.tokens}


def deliveries(calls: Iterable[Call], made: Mapping[str, Pod]) -> dict[str, Call]:
    """By zone the call that told the token of these documents first."""
    found: dict[str, Call] = {}
    for call in calls:
        for zone, token in call.given.tokens:
            if zone in made and token == made[zone].token:
                found.setdefault(zone, call)
    return found


def after(calls: Sequence[Call], first: Call) -> list[Call]:
    """The calls behind this one."""
    place = next(at for at, one in enumerate(calls) if one is first)
    return list(calls[place + 1 :])


def under(calls: Sequence[Call], made: Mapping[str, Pod]) -> list[Call]:
    """The covered calls of each zone that came after its document was delivered."""
    return [
        one
        for zone, delivery in deliveries(calls, made).items()
        for one in covered(after(calls, delivery))
        if one.zone == zone
    ]


def fresh(calls: Iterable[Call]) -> list[Call]:
    """The calls but those that met an outdated marker, which is a matter of its own."""
    return [one for one in calls if one.given.status != 410]


def tokens(made: Mapping[str, Pod]) -> list[str]:
    """The tokens of these documents, always in the same order."""
    return [pod.token for pod in made.values()]


def alike(marker: str, known: Iterable[str]) -> bool:
    """Whether a marker is one of these tokens in another spelling: cut, folded, or decorated."""
    plain = _plain(marker)
    return any(
        plain in one or one in plain for one in map(_plain, known) if len(plain) >= 8 <= len(one)
    )


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def acknowledged(call: Call, pod: Pod) -> bool:
    """Whether the call accepts this document, by its marker or by an explicit acknowledgement."""
    if call.covered and call.marker == pod.token:
        return True
    receipt = pod.refid in call.asked.steps and "acknowledgements" in call.asked.steps
    return receipt and b"REJECTED" not in call.asked.body


def receipts(calls: Iterable[Call]) -> list[Call]:
    """The explicit acknowledgements, whatever the hub said to them."""
    return [one for one in calls if one.given.kind == RECEIPT]


def reads(calls: Iterable[Call]) -> list[Call]:
    """The requests for data, without events."""
    return [one for one in calls if one.covered and one.given.kind == DATA]
