"""Environments of readers: the checks for receivers, asked of a provider."""

from __future__ import annotations

import random

import pytest

from conformance import expect, trees
from conformance.checks.preparation import control_holds
from conformance.checks.sif import environments, formats
from conformance.sif import SifClient
from conformance.verifies import verifies


@verifies("INF-ENV-001", "INF-ENV-002")
def check_reader_gets_an_environment_with_all_it_needs(stranger: SifClient) -> None:
    """A new environment is answered with 201 and names id, token, method, application, services."""
    environments.check_new_environment_holds_what_a_consumer_needs(stranger)


@verifies("INF-ENV-003")
def check_type_of_a_readers_environment_fits_its_services(stranger: SifClient) -> None:
    """A DIRECT environment lists no events connector, a BROKERED one lists all that it must."""
    environments.check_environment_type_fits_its_services(stranger)


@verifies("INF-ENV-024", "NEG-001")
def check_reader_is_told_its_default_zone(stranger: SifClient) -> None:
    """The environment has exactly one default zone with an id."""
    environments.check_environment_names_its_default_zone(stranger)


@verifies("INF-ENV-004", negative=True)
def check_reader_with_a_wrong_secret_gets_no_environment(
    stranger: SifClient, rng: random.Random
) -> None:
    """With a wrong secret no environment is made; with the right one it is."""
    environments.check_wrong_secret_gets_no_environment(stranger, rng)


@verifies("INF-ENV-004", negative=True)
def check_reader_nobody_registered_gets_no_environment(
    stranger: SifClient, rng: random.Random
) -> None:
    """An application key that nobody registered gets no environment; the registered one does."""
    environments.check_unknown_application_gets_no_environment(stranger, rng)


@pytest.mark.parametrize("wish", sorted(environments.WISHES))
@verifies("INF-ENV-019", negative=True)
def check_environment_of_a_reader_is_no_list(stranger: SifClient, wish: str) -> None:
    """Pages, conditions and a delayed answer do nothing to an environment, or are refused."""
    environments.check_environment_is_no_list_and_no_matter_for_later(stranger, wish)


@verifies("NEG-039", negative=True)
def check_older_spelling_of_a_model_is_served_or_refused(
    stranger: SifClient, rng: random.Random
) -> None:
    """A namespace such as /au/datamodel/3.4 is 201 or 400; the agreed one is served."""
    body = stranger.environment_body(environments.instance_of(rng))
    wish = trees.child(body, "applicationInfo", "dataModelNamespace")
    assert wish is not None
    wish.text = "http://www.sifassociation.org/au/datamodel/3.4"
    expect.status(stranger.connect(body=body), 201, 400)
    control = stranger.connect(environments.instance_of(rng))
    control_holds(control, "the agreed model is served")


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("dataModelNamespace", "urn:vendor.example:no-such-model"),
        ("supportedInfrastructureVersion", "2.7"),
        ("transport", "SOAP"),
    ],
)
@verifies("INF-ENV-005", negative=True)
def check_readers_wish_that_cannot_be_met_is_refused(
    stranger: SifClient, rng: random.Random, element: str, value: str
) -> None:
    """An environment for another data model, version or transport is refused with 400."""
    environments.check_wishes_that_cannot_be_met_are_refused(stranger, rng, element, value)


@verifies("INF-ENV-006", "INF-ENV-007", negative=True)
def check_second_environment_of_one_reader_is_a_conflict(
    stranger: SifClient, rng: random.Random
) -> None:
    """The same application and instance again is 409, another instance is not."""
    environments.check_second_environment_of_one_instance_is_a_conflict(stranger, rng)


@verifies("INF-ENV-009")
def check_reader_may_ask_for_an_environment_without_a_body(
    stranger: SifClient, rng: random.Random
) -> None:
    """The application can be named in headers alone, and an environment comes of it."""
    environments.check_environment_can_be_created_without_a_body(stranger, rng)


@verifies("INF-ENV-011")
def check_reader_can_look_at_its_environment(stranger: SifClient) -> None:
    """The environment URL answers its owner with 200 and the same environment."""
    environments.check_environment_can_be_read(stranger)


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
@verifies("INF-ENV-013", negative=True)
def check_reader_cannot_touch_the_collection_of_environments(
    stranger: SifClient, verb: str
) -> None:
    """Nobody can list, change or empty the collection of environments; one's own stays readable."""
    environments.check_environments_collection_is_closed(stranger, verb)


