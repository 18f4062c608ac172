"""A sign-in at an OpenID provider, and how it can fail."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from reference_hub.problems import HubError


class ProviderAway(HubError):
    """The provider gives no answer, or none that can be used; the text has no value of it."""


class NotProven(HubError):
    """The provider's answer does not prove who somebody is; the text says why, without values."""


class UnknownKey(NotProven):
    """The token is signed with a key that is not among the provider's."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was worth: the ID token, and the access token for userinfo, '' for none."""

    proof: str
    access: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A sign-in as the provider is asked for it: what it hands back, and where."""

    state: str
    nonce: str
    verifier: str
    back: str

    @property
    def challenge(self) -> str:
        """What is told of the verifier: its SHA-256 (RFC 7636, 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
