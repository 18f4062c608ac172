"""Which district a page is about, for accounts that see more than one."""

from __future__ import annotations

from flask import request

from reference_hub.store import console_vendors
from reference_hub.web.console.visit import Here
from reference_hub.web.services import services


def known(here: Here) -> list[str]:
    """The districts that the account sees, those of the settings first."""
    if here.account.zone_id:
        return [here.account.zone_id]
    settled = list(services().settings.zones)
    return settled + sorted(console_vendors.zones(here.connection) - set(settled))


def chosen(here: Here) -> str:
    """The district that the address names, if the account sees it; else the first one it sees."""
    seen = known(here)
    asked = request.args.get("zone", "")
    return asked if asked in seen else seen[0]
