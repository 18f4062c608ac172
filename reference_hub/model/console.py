"""Who signs in to the console, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ADMIN, MANAGER, VIEWER, VENDOR = "admin", "manager", "viewer", "vendor"
ROLES = (ADMIN, MANAGER, VIEWER, VENDOR)
# Sets of roles, as pages need them.
ADMINS = (ADMIN,)
DECIDING = (ADMIN, MANAGER)
DISTRICT = (ADMIN, MANAGER, VIEWER)
ALL = ROLES


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. `zone_id`: the district it belongs to, '' for every district of the
    hub; `vendor_id`: of the role vendor, the only vendor it sees; `by_provider`: it has no password
    here, an OpenID provider says at each sign-in who it is and what it may."""

    id: int
    name: str
    role: str
    zone_id: str = ""
    vendor_id: int | None = None
    disabled: bool = False
    by_provider: bool = False

    def sees(self, zone_id: str, vendor_id: int | None = None) -> bool:
        """Whether something of that district, and of that vendor, is for this account."""
        in_zone = self.zone_id in ("", zone_id)
        return in_zone and (self.vendor_id is None or self.vendor_id == vendor_id)


@dataclass(frozen=True, slots=True)
class Session:
    """`key`: SHA-256 of the cookie's token, hexadecimal. `csrf`: what its forms must carry.
    `expires`: the end whatever happens; an idle one ends before."""

    key: str
    account: Account
    csrf: str
    created: datetime
    seen: datetime
    expires: datetime
