"""The ways in which a vendor gets data from this hub, and the role in which the suite judges each.

`push`: it takes SIF objects; `files`: it takes files; `edfi`: its Ed-Fi API is written to;
`roster`: it comes for rosters by OneRoster REST; `pull`: it reads and subscribes as a SIF client.
"""

from __future__ import annotations

from dataclasses import dataclass

from reference_hub.model.party import NATIVE

PUSH, FILES, EDFI, ROSTER, PULL = "push", "files", "edfi", "roster", "pull"


@dataclass(frozen=True, slots=True)
class Kind:
    """`role`: of the suite. `formats`: profiles of the hub that it may speak. `capabilities`: what
    the product may say that it does, as the suite calls it. `comes`: whether it calls the hub.
    `reads_documents`: whether an agreement reaches it as a message; else by the form."""

    name: str
    role: str
    formats: tuple[str, ...]
    capabilities: tuple[str, ...]
    comes: bool = False
    reads_documents: bool = False


_LISTED = (
    Kind(
        PUSH,
        "receiver",
        (NATIVE,),
        ("create", "update", "delete", "query", "paging", "head", "pod"),
        reads_documents=True,
    ),
    Kind(
        FILES,
        "file-receiver",
        ("oneroster-1.2-csv", "oneroster-1.1-csv", "clever", "sds-2.1"),
        ("outcome", "delta"),
    ),
    Kind(
        EDFI,
        "edfi-receiver",
        ("edfi-5", "edfi-4"),
        ("delete", "query", "paging", "etag", "contacts", "sections", "order"),
    ),
    Kind(
        ROSTER,
        "oneroster-consumer",
        ("oneroster-1.2-rest", "oneroster-1.1-rest"),
        ("tokens", "pod", "delta"),
        comes=True,
    ),
    Kind(
        PULL,
        "consumer",
        (NATIVE,),
        ("environment", "pod", "paging", "events", "publish", "receipt", "reject", "delayed",
         "changes", "alerts"),
        comes=True,
        reads_documents=True,
    ),
)  # fmt: skip
KINDS = {each.name: each for each in _LISTED}


def kind_of(format_: str, transport: str) -> Kind | None:
    """The kind of a connection of the store; None where the console knows no role for it."""
    if transport == "sif_push":
        return KINDS[PUSH] if format_ == NATIVE else None
    fitting = (each for each in _LISTED if each.name != PULL and format_ in each.formats)
    return next(fitting, None)
