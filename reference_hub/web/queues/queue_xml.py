"""The `queue` element, read leniently and written in schema order (INF-QUE-001)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from lxml.etree import _Element

from reference_hub.clock import iso
from reference_hub.codec.tree import leaf
from reference_hub.model.queue import IMMEDIATE, LONG, Queue
from reference_hub.problems import Refusal
from reference_hub.settings import Queues
from reference_hub.web.answers import infrastructure
from reference_hub.web.asked import asked, whole_number

DOING = "Create queue"


def wanted(
    root: _Element, limits: Queues, queue_id: str, environment_id: str, now: datetime
) -> Queue:
    """The queue that is made of a request; what is asked for is lowered to the limits.

    Raises Refusal 400 for what no queue can be, 405 for a wake-up address (INF-QUE-017).
    """
    given = asked(root, "queue", DOING)
    if given.get("ownerUri"):
        text = "The hub wakes nobody up; leave ownerUri out, and read the queue or poll LONG."
        raise Refusal(405, DOING, text)
    polling = given.get("polling") or IMMEDIATE
    if polling not in (IMMEDIATE, LONG):
        raise Refusal(400, DOING, f"polling is {IMMEDIATE} or {LONG}.", "400-01")
    idle = _idle_timeout(given, limits) if polling == LONG else 0
    connections = _number(given, "maxConcurrentConnections") or 1
    return Queue(
        id=queue_id,
        environment_id=environment_id,
        polling=polling,
        name=given.get("name", ""),
        idle_timeout=idle,
        min_wait_time=0.0 if idle else limits.min_wait_seconds,
        max_connections=min(connections, limits.most_connections),
        created=now,
        last_accessed=now,
        last_modified=now,
    )


def write(queue: Queue, root_url: str) -> _Element:
    """The whole queue; `root_url` is the hub's root without a trailing slash."""
    element = infrastructure("queue", id=queue.id)
    leaf(element, "polling", queue.polling)
    leaf(element, "ownerId", queue.environment_id)
    if queue.name:
        leaf(element, "name", queue.name)
    leaf(element, "queueUri", f"{root_url}/queues/{queue.id}/messages")
    leaf(element, "idleTimeout", str(queue.idle_timeout))
    leaf(element, "minWaitTime", str(math.ceil(queue.min_wait_time)))
    leaf(element, "maxConcurrentConnections", str(queue.max_connections))
    leaf(element, "created", iso(queue.created))
    leaf(element, "lastAccessed", iso(queue.last_accessed))
    leaf(element, "lastModified", iso(queue.last_modified))
    leaf(element, "messageCount", str(queue.message_count))
    return element


def _idle_timeout(given: Mapping[str, str], limits: Queues) -> int:
    found = _number(given, "idleTimeout")
    return limits.longest_idle_seconds if found is None else min(found, limits.longest_idle_seconds)


def _number(given: Mapping[str, str], name: str) -> int | None:
    return whole_number(given.get(name, ""), name, DOING)
