"""Can an Ed-Fi host be judged as the target file says: address, version, credentials, places?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance import doctor_network
from conformance.doctor_words import MOST_SKEW_SECONDS, ahead, clock_skew, fault, is_html
from conformance.edfi import EdfiClient, as_json, documents
from conformance.edfi_shapes import KNOWN, STAYS, STUDENTS, people_at_home
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.target import TargetConfig


def look(config: TargetConfig, host: EdfiClient) -> tuple[list[str], list[str]]:
    """What is in order, and notes; raises SetupFault. Nothing is created."""
    reply = _knock(config, host)
    skew = clock_skew(reply)
    notes = [*config.notes]
    if abs(skew) > MOST_SKEW_SECONDS:
        notes.append(f"the target's clock is {ahead(skew)} this machine's")
    version = _version(config, _root(config, reply))
    _come_in(config, host)
    for name in (STUDENTS, STAYS):
        _refuse_closed(config, host, name)
    for name in _written(config):
        _refuse_barred(config, host, name)
    notes += _places(config, host)
    seen = f"{config.base} is the root of an Ed-Fi API of data standard {version}"
    return [seen, f"key {config.credentials.key} reads {STUDENTS} and {STAYS}"], notes


def _knock(config: TargetConfig, host: EdfiClient) -> Reply:
    try:
        return host.root()
    except NotVerified as error:
        raise doctor_network.named(config, host.wire, error) from None


def _root(config: TargetConfig, reply: Reply) -> Mapping[str, Any]:
    found = as_json(reply)
    if reply.ok and isinstance(found, Mapping) and "dataModels" in found:
        return found
    page = " with a web page" if is_html(reply) else ""
    if reply.ok and not page:
        page = " with something else than a root document"
    seen = f"{reply.request} answered {reply.status}{page}"
    cure = "Give the address at which the API shows its versions and addresses."
    raise fault(config, "endpoint", "url", config.base, seen, cure)


def _version(config: TargetConfig, root: Mapping[str, Any]) -> str:
    models = root.get("dataModels")
    found = [
        str(one.get("version", ""))
        for one in (models if isinstance(models, list) else [])
        if isinstance(one, Mapping) and str(one.get("name", "")).lower() == "ed-fi"
    ]
    told = config.edfi.data_standard
    if found and found[0].partition(".")[0] != told:
        cure = f"Write the version that the host speaks: {found[0].partition('.')[0]}."
        seen = f"the host speaks data standard {found[0]}"
        raise fault(config, "edfi", "data_standard", told, seen, cure)
    return found[0] if found else "of no version"


def _come_in(config: TargetConfig, host: EdfiClient) -> None:
    try:
        host.open()
    except NotVerified as error:
        cure = "Check key and secret, and that the host knows them as an API client."
        raise fault(
            config, "credentials", "key", config.credentials.key, error.reason, cure
        ) from None


def _refuse_closed(config: TargetConfig, host: EdfiClient, name: str) -> None:
    reply = host.get(name, query={"limit": 1})
    if reply.ok:
        return
    seen = f"{reply.request} answered {reply.status}"
    if reply.status == 404:
        cure = "Correct the address, or let the root document name where the data is."
        raise fault(config, "endpoint", "url", config.base, seen, cure)
    if reply.status == 401:
        cure = "The host does not take the token that it gave; look at its log."
    else:
        cure = "Give the key a claim set that may create, read, update and delete it."
    raise fault(config, "credentials", "key", config.credentials.key, seen, cure)


def _written(config: TargetConfig) -> list[str]:
    """The resources that a run writes."""
    names = [STUDENTS, STAYS, KNOWN]
    if "contacts" in config.capabilities:
        names += people_at_home(config.edfi.data_standard)[:2]
    if "sections" in config.capabilities:
        names += ["courses", "sessions", "courseOfferings", "sections"]
    return names


def _refuse_barred(config: TargetConfig, host: EdfiClient, name: str) -> None:
    """A record without any member cannot be stored: it is told whether one could be."""
    try:
        reply = host.send("POST", host.url(name), {}, named=name)
    except NotVerified:
        return  # a read-only run; or for the checks to see
    if reply.status == 403:
        seen = f"{reply.request} answered 403 to an empty record"
        cure = "Give the key a claim set that may create it, or do not declare what needs it."
        raise fault(config, "credentials", "key", config.credentials.key, seen, cure)


def _places(config: TargetConfig, host: EdfiClient) -> list[str]:
    told, notes = config.edfi, []
    places = [("school", "schools", "schoolId", told.school)]
    if told.second_school:
        places.append(("second_school", "schools", "schoolId", told.second_school))
    agency = ("district", "localEducationAgencies", "localEducationAgencyId", told.district)
    for key, name, member, number in (agency, *places):
        reply = host.get(name, query={member: number})
        if not reply.ok:
            notes.append(f"{name} cannot be read ({reply.status}), so {key} was not looked up")
        elif not documents(reply):
            cure = "Name an organisation that is there and that the key may write to."
            raise fault(config, "edfi", key, number, f"the host has no {name} {number}", cure)
    return notes
