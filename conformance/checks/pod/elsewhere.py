"""Whom a vendor speaks to besides: named hosts only, and with the marker where it shows data on.

The suite sees redirects, and calls that reach its own listener; it does not see other traffic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from lxml import etree

from conformance import expect
from conformance.checks.pod.doors import Draw
from conformance.checks.preparation import accepted, created, offered, one_page, prepared, renew
from conformance.listener import Answer, Incoming, Relay, Relayed
from conformance.problems import Finding, NotApplicable
from conformance.readback import ReadBack
from conformance.reply import Reply
from conformance.sif import MARKER, SifClient
from conformance.target import TargetConfig
from conformance.verifies import verifies

NOBODY = "http://127.0.0.1:9"
LOCAL = ("127.0.0.1", "localhost", "::1")
LEADS = ("Location", "Content-Location", "Refresh", "Link")
_ADDRESS = re.compile(r"https?://[^\s<>\"';,]+", re.IGNORECASE)
REDIRECTS = 3


@contextmanager
def listening(config: TargetConfig) -> Iterator[tuple[Relay, str]]:
    """A listener of ours, and the address under which the vendor would reach it."""
    named = config.listener.public_url
    if not named and urlsplit(config.base).hostname not in LOCAL:
        raise NotApplicable("the target names no [listener] public_url")
    with Relay(NOBODY, config.listener.port, config.listener.host) as relay:
        relay.script(lambda _: True, Answer(204), times=10_000)
        yield relay, (named or relay.url).rstrip("/")


def only_reads(request: Incoming) -> bool:
    """Whether a call only fetches the contract that the POD names."""
    plain = request.path.partition("?")[0].endswith("/contract")
    return request.method in ("GET", "HEAD") and plain and not request.body


def settled(sif: SifClient) -> None:
    """Give a vendor that works later the time it declares."""
    if offered(sif, "readback"):
        ReadBack(sif.wire, sif.config).settle()


def own_addresses(sif: SifClient) -> tuple[str, ...]:
    """Where the vendor is spoken to: its base address, and that of its requests connector."""
    told = sif.environment.requests if sif.environment else ""
    return (sif.config.base, told) if told else (sif.config.base,)


def expect_named_hosts(reply: Reply, hosts: set[str]) -> None:
    """No header of the answer leads to a host outside these."""
    for name in LEADS:
        for address in (
            one for value in reply.headers.all(name) for one in _ADDRESS.findall(value)
        ):
            host = urlsplit(address).hostname or ""
            expect.true(host in hosts, f"{name} leads to a host that the POD names", reply, host)


def expect_no_calls(calls: list[Relayed]) -> None:
    """A Finding for a call that does more than fetch the contract."""
    for call in calls:
        if not only_reads(call.request):
            raise Finding(
                "the vendor called a host that the POD does not name as an end point",
                "no call, or a plain GET of the contract",
                f"{call.request.method} with {len(call.request.body)} bytes",
            )


@verifies("POD-SUB-001")
def check_only_named_hosts_are_spoken_to(sif: SifClient, students: Draw) -> None:
    """Under a POD that names the vendor's own host no answer leads, and no call goes elsewhere."""
    named = own_addresses(sif)
    hosts = {urlsplit(one).hostname or "" for one in named}
    with listening(sif.config) as (relay, address):
        renew(sif, endpoints=named, contract_uri=f"{address}/contract")
        known, refused = students(2)
        replies = [sif.create(known), sif.create(refused, marker=None)]
        if offered(sif, "query"):
            replies += [one_page(sif), sif.get(known.get("refId") or "")]
        for reply in replies:
            expect_named_hosts(reply, hosts)
        settled(sif)
        expect_no_calls(relay.exchanges)


@verifies("POD-SUB-002")
def check_data_shown_on_carries_the_marker(sif: SifClient, student: etree._Element) -> None:
    """Where the rules have to travel with the data, answers that show it carry a marker."""
    renew(sif, portability=True)
    refid = created(sif, student)
    for reply in (sif.get(refid), one_page(sif)):
        expect.present(prepared(reply), MARKER)


@verifies("POD-URL-001")
def check_privacy_policy_can_be_read(sif: SifClient) -> None:
    """The address of the privacy policy answers everybody with 200 and a text, over HTTPS."""
    if not sif.config.pod.policy_url:
        raise NotApplicable("the target names no [pod] policy_url")
    address = sif.config.url(sif.config.pod.policy_url)
    for _ in range(REDIRECTS):
        expect_safe(address)
        reply = sif.wire.send("GET", address, {"Accept": "text/html, */*"}, None, "the policy")
        if reply.status not in (301, 302, 303, 307, 308):
            break
        address = reply.headers.get("Location")
    accepted(reply, "the policy is served")
    expect.status(reply, 200)
    expect.true(bool(reply.body.strip()), "the policy is not empty", reply)


def expect_safe(address: str) -> None:
    """HTTPS, or this machine, where tests run."""
    parts = urlsplit(address)
    safe = parts.scheme == "https" or parts.hostname in LOCAL
    expect.true(safe, "the policy is read over HTTPS", None, parts.scheme or "no scheme")
