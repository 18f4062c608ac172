"""The store as far as the plan knows it: what is left of a list of PODs after its steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import count

from reference_hub.registry.content import content_of
from reference_hub.registry.plan import (
    DISCARD,
    END,
    PUBLISH,
    WRITE_DRAFT,
    Action,
    Known,
)
from reference_hub.registry.pod import app_ids
from reference_hub.registry.records import Agreement, Product, Snapshot
from tests.reference_hub.registry.agreed import KIT, pod

_NUMBERS = count(1)


def after(steps: Sequence[Action], known: Sequence[Known], registry: Snapshot) -> list[Known]:
    """The PODs once the steps are done; publishing ends what was shown before."""
    pods = list(known)
    said = contents(registry)
    for step in steps:
        if step.kind == END:
            pods = [
                _ended(each, "registry") if each.pod_id == step.pod_id else each for each in pods
            ]
        elif step.kind == DISCARD:
            pods = [each for each in pods if each.pod_id != step.pod_id]
        elif step.kind in (PUBLISH, WRITE_DRAFT):
            if step.kind == PUBLISH:
                pods = [_ended(each, "replaced") if _is_same(each, step) else each for each in pods]
            status = "Pending" if step.kind == PUBLISH else "Draft"
            content = said[step.agreement_id, step.app_id]
            made = (f"pod-{next(_NUMBERS)}", step.agreement_id, step.version, status)
            pods.append(Known(*made, content, step.app_id))
    return pods


def contents(registry: Snapshot) -> dict[tuple[str, str], str]:
    """The content of each agreement's POD for each application."""
    return {
        (each.id, app): _content(each, _for(registry.products[each.product], app))
        for each in registry.agreements.values()
        for app in app_ids(registry.products[each.product])
    }


@cache
def _content(agreement: Agreement, product: Product) -> str:
    registry = replace(KIT, products={**KIT.products, product.id: product})
    return content_of(pod(agreement, registry))


def _for(product: Product, app_id: str) -> Product:
    return replace(product, app_ids=(app_id,) if app_id else ())


def _ended(pod: Known, how: str) -> Known:
    return replace(pod, status="Expired", ended=how)


def _is_same(pod: Known, step: Action) -> bool:
    shown = pod.status in ("Pending", "Live")
    return shown and (pod.agreement_id, pod.app_id) == (step.agreement_id, step.app_id)
