"""What stands in the head of each page; whoever adds a page adds its line."""

from __future__ import annotations

from dataclasses import dataclass

from reference_hub.model.console import ADMINS, ALL, DECIDING, DISTRICT
from reference_hub.web.console.site import blueprint


@dataclass(frozen=True, slots=True)
class Entry:
    """A link: the page, the key of its text, for whom, the beginnings of addresses below it."""

    endpoint: str
    text: str
    roles: tuple[str, ...]
    below: str


ENTRIES = (
    Entry("overview", "shared.nav.overview", ALL, "/console/overview"),
    Entry("vendor_list", "shared.nav.vendors", DISTRICT, "/console/vendors"),
    Entry("onboarding_list", "shared.nav.onboarding", DISTRICT, "/console/onboarding"),
    Entry("run_list", "shared.nav.runs", DISTRICT, "/console/runs"),
    Entry("people", "shared.nav.people", DECIDING, "/console/people"),
    Entry("deletion_list", "shared.nav.deletions", DISTRICT, "/console/deletions"),
    Entry("collections", "shared.nav.collection", DISTRICT, "/console/collection"),
    Entry("audit_trail", "shared.nav.audit", DISTRICT, "/console/audit"),
    Entry("account_list", "shared.nav.accounts", ADMINS, "/console/accounts"),
)


@blueprint.app_template_global("console_navigation")
def entries(role: str) -> list[Entry]:
    """The links for a role."""
    return [entry for entry in ENTRIES if role in entry.roles]
