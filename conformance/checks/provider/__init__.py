"""Checks of what a system offers to be read: one file per topic."""
