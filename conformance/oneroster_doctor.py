"""The set-up of a OneRoster provider, before any check runs: address, token, root, rights."""

from __future__ import annotations

from conformance import doctor_network
from conformance.doctor import Diagnosis
from conformance.doctor_words import MOST_SKEW_SECONDS, ahead, clock_skew, fault, is_html
from conformance.oneroster_offer import Roster, document, items, token_in
from conformance.problems import NotVerified, SetupFault
from conformance.reply import Reply
from conformance.target_rostering import SIGNED


def examine(roster: Roster) -> Diagnosis:
    """Get a token, read one org; raises SetupFault naming the key, what was seen and the cure."""
    config, fine, notes = roster.config, [], list(roster.config.notes)
    try:
        if roster.told.access != SIGNED:
            _refuse_token(roster, roster.ask_token())
            fine.append("an access token was given")
        name = roster.collections[0]
        reply = roster.get(name, limit="1")
    except SetupFault:
        raise
    except NotVerified as error:
        raise doctor_network.named(config, roster.wire, error) from None
    _refuse_answer(roster, reply, name)
    skew = clock_skew(reply)
    if abs(skew) > MOST_SKEW_SECONDS:
        notes.append(f"the target's clock is {ahead(skew)} this machine's")
    fine.append(f"{name} of OneRoster {roster.version} can be read")
    return Diagnosis(tuple(fine), tuple(notes))


def _refuse_token(roster: Roster, reply: Reply) -> None:
    config, told = roster.config, roster.told
    if token_in(reply):
        return
    seen = f"POST to the token address answered {reply.status}"
    if reply.status in (400, 401, 403) and not is_html(reply):
        cure = "Correct client id and secret, and let the client use client credentials."
        if document(reply).get("error") == "invalid_scope":
            cure = "Let the client have the scopes of rostering."
        raise fault(config, "credentials", "key", config.credentials.key, seen, cure)
    cure = 'Write the address where the product gives tokens, or access = "signed".'
    seen += " with a web page" if is_html(reply) else " without an access token"
    raise fault(config, "oneroster", "token_url", told.token_url, seen, cure)


def _refuse_answer(roster: Roster, reply: Reply, name: str) -> None:
    config, told = roster.config, roster.told
    seen = f"{reply.request} answered {reply.status}"
    if reply.status == 401:
        key, cure = "key", "Correct client id and secret, or the way of access in [oneroster]."
        raise fault(config, "credentials", key, config.credentials.key, seen, cure)
    if reply.status == 403:
        cure = "Give the client the right to read rosters."
        raise fault(config, "credentials", "key", config.credentials.key, seen, cure)
    if reply.status != 200 or is_html(reply) or not document(reply):
        cure = "Write the root of the rostering service; it ends with v1p2 or v1p1."
        seen += " with a web page" if is_html(reply) else ""
        raise fault(config, "oneroster", "root", told.root, seen, cure)
    if not items(reply):
        cure = "Load data, or let the client see it."
        raise fault(config, "oneroster", "root", told.root, f"{name} hold no object", cure)
