"""The kit's registry as the hub reads it, and PODs made of it under fixed identities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml.etree import _Element

from reference_hub.registry.folder import FolderRegistry
from reference_hub.registry.pod import pod_of
from reference_hub.registry.records import ACTIVE, Agreement, Snapshot

KIT = FolderRegistry().read()
ACTIVE_IDS = sorted(each.id for each in KIT.agreements.values() if each.status == ACTIVE)
POD_ID, TOKEN = "5b72f2d4-7a83-4297-a71f-8b5fb26cbf14", "token-of-a-golden-file"


def agreement(name: str, **changes: Any) -> Agreement:
    """An agreement of the kit with some fields changed."""
    return replace(KIT.agreements[name], **changes)


def pod(terms: Agreement, registry: Snapshot = KIT) -> _Element:
    """Its POD."""
    return pod_of(
        terms,
        registry.districts[terms.district],
        registry.vendors[terms.vendor],
        registry.products[terms.product],
        pod_id=POD_ID,
        token=TOKEN,
        version="1.0.0",
    )


def registry_of(*agreements: Agreement) -> Snapshot:
    """The kit's parties with only these agreements."""
    return replace(KIT, agreements={each.id: each for each in agreements})
