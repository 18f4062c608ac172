"""A vendor's Ed-Fi API that a hub upserts into: conforming, with mutants that each err once."""

from conformance.simulators.edfi_receiver.host import EdfiHost

__all__ = ["EdfiHost"]