@verifies("INF-ENV-014", "NEG-065", negative=True)
def check_token_of_a_reader_dies_with_its_environment(stranger: SifClient) -> None:
    """After the environment was deleted (204) its session token is answered with 401."""
    environments.check_session_token_dies_with_its_environment(stranger)


@verifies("INF-ENV-017")
def check_reader_can_come_back(stranger: SifClient, rng: random.Random) -> None:
    """After its deletion the same instance gets a new environment with another id and token."""
    environments.check_application_can_come_back(stranger, rng)


@verifies("INF-ENV-020")
def check_fingerprint_of_a_reader_is_none_of_its_secrets(stranger: SifClient) -> None:
    """The fingerprint, where there is one, is not the id, the session token or the key."""
    environments.check_fingerprint_is_none_of_the_secrets(stranger)


@verifies("INF-ENV-021")
def check_user_token_of_a_reader_is_not_handed_back(
    stranger: SifClient, rng: random.Random
) -> None:
    """A user token in the request does not stand in the answer."""
    environments.check_user_token_is_not_handed_back(stranger, rng)


@verifies("INF-ENV-022")
def check_reader_may_write_its_method_in_other_case(
    stranger: SifClient, rng: random.Random
) -> None:
    """The method may be written in other letter case, and the answer names the method in use."""
    environments.check_method_name_counts_without_case(stranger, rng)


@verifies("INF-ENV-023")
def check_reader_without_wishes_gets_the_defaults(stranger: SifClient, rng: random.Random) -> None:
    """Version, transport and data model may be left out; the environment is made all the same."""
    environments.check_environment_without_wishes_gets_the_defaults(stranger, rng)


@verifies("INF-ENV-026")
def check_zone_on_a_readers_environment_request_is_ignored(stranger: SifClient) -> None:
    """Zone and context on the environment URL do no harm."""
    environments.check_zone_on_an_environment_request_is_ignored(stranger)


@verifies("INF-ENV-027", "NEG-041")
def check_parts_of_a_readers_environment_stand_in_order(stranger: SifClient) -> None:
    """The children of the environment stand in the order of the schema, each at most once."""
    environments.check_environment_children_stand_in_schema_order(stranger)


@verifies("INF-ENV-028", negative=True)
def check_reader_that_contradicts_its_method_is_refused(
    stranger: SifClient, rng: random.Random
) -> None:
    """A method in the body that is not the one that signs is refused; without contradiction not."""
    environments.check_contradicting_method_is_refused(stranger, rng)


@verifies("NEG-005", negative=True)
def check_reader_with_an_empty_key_is_refused(stranger: SifClient, rng: random.Random) -> None:
    """An environment for an empty application key is refused without a server error."""
    environments.check_empty_application_key_is_refused(stranger, rng)


@verifies("INF-FMT-019", "NEG-004", negative=True)
def check_empty_element_of_a_reader_makes_no_other_session(
    stranger: SifClient, rng: random.Random
) -> None:
    """An empty userToken is the same as none: the session exists already, so 409."""
    formats.check_empty_element_makes_no_other_session(stranger, rng)


@pytest.mark.parametrize("namespace", formats.VARIANTS)
@verifies("INF-FMT-002")
def check_other_infrastructure_namespaces_of_a_reader_are_understood(
    stranger: SifClient, rng: random.Random, namespace: str
) -> None:
    """An environment in the namespace of another 3.x version, or without www, is understood."""
    formats.check_infrastructure_namespaces_are_understood(stranger, rng, namespace)


@verifies("NEG-040")
def check_stated_version_of_a_reader_need_not_be_that_of_its_namespace(
    stranger: SifClient, rng: random.Random
) -> None:
    """Another stated version than that of the namespace, 3.2.1 for 3.3, is no reason to refuse."""
    formats.check_stated_version_need_not_be_that_of_the_namespace(stranger, rng)


@verifies("INF-FMT-001")
def check_environment_of_a_reader_stands_in_one_namespace(stranger: SifClient) -> None:
    """Every element of the environment stands in one infrastructure namespace of SIF 3."""
    formats.check_environment_stands_in_the_infrastructure_namespace(stranger)


@verifies("INF-FMT-004")
def check_ids_of_a_provider_are_uuids(stranger: SifClient) -> None:
    """The ids of environments and messages are UUIDs of version 1 or 4."""
    formats.check_ids_of_the_receiver_are_uuids(stranger)


@verifies("INF-FMT-017")
def check_clock_of_a_provider_tells_the_present(reader: SifClient) -> None:
    """The timestamp of an answer is an instant close to now, so clocks can be compared."""
    formats.check_timestamps_tell_the_present(reader)
