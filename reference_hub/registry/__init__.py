"""Agreements of a registry become PODs: records, ways to read them, the pure functions."""
