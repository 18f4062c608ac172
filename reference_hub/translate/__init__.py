"""Mapping tables and the small engine that interprets them, with a loss ledger."""
