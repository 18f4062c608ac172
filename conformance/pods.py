"""Build privacy obligation documents for the vendor under test, each with a token of its own."""

from __future__ import annotations

import random
import string
import uuid
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from lxml import etree

from conformance.trees import NA4, inf

# Whatever the suite sends is granted: a hub would send nothing else.
GRANTED = ("xStudent",)

_SYSTEM = random.SystemRandom()
_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Pod:
    """A POD with what a check needs to know of it; `element` is ready to be sent."""

    element: etree._Element
    refid: str
    token: str
    zone: str
    context: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What one POD says. Dates are inclusive; `fields` are paths like `xStudent/name`.

    `masked` are paths at which placeholders stand for values; with `retention_days` 0 the data has
    to go when the agreement ends; `portability` asks that the rules travel with the data.
    """

    refid: str
    token: str
    party: str
    app: str
    zone: str
    context: str = "DEFAULT"
    status: str = "Live"
    version: str = "1.0.0"
    valid_from: date | None = None
    valid_to: date | None = None
    fields: tuple[str, ...] = GRANTED
    contract: str = "Conformance test agreement"
    contract_uri: str = ""
    data_model: str = NA4
    endpoints: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    retention_days: int = 60
    portability: bool = False


def fresh_token(rng: random.Random, length: int = 40, alphabet: str = _ALPHABET) -> str:
    """A token nobody has seen: eight characters from the seed, the rest from the system.

    A vendor may refuse a token that was superseded in an earlier run, so the seed alone must not
    decide it; the seeded start keeps findings the same from run to run.
    """
    start = "".join(rng.choices(_ALPHABET, k=8))
    return start + "".join(_SYSTEM.choices(alphabet, k=length - 8))


def fresh_id() -> str:
    """A version 4 UUID that no run used before."""
    return str(uuid.uuid4())


def build(terms: Terms) -> Pod:
    """The POD element in the order of the 3.3 schema."""
    today = date.today()  # noqa: DTZ011  # a contract runs on the calendar of the district
    start = terms.valid_from or today - timedelta(days=30)
    end = terms.valid_to or today + timedelta(days=365)
    privacy = inf("privacy", inf("default", "Y"), inf("appIDList", inf("appID", terms.app)))
    place = inf("zoneContext", inf("zoneId", terms.zone), inf("contextId", terms.context))
    privacy.append(inf("zoneContextList", place))
    if terms.endpoints:
        listed = [inf("endpoint", inf("endpointURL", one)) for one in terms.endpoints]
        privacy.append(inf("endpointList", *listed))
    privacy.append(inf("dataModelNamespace", terms.data_model))
    document = deepcopy(_obligations(terms.party, terms.contract, terms.fields, start, end))
    document[0][0].text = terms.contract_uri or f"urn:uuid:{terms.refid}"
    _add_technical(document[1], terms)
    privacy.append(document)
    element = inf(
        "pod",
        inf("podStatus", terms.status),
        inf("podToken", terms.token),
        inf("podVersion", terms.version),
        inf("partyId", terms.party),
        inf("privacyList", privacy),
        id=terms.refid,
    )
    return Pod(element, terms.refid, terms.token, terms.zone, terms.context)


@lru_cache(maxsize=64)
def _obligations(
    party: str, contract: str, fields: tuple[str, ...], start: date, end: date
) -> etree._Element:
    law = inf("law", inf("lawName", "FERPA"), inf("lawDescription", "20 USC 1232g; 34 CFR 99"))
    listed = [inf("field", inf("fieldName", one), inf("controlrights", "R")) for one in fields]
    return inf(
        "privacyObligationsDocument",
        inf(
            "contract",
            inf("contractURI"),
            inf("contractName", contract),
            inf("dateValidFrom", start.isoformat()),
            inf("dateValidTo", end.isoformat()),
            inf("lawList", law),
        ),
        inf(
            "technicalRequirements",
            inf("dataAccess", inf("fieldList", *listed)),
            inf("dataDeletion", inf("deleteData", "Y"), inf("dataRetention")),
        ),
        inf(
            "dataController",
            inf("dataControllerName", "Synthetic School District"),
            inf("privacyPolicyURL", "https://district.example/privacy"),
        ),
        inf(
            "dataProcessor",
            inf("dataProcessorName", party),
            inf("privacyPolicyURL", "https://vendor.example/privacy"),
            inf("purposeList", inf("purpose", "Conformance testing with synthetic students")),
            inf("dataUsageMarketingAllowed", "N"),
        ),
    )


def _add_technical(technical: etree._Element, terms: Terms) -> None:
    """What differs from POD to POD: conditions, portability, days of retention."""
    technical[-1][-1].text = str(terms.retention_days)
    if terms.portability:
        technical.insert(1, inf("dataSubject", inf("requirePortability", "Y")))
    if terms.masked:
        conditions = inf("conditionList", *(_masking(path) for path in terms.masked))
        technical.insert(1, conditions)


def _masking(path: str) -> etree._Element:
    prop = inf("property", inf("propertyName", "path"), inf("propertyValue", path))
    return inf("condition", inf("typeOfCondition", "MASK"), inf("propertyList", prop))
