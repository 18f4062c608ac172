"""Who reads: the checks of tokens for receivers, asked of what a provider offers."""

from __future__ import annotations

import random

import pytest

from conformance.checks.sif import authentication
from conformance.sif import SifClient
from conformance.verifies import verifies


@verifies("INF-AUT-001", negative=True)
def check_nothing_is_read_without_credentials(reader: SifClient) -> None:
    """A query without credentials is answered with 401 and no data; with them it is served."""
    authentication.check_nothing_is_served_without_credentials(reader)


@verifies("INF-AUT-004", "NEG-006", negative=True)
def check_reading_with_a_tampered_mac_is_refused(reader: SifClient, rng: random.Random) -> None:
    """A MAC over another instant than the timestamp is refused; the untouched one is served."""
    authentication.check_tampered_hmac_is_refused(reader, rng)


@verifies("INF-AUT-004", negative=True)
def check_reading_with_the_mac_of_another_secret_is_refused(
    reader: SifClient, rng: random.Random
) -> None:
    """A MAC made with another secret is refused; the right one is served."""
    authentication.check_hmac_of_another_secret_is_refused(reader, rng)


@verifies("INF-AUT-004")
def check_mac_of_a_reader_covers_the_timestamp_as_written(reader: SifClient) -> None:
    """The same instant written with another offset is served, if the MAC covers that text."""
    authentication.check_hmac_covers_the_timestamp_as_written(reader)


@verifies("INF-AUT-005", negative=True)
def check_reading_with_a_mac_without_timestamp_is_refused(reader: SifClient) -> None:
    """A MAC whose timestamp was not sent is refused; with the timestamp it is served."""
    authentication.check_hmac_without_timestamp_is_refused(reader)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-45T99:99:99Z", ""])
@verifies("NEG-006", negative=True)
def check_reading_with_a_mangled_timestamp_is_refused(reader: SifClient, text: str) -> None:
    """A MAC over something that is no instant is refused and breaks nothing."""
    authentication.check_hmac_with_a_mangled_timestamp_is_refused(reader, text)


@pytest.mark.parametrize("days", [-2, 2], ids=["two days old", "two days ahead"])
@verifies("INF-AUT-006", negative=True)
def check_reading_with_a_mac_of_another_day_is_refused(reader: SifClient, days: int) -> None:
    """A well signed timestamp that is two days old or ahead is refused; one of now is served."""
    authentication.check_hmac_of_another_day_is_refused(reader, days)


@verifies("INF-AUT-009", "NEG-009", negative=True)
def check_application_key_reads_nothing_once_there_is_a_session(reader: SifClient) -> None:
    """With an environment in place the application key is refused and the session token served."""
    authentication.check_application_key_does_not_open_services(reader)


@verifies("INF-AUT-012", "NEG-010")
def check_reader_may_put_its_credentials_into_the_query(reader: SifClient) -> None:
    """Method, token and timestamp as query parameters are accepted without a header."""
    authentication.check_credentials_in_the_query_are_enough(reader)


@verifies("INF-AUT-013")
def check_header_of_a_reader_beats_its_query(reader: SifClient, rng: random.Random) -> None:
    """With good credentials in the header, bad ones in the query change nothing."""
    authentication.check_good_header_beats_a_bad_query(reader, rng)


@verifies("INF-AUT-013", negative=True)
def check_bad_header_of_a_reader_is_not_saved_by_its_query(
    reader: SifClient, rng: random.Random
) -> None:
    """With a bad header, good credentials in the query do not help; alone they do."""
    authentication.check_bad_header_is_not_saved_by_the_query(reader, rng)


@verifies("INF-AUT-015", "NEG-058", negative=True)
def check_reading_with_a_token_nobody_issued_is_401(reader: SifClient, rng: random.Random) -> None:
    """A well-formed token that was never issued is answered with 401; the real one is served."""
    authentication.check_unknown_session_token_is_401(reader, rng)


@verifies("INF-AUT-022")
def check_reader_may_write_the_scheme_in_small_letters(reader: SifClient) -> None:
    """The scheme of the Authorization header may be written in small letters."""
    authentication.check_scheme_name_counts_without_case(reader)


@pytest.mark.parametrize("fault", sorted(authentication.MANGLED))
@verifies("INF-AUT-023", "NEG-007", negative=True)
def check_reading_with_a_mangled_token_is_refused(reader: SifClient, fault: str) -> None:
    """A token that cannot be read is answered with 401, never with a server error."""
    authentication.check_mangled_tokens_are_refused(reader, fault)


@verifies("INF-AUT-025")
def check_token_of_a_reader_gives_nothing_away(stranger: SifClient) -> None:
    """The session token holds neither key nor secret, plain or in base64."""
    authentication.check_session_token_gives_nothing_away(stranger)
