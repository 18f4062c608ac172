"""Checks for products that take files."""
