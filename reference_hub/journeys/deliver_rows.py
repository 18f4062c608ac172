"""Deliver to a connection whose vendor speaks another format: bring its rows up, then send.

What to send is the difference between the rows the vendor should hold and those it took, so a
repeated message, a crash or a long outage sends nothing twice that the vendor already has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys import project
from reference_hub.journeys.prepare import Stopped
from reference_hub.journeys.projection import Projected
from reference_hub.model.caller import Caller
from reference_hub.model.message import Claimed, ResultFile, Settled, Transport
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from reference_hub.translate.profiles import Profile


@dataclass(frozen=True, slots=True)
class Work:
    """One run of messages of one connection; `transport` is the one it names."""

    engine: Engine
    clock: Clock
    to: Subscriber
    caller: Caller
    transport: Transport
    messages: Sequence[Claimed]
    stop: Callable[[], bool] = lambda: False

    @property
    def message_id(self) -> str:
        """The id under which the vendor sees the whole run."""
        return self.messages[0].message_id


@dataclass(frozen=True, slots=True)
class Outcome:
    """How sending went: `state` is done | waiting | held | dead for the messages of the run."""

    state: str = "done"
    reason: str = ""
    not_before: datetime | None = None
    at_fault: bool = False
    session: dict[str, object] | None = None
    results: tuple[ResultFile, ...] = ()


@dataclass(slots=True)
class Worked:
    """How the messages of a run ended, under which POD, with which paths in how many objects."""

    settled: list[Settled]
    pod: Pod | None = None
    fields: Counter[str] = field(default_factory=Counter)
    outcome: Outcome = Outcome()


Sender = Callable[[Work, "Profile"], Outcome]


def work_off(work: Work, senders: Mapping[str, Sender]) -> Worked:
    """Bring the rows up to date for a run of messages and send what the vendor lacks.

    `senders` by the shape of the profile; a shape without one is read by the vendor itself.
    """
    with work.engine.connect() as connection:
        profile = project.profile_of(connection, work.to)
    made = _brought_up(work)
    if isinstance(made, Stopped):
        return Worked([Settled(x.id, made.state, made.reason) for x in work.messages])
    sender = senders.get(profile.shape)
    outcome = sender(work, profile) if sender else Outcome()
    settled = [_settled(message, outcome, made.closed) for message in work.messages]
    return Worked(settled, made.pod, made.fields, outcome)


def _brought_up(work: Work) -> Projected | Stopped:
    whole = any(message.kind == "file" for message in work.messages)
    level = "REPEATABLE READ" if whole else "READ COMMITTED"
    changed = None if whole else [(x.object_type, x.refid) for x in work.messages]
    with work.engine.connect() as connection:
        connection = connection.execution_options(isolation_level=level)
        at = (connection, work.to, work.caller, work.clock)
        made = project.bring_up(*at, changed, work.message_id)
        if isinstance(made, Stopped):
            connection.rollback()
        else:
            connection.commit()
    return made


def _settled(message: Claimed, outcome: Outcome, closed: Mapping[str, str]) -> Settled:
    reason = closed.get(message.object_type, "")
    if reason:
        return Settled(message.id, "held", reason)
    return Settled(
        message.id, outcome.state, outcome.reason, outcome.not_before, at_fault=outcome.at_fault
    )
