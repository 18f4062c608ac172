"""Every module with pages of the console; whoever adds one names it here."""

from __future__ import annotations

from reference_hub.web.console import (
    account_list,
    assets,
    audit_trail,
    closing,
    collection_pages,
    deletion_pages,
    delivery_list,
    navigation,
    onboarding,
    onboarding_connection,
    onboarding_end,
    onboarding_steps,
    onboarding_tests,
    openid,
    overview,
    people,
    run_exports,
    run_fidelity,
    run_list,
    run_page,
    sign_in,
    vendor_decision,
    vendor_list,
    vendor_page,
    vendor_test,
)
from reference_hub.web.console.site import blueprint

PAGES = (
    account_list,
    assets,
    audit_trail,
    closing,
    collection_pages,
    deletion_pages,
    delivery_list,
    navigation,
    onboarding,
    onboarding_connection,
    onboarding_end,
    onboarding_steps,
    onboarding_tests,
    openid,
    overview,
    people,
    run_exports,
    run_fidelity,
    run_list,
    run_page,
    sign_in,
    vendor_decision,
    vendor_list,
    vendor_page,
    vendor_test,
)

__all__ = ["PAGES", "blueprint"]
