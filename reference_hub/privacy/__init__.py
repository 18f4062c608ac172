"""May this party have this now, and which fields of it."""
