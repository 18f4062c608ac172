"""Checks of a vendor's Ed-Fi API that a hub upserts into."""
