"""Secrets that providers trip over: the checks of receivers, asked with applications that read."""

from __future__ import annotations

import random

import pytest

from conformance import auth
from conformance.checks.sif import secrets, secrets_bearer
from conformance.sif import SifClient
from conformance.verifies import verifies


@verifies("INF-AUT-003", "NEG-008")
def check_basic_secret_of_a_reader_may_hold_a_colon(stranger: SifClient) -> None:
    """An application whose secret holds a colon gets an environment by Basic."""
    secrets.check_basic_secret_may_hold_a_colon(stranger)


@verifies("INF-AUT-003", negative=True)
def check_secret_of_a_reader_does_not_end_at_its_colon(
    stranger: SifClient, rng: random.Random
) -> None:
    """What stands before the colon of a secret is refused in its place; the whole is accepted."""
    secrets.check_secret_does_not_end_at_its_colon(stranger, rng)


@verifies("NEG-008")
def check_mac_of_a_reader_whose_secret_holds_a_colon_is_verified(stranger: SifClient) -> None:
    """An application whose secret holds a colon gets an environment by SIF_HMACSHA256."""
    secrets.check_mac_of_a_secret_with_a_colon_is_verified(stranger)


@pytest.mark.parametrize("method", auth.METHODS)
@verifies("INF-AUT-024", "NEG-008")
def check_secret_of_a_reader_is_read_as_utf_8(stranger: SifClient, method: str) -> None:
    """An application whose secret holds letters beyond ASCII gets an environment."""
    secrets.check_secret_beyond_ascii_is_read_as_utf_8(stranger, method)


@pytest.mark.parametrize("method", auth.METHODS)
@verifies("INF-AUT-024", negative=True)
def check_letters_of_a_reader_beyond_ascii_count(
    stranger: SifClient, method: str, rng: random.Random
) -> None:
    """A secret with question marks for its letters beyond ASCII is refused; itself is accepted."""
    secrets.check_letters_beyond_ascii_count(stranger, method, rng)


@pytest.mark.parametrize("place", secrets_bearer.PLACES)
@verifies("INF-AUT-011")
def check_key_of_a_reader_beside_a_bearer_token_is_taken(stranger: SifClient, place: str) -> None:
    """With a Bearer token and the application key in header or query an environment is made."""
    secrets_bearer.check_key_beside_a_bearer_token_is_taken(stranger, place)


@pytest.mark.parametrize("place", secrets_bearer.PLACES)
@verifies("INF-AUT-011", negative=True)
def check_unknown_key_of_a_reader_beside_a_bearer_token_is_refused(
    stranger: SifClient, place: str, rng: random.Random
) -> None:
    """A key that nobody registered is refused beside a good token; the registered one is taken."""
    secrets_bearer.check_unknown_key_beside_a_bearer_token_is_refused(stranger, place, rng)
