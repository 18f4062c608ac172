"""Every way the hub refuses: what it raises on purpose, wherever in the package it is defined.

HubError
├── SetupError               settings, database, port: told on the command line, exit 3
│   ├── AmbiguousModel       codec.schema: a zone whose data model is not decided
│   ├── TableError           translate.tables: a mapping table with faults, each with its line
│   ├── ProfileError         translate.profiles: a vendor profile that cannot be used
│   └── FaultyCollection     codec.collection_toml: rules of a collection with faults
├── Refusal                  an answer of the hub: HTTP status, scope, message, SIF sub-code
│   └── NothingGranted       privacy.gate: the POD has nothing of the object type
├── TokenRefused             web.access.tokens: an answer of the token end point, in its own form
├── RegistryError            registry.records: no POD changes because of it
│   ├── RegistryUnreachable  it gives no answer, or only half of one
│   └── RegistryRefused      it knows the hub's key not, or not any more
├── BadPod                   codec.pod_xml: a POD that cannot be written as told
├── MalformedDocument        codec.xml: bytes that are no document the hub takes
├── NotXml                   codec.prolog: a file to load that is something else
├── AlreadyThere             journeys.accept: two writers created one object; the loser repeats
├── NotGranted               journeys.projection: something passed the filter that must not
├── TooSlow                  store.target_reading: a query of a vendor that takes too long
├── NotProven                model.openid: an OpenID provider's answer that proves nothing
│   └── UnknownKey           model.openid: signed with a key that the provider does not list
├── ProviderAway             model.openid: the OpenID provider gives no usable answer
├── NotLetIn                 journeys.console_openid: no access to the console, and why
├── NoEnvironment            vendors.environment: a vendor's server gives no session
├── NoReport                 vendors.state_report: the state hub hands out no report
├── HostRefused, Paused      vendors.edfi_rows: an Ed-Fi host says no, or later
└── Unreachable              workers.transport: a vendor's or provider's server gives no answer
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass


class HubError(Exception):
    """What the hub raises on purpose; its text is fit for the reader."""


class SetupError(HubError):
    """The hub cannot start or a command cannot run as configured."""


@dataclass(eq=False)
class Refusal(HubError):
    """A request the hub will not serve (Base Architecture 4.5).

    `message` never holds a value of the data. `sub_code` is the 3.6 sub-code, for example 403-01;
    `details` are single faults, where several are known.
    Neither frozen nor slotted: context managers set `__traceback__` on what passes through them.
    """

    status: int
    scope: str
    message: str
    sub_code: str = ""
    marker: str = ""
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.status} {self.scope}: {self.message}"


def raised_at(error: BaseException) -> list[str]:
    """Where an error arose, `function:line` from the outside in; its text may hold values."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.name}:{frame.lineno}" for frame in frames]
