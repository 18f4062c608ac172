"""Thin blueprints: HTTP in, a journey called, HTTP out."""
