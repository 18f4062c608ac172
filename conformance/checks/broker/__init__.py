"""Checks of hubs: PODs, the gate on every door, and the least data."""
