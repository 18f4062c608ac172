"""A district's system that offers data to be read: conforming, with mutants that each err once."""

from conformance.simulators.provider.provider import Provider

__all__ = ["Provider"]
