"""Checks for a service that offers rosters over OneRoster REST."""
