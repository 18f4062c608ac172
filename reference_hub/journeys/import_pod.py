"""Publish a POD that the district wrote elsewhere, under an id and a token of the hub's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec.pod_terms import read_terms
from reference_hub.codec.pod_xml import build_pod, tree_of
from reference_hub.codec.releases import spoken
from reference_hub.codec.xml import tostring
from reference_hub.journeys.issue_pod import free_version, publish
from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.party import Vendor
from reference_hub.model.pod import PENDING, Pod, Terms
from reference_hub.problems import SetupError

if TYPE_CHECKING:
    from sqlalchemy import Connection


def import_pod(
    connection: Connection,
    vendor: Vendor,
    document: _Element,
    clock: Clock,
    *,
    app_id: str = "",
    draft: bool = False,
) -> Pod:
    """Publish what the document says; raises SetupError for one that names another party.

    Its own id and token are replaced: a token that others have seen protects nothing. Its version
    is raised where an earlier POD of the vendor has it.
    """
    told = tree_of(spoken(document, INFRASTRUCTURE))
    if told["partyId"] != vendor.party_id:
        raise SetupError(
            f"The document names another party than that of {vendor.name}; correct its partyId, or "
            f"the vendor: reference-hub vendor add {vendor.name} --party PARTY"
        )

    def build(pod_id: str, token: str) -> tuple[bytes, tuple[Terms, ...]]:
        own = {"id": pod_id, "podToken": token, "podStatus": PENDING, "podVersion": version}
        made = build_pod(told | own)
        return tostring(made), read_terms(made)

    version = free_version(connection, vendor, str(told["podVersion"]))
    app_id = app_id or _only_app(read_terms(document))
    return publish(connection, vendor, build, clock, version=version, app_id=app_id, draft=draft)


def _only_app(entries: tuple[Terms, ...]) -> str:
    """The one product that every entry is for, '' where they are for several or for any."""
    named = {entry.app_ids for entry in entries}
    only = named.pop() if len(named) == 1 else ()
    return only[0] if len(only) == 1 else ""
