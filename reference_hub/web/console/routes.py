"""Every module with pages of the console; whoever adds one names it here."""

from __future__ import annotations

from reference_hub.web.console import (
    assets,
    closing,
    delivery_list,
    navigation,
    overview,
    sign_in,
    vendor_list,
    vendor_page,
)
from reference_hub.web.console.site import blueprint

PAGES = (assets, closing, delivery_list, navigation, overview, sign_in, vendor_list, vendor_page)

__all__ = ["PAGES", "blueprint"]
