"""Mapping tables and the small engine that compiles and runs them, with a loss ledger."""
