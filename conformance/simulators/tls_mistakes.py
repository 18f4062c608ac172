"""Mistakes on the way by TLS that a product of any role can make."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa

from conformance.simulators.environments import Environments
from conformance.simulators.secured import Key, Secured


class TellsClearAddresses(Environments):
    """Tells addresses in clear text, by whatever way one comes."""

    def services(self, root: str, refid: str) -> dict[str, str]:
        return super().services(root.replace("https://", "http://", 1), refid)


class HasAShortKey(Secured):
    """Has an RSA key of 1024 bits."""

    def new_key(self) -> Key:
        return rsa.generate_private_key(65537, 1024)  # noqa: S505
