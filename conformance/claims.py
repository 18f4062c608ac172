"""What a target may claim: the role it is judged in, and what it does in that role."""

from __future__ import annotations

ROLES = {
    "provider": "the suite is a consumer that reads what a system offers",
    "receiver": "the suite plays the hub and pushes data to the vendor",
    "consumer": "the suite is a small hub, and the vendor's client connects to it",
    "broker": "a hub is judged, and the suite plays its vendors and the district",
    "publisher": "the suite is the hub to which a system sends its own data",
    "file-receiver": "the suite delivers files by HTTP or SFTP and looks what became of them",
    "oneroster-consumer": "the suite is a OneRoster service, and the vendor's client pulls from it",
    "oneroster-provider": "the suite reads the rosters that a OneRoster REST service offers",
    "edfi-receiver": "the suite is a hub that upserts into the vendor's Ed-Fi API",
}
# The suite is a hub for these: they call, so they have no address.
CALLERS = ("consumer", "oneroster-consumer", "publisher")
CAPABILITIES = {
    "create": "takes new objects, one or many",
    "update": "takes partial updates, one or many",
    "delete": "takes deletions, one or many",
    "query": "answers GET on objects and collections",
    "paging": "answers page by page, or asks so",
    "head": "answers HEAD",
    "pod": "takes privacy obligation documents and demands or sends their marker",
    "readback": "shows what it stored in its own form",
    "bundle": "takes OneRoster CSV bundles by PUT",
    "events": "reads events of documents and data from a queue",
    "publish": "publishes changes of its own",
    "receipt": "sends, or as a hub takes, the explicit acknowledgement of a document",
    "reject": "can reject a document it is offered",
    "environment": "makes its environment itself, takes the addresses from it, and deletes it",
    "delayed": "asks for lists whose answers come into its queue",
    "alerts": "tells the hub by alerts of messages that it could not use",
    "queue": "offers queues and puts events of changes into them",
    "example": "answers a query by example",
    "where": "answers where and order",
    "servicepath": "answers service paths",
    "changes": "answers changesSince, or asks with it",
    "result": "keeps a result under a navigationId while it is read page by page",
    "etag": "tells a tag of each collection, and answers it with 304",
    "json": "answers JSON too, or as a client speaks it",
    "hubs": "is connected to two hubs at once",
    "markers": "offers the marker service",
    "oneroster": "shows the same data as OneRoster 1.2 JSON",
    "post": "sends its objects to a hub by POST, PUT and DELETE",
    "provide": "registers as a provider behind a hub, publishes events and answers queries",
    "persons": "keeps a person's wish not to be shared with a party",
    "upload": "takes files by HTTP",
    "sftp": "takes files by SFTP",
    "bulk": "takes files that hold everything; what is not in them is gone",
    "delta": "takes files that hold what changed, or asks for only that",
    "outcome": "writes for each file what became of it and of its rows",
    "tokens": "hands out, or asks for, access tokens by client credentials (OAuth 2.0)",
    "scopes": "lets a token reach what its scopes name",
    "signed": "takes requests signed with OAuth 1.0a",
    "counts": "tells the count of all pages and the addresses of the others",
    "filter": "answers filter of OneRoster",
    "sort": "answers sort and orderBy of OneRoster",
    "fields": "answers a selection of fields",
    "demographics": "offers demographics",
    "contacts": "takes contacts of students and their ties",
    "sections": "takes courses, sessions, sections and who sits in them",
    "order": "tells the order in which resources are loaded",
}
_OBJECTS = ("create", "update", "delete", "query", "paging", "head", "pod")
SPOKEN_OF = {
    "provider": (
        "query", "paging", "head", "where", "example", "servicepath", "changes", "result", "etag",
        "json",
    ),
    "receiver": (
        *_OBJECTS, "readback", "bundle", "oneroster", "changes", "result", "etag", "json",
    ),
    "publisher": ("post", "provide"),
    "consumer": (
        "pod", "events", "publish", "receipt", "reject", "environment", "paging", "delayed",
        "changes", "alerts", "readback", "json", "hubs",
    ),
    "broker": (
        *_OBJECTS, "queue", "example", "where", "servicepath", "changes", "json", "receipt",
        "markers", "oneroster", "persons",
    ),
    "file-receiver": ("upload", "sftp", "bulk", "delta", "outcome", "readback"),
    "oneroster-consumer": ("tokens", "pod", "delta", "readback"),
    "oneroster-provider": (
        "tokens", "scopes", "signed", "paging", "counts", "filter", "sort", "fields",
        "demographics",
    ),
    "edfi-receiver": ("delete", "query", "paging", "etag", "contacts", "sections", "order"),
}  # fmt: skip
# What the client of a consumer is asked to do, also the keys of its commands in [consumer].
ORDERS = {
    "synchronise": "let your client read everything from the hub once, now",
    "restart": "stop your client, start it again, and let it read everything once",
    "reject": "let your client reject the document that it is offered next",
    "leave": "let your client end its work with the hub and delete its environment",
}
# What a publisher is asked to do, also the keys of its commands in [publisher].
_STUDENT = "{given_name} {family_name}, local id {local_id}, born {birth_date}"
PUBLISHING = {
    "publish": "let your system send the hub everything it has once, now",
    "add": f"enter a new student, {_STUDENT}, and let your system tell the hub",
    "change": f"change the given name of a student to what stands here: {_STUDENT}",
    "delete": f"delete the student {_STUDENT} from your system",
    "restart": "stop your system, start it again, and let it send everything once",
}
