"""Checks for clients that read from a hub; each sets a scene in the suite's own hub and looks."""
