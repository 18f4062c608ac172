"""A system that offers rosters over OneRoster REST: conforming, with mutants that each err once."""

from conformance.simulators.oneroster_provider.provider import RosterProvider

__all__ = ["RosterProvider"]
