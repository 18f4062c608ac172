"""`reference-hub load --timeline`: what a replay tells, for people and as JSON.

Exit 0: everything is applied, now or before; 1: an event was refused, and what follows it waits.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.codec.timeline import Timeline
from reference_hub.journeys.load import Order
from reference_hub.journeys.timeline import APPLIED, KNOWN, REFUSED, Replayed, replay
from reference_hub.journeys.writer import Writer

if TYPE_CHECKING:
    from sqlalchemy import Engine

LEFT = "left"


def follow(
    engine: Engine,
    judge: Judge,
    order: Order,
    timeline: Timeline,
    on_bytes: Callable[[int], None],
    done: list[Replayed],
) -> None:
    """Replay a timeline; `done` is filled one by one, so that an interruption leaves it true.

    Raises AmbiguousModel before anything is applied.
    """
    judge.refuse_ambiguity([order.model])
    writer = Writer(
        order.scope,
        order.source_key,
        judge,
        Clock(),
        order.model,
        order.file_delay_seconds,
        order.event_objects,
    )
    for outcome in replay(engine, writer, timeline, on_bytes):
        done.append(outcome)


def report(timeline: Timeline, done: Sequence[Replayed], *, as_json: bool, quiet: bool) -> None:
    """Print what was refused and why, then the summary."""
    counts = _counts(timeline, done)
    refused = [(outcome, why) for outcome in done for why in outcome.reasons]
    if as_json:
        problems = [{"file": one.event.file, "expected": why} for one, why in refused]
        click.echo(json.dumps({**counts, "problems": problems}, ensure_ascii=False))
    else:
        for one, why in refused:
            click.echo(f"{timeline.path(one.event)}: {one.event.event_action}: {why}")
    if not (as_json and quiet):
        click.echo(_summary(counts, done), err=as_json)


def exit_code(done: Sequence[Replayed]) -> int:
    """1 when an event was refused, else 0."""
    return 1 if any(outcome.state == REFUSED for outcome in done) else 0


def _counts(timeline: Timeline, done: Sequence[Replayed]) -> dict[str, int]:
    states = Counter(outcome.state for outcome in done)
    counts = {state: states[state] for state in (APPLIED, KNOWN, REFUSED)}
    return {**counts, LEFT: len(timeline.events) - len(done)}


def _summary(counts: dict[str, int], done: Sequence[Replayed]) -> str:
    if counts[KNOWN] and not counts[APPLIED] and not counts[REFUSED] and not counts[LEFT]:
        return f"Events: all {counts[KNOWN]} were applied before; nothing changed."
    words = {APPLIED: "applied", KNOWN: "applied before", REFUSED: "refused", LEFT: "not tried"}
    told = ", ".join(f"{number} {words[state]}" for state, number in counts.items())
    return f"Events: {told}. Objects changed: {sum(outcome.objects for outcome in done)}."
