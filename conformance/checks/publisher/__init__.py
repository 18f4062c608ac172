"""Checks for publishers: systems that send their own data to a hub, which is the suite."""
