"""What a target may claim: the role it is judged in, and what it does in that role."""

from __future__ import annotations

ROLES = {
    "provider": "the suite is a consumer that reads what a system offers",
    "receiver": "the suite plays the hub and pushes data to the vendor",
    "consumer": "the suite is a small hub, and the vendor's client connects to it",
    "broker": "a hub is judged, and the suite plays its vendors and the district",
}
CAPABILITIES = {
    "create": "takes new objects, one or many",
    "update": "takes partial updates, one or many",
    "delete": "takes deletions, one or many",
    "query": "answers GET on objects and collections",
    "paging": "answers page by page",
    "head": "answers HEAD",
    "pod": "takes privacy obligation documents and demands or sends their marker",
    "readback": "shows what it stored in its own form",
    "bundle": "takes OneRoster CSV bundles by PUT",
    "events": "reads events of documents and data from a queue",
    "publish": "publishes changes of its own",
    "receipt": "sends, or as a hub takes, the explicit acknowledgement of a document",
    "reject": "can reject a document it is offered",
    "queue": "offers queues and puts events of changes into them",
    "example": "answers a query by example",
    "where": "answers where and order",
    "servicepath": "answers service paths",
    "changes": "answers changesSince",
    "result": "keeps a result under a navigationId while it is read page by page",
    "etag": "tells a tag of each collection, and answers it with 304",
    "json": "answers JSON too",
    "markers": "offers the marker service",
    "oneroster": "shows the same data as OneRoster 1.2 JSON",
    "persons": "keeps a person's wish not to be shared with a party",
}
_OBJECTS = ("create", "update", "delete", "query", "paging", "head", "pod")
SPOKEN_OF = {
    "provider": (
        "query", "paging", "head", "where", "example", "servicepath", "changes", "result", "etag",
        "json",
    ),
    "receiver": (*_OBJECTS, "readback", "bundle", "oneroster"),
    "consumer": ("pod", "events", "publish", "receipt", "reject"),
    "broker": (
        *_OBJECTS, "queue", "example", "where", "servicepath", "changes", "json", "receipt",
        "markers", "oneroster", "persons",
    ),
}  # fmt: skip
# What the client of a consumer is asked to do, also the keys of its commands in [consumer].
ORDERS = {
    "synchronise": "let your client read everything from the hub once, now",
    "restart": "stop your client, start it again, and let it read everything once",
    "reject": "let your client reject the document that it is offered next",
}
