"""A consumer's session with the hub, and what an application asks for when it opens one."""

from __future__ import annotations

from dataclasses import dataclass

from reference_hub.model.party import Application
from reference_hub.model.rights import Grant, Rights, default_grants
from reference_hub.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a create request says; '' stands for absent. `namespace` is the infrastructure one."""

    namespace: str
    authentication_method: str = ""
    application_key: str = ""
    instance_id: str = ""
    user_token: str = ""
    consumer_name: str = ""
    solution_id: str = ""
    infrastructure_version: str = ""
    data_model_namespace: str = ""
    transport: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """A session: who opened it, and the tokens given out. `user_digest` never leaves the store.

    `provisioned`: rights that provisionRequests settled in this session.
    """

    id: str
    application: Application
    instance_id: str
    user_digest: str
    session_token: str
    fingerprint: str
    authentication_method: str
    consumer_name: str
    solution_id: str
    namespace: str
    infrastructure_version: str
    data_model_namespace: str
    type: str = "DIRECT"
    provisioned: tuple[Grant, ...] = ()

    @property
    def rights(self) -> Rights:
        """What this session may do: what was provisioned later stands before what was given."""
        application = self.application
        given = application.grants or default_grants(application.kind, application.scope)
        return Rights((*self.provisioned, *given))

    @property
    def is_brokered(self) -> bool:
        """Whether registered providers may answer this session's requests."""
        return self.type == "BROKERED"

    @property
    def scope(self) -> Scope:
        """The default zone and context."""
        return self.application.scope

    @property
    def is_vendor(self) -> bool:
        """Whether a vendor reads through this session; otherwise a source writes."""
        return self.application.vendor_id is not None
