"""A consumer's session with the hub, and what an application asks for when it opens one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.party import Application, Vendor
from reference_hub.model.rights import Grant, Rights, default_grants, without_provide
from reference_hub.model.scope import Scope

# A session's last use is written down at most so often, and at most so exact.
TOUCH_SECONDS = 60.0
# applicationProduct and adapterProduct, each with vendorName, productName and so on.
Products = Mapping[str, Mapping[str, str]]


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
    products: Products = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Environment:
    """A session: who opened it, and the tokens given out. `user_digest` never leaves the store.

    `provisioned`: rights that provisionRequests settled in this session. `last_used` is None until
    the store has it. `vendor` is the one the application acts for.
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
    last_used: datetime | None = None
    products: Products = field(default_factory=dict, hash=False)
    vendor: Vendor | None = None

    @property
    def rights(self) -> Rights:
        """What this session may do: what was provisioned later stands before what was given.

        A vendor has none outside of its own place, where its PODs hold, whatever is registered.
        Nobody provides in a direct environment (INF-ACL-008), and no vendor in any.
        """
        grants = (*self.provisioned, *self.given)
        if self.is_vendor:
            grants = tuple(each for each in grants if each.scope == self.scope)
        return Rights(grants if self.may_provide else without_provide(grants))

    @property
    def given(self) -> tuple[Grant, ...]:
        """What came with the environment."""
        return given_to(self.application)

    @property
    def is_brokered(self) -> bool:
        """Whether registered providers may answer this session's requests."""
        return self.type == "BROKERED"

    @property
    def may_provide(self) -> bool:
        """Whether requests may be forwarded to it. What others ask and write is data, and would
        reach a vendor without a gate."""
        return self.is_brokered and not self.is_vendor

    @property
    def scope(self) -> Scope:
        """The default zone and context."""
        return self.application.scope

    @property
    def is_vendor(self) -> bool:
        """Whether a vendor reads through this session; otherwise a source writes."""
        return self.application.vendor_id is not None

    def needs_touch(self, now: datetime, session_seconds: float) -> bool:
        """Whether the store's note of the last use is too old to be left as it is."""
        return self.last_used is None or now - self.last_used >= _exactness(session_seconds)

    def is_over(self, now: datetime, session_seconds: float) -> bool:
        """Whether the session expired by inactivity; with 0 seconds none does (INF-ENV-018)."""
        if not session_seconds or self.last_used is None:
            return False
        return self.last_used < over_before(now, session_seconds)


def passing(application: Application, method: str) -> Environment:
    """A session of one request, which no store knows: its id is ''."""
    return Environment(
        id="",
        application=application,
        instance_id="",
        user_digest="",
        session_token="",
        fingerprint="",
        authentication_method=method,
        consumer_name="",
        solution_id="",
        namespace=INFRASTRUCTURE,
        infrastructure_version="3.3",
        data_model_namespace="",
    )


def given_to(application: Application) -> tuple[Grant, ...]:
    """The rights registered for an application, else those of its kind."""
    return application.grants or default_grants(application.kind, application.scope)


def over_before(now: datetime, session_seconds: float) -> datetime:
    """Sessions last used before this moment are over; never too early by an old note."""
    return now - timedelta(seconds=session_seconds) - _exactness(session_seconds)


def _exactness(session_seconds: float) -> timedelta:
    return timedelta(seconds=min(TOUCH_SECONDS, session_seconds / 2 or TOUCH_SECONDS))
