"""A small agreement put into a POD: whom, until when, which paths, and little more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reference_hub.codec.pod_xml import build_pod
from reference_hub.codec.xml import tostring
from reference_hub.model.pod import PENDING
from reference_hub.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Obligations:
    """What an agreement says, ready for the POD. `laws` are (name, description) pairs;
    `retention_days` None leaves the duty to delete out."""

    contract_uri: str
    contract_name: str
    contract_version: str
    starts: date
    ends: date | None
    controller: str
    controller_policy: str
    processor: str
    processor_policy: str
    purposes: tuple[str, ...]
    laws: tuple[tuple[str, str], ...]
    retention_days: int | None


def write_pod(
    pod_id: str,
    token: str,
    version: str,
    party_id: str,
    scope: Scope,
    granted: Sequence[str],
    terms: Obligations,
) -> bytes:
    """The POD as XML bytes, status Pending, one privacy entry that covers the whole scope."""
    place = {"zoneId": scope.zone_id, "contextId": scope.context_id}
    entry = {
        "default": True,
        "zoneContextList": {"zoneContext": [place]},
        "privacyObligationsDocument": {
            "contract": _contract(terms),
            "technicalRequirements": _technical(granted, terms),
            **_parties(terms),
        },
    }
    pod = build_pod(
        {
            "id": pod_id,
            "podStatus": PENDING,
            "podToken": token,
            "podVersion": version,
            "partyId": party_id,
            "privacyList": {"privacy": [entry]},
        }
    )
    return tostring(pod)


def _contract(terms: Obligations) -> dict[str, object]:
    return {
        "contractURI": terms.contract_uri,
        "contractName": terms.contract_name,
        "dateValidFrom": terms.starts,
        "dateValidTo": terms.ends,
        "contractVersion": terms.contract_version,
        "lawList": {
            "law": [{"lawName": name, "lawDescription": text} for name, text in terms.laws]
        },
    }


def _technical(granted: Sequence[str], terms: Obligations) -> dict[str, object]:
    fields = [{"fieldName": path, "controlrights": "R"} for path in granted]
    deletion = {"deleteData": True, "dataRetention": terms.retention_days}
    return {
        "dataAccess": {"fieldList": {"field": fields}},
        "dataDeletion": None if terms.retention_days is None else deletion,
    }


def _parties(terms: Obligations) -> dict[str, object]:
    return {
        "dataController": {
            "dataControllerName": terms.controller,
            "privacyPolicyURL": terms.controller_policy,
        },
        "dataProcessor": {
            "dataProcessorName": terms.processor,
            "privacyPolicyURL": terms.processor_policy,
            "purposeList": {"purpose": list(terms.purposes)},
        },
    }
