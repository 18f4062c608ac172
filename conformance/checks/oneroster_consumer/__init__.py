"""Checks for clients that pull rosters; each sets a scene in the suite's own OneRoster service."""
