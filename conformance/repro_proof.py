"""Who signed a request of a recorded run, and how, so that a script can sign it again.

It is seen in a replay, whose secrets are of no worth: no proof in a script is that of a run.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from conformance import auth, trees
from conformance.replay import OFFLINE, OFFLINE_SECOND
from conformance.runfile import Exchange
from conformance.target import TargetConfig
from conformance.target_doors import BEARER, COLON, LETTERS
from conformance.target_doors import OFFLINE as OFFLINE_DOORS
from conformance.wire import Capture

_SECRETS = {
    "credentials": OFFLINE,
    "second": OFFLINE_SECOND,
    COLON: OFFLINE_DOORS[COLON],
    LETTERS: OFFLINE_DOORS[LETTERS],
}
_TOKEN_GIVEN = re.compile(r'"access_token":\s*"([^"]+)"')
Step = dict[str, Any]


def unrepeatable(step: Step, config: TargetConfig) -> bool:
    """Whether a proof hangs on the bytes of its request, or is a secret that is never written."""
    literal, expired = step.get("literal", ""), config.edfi.expired_token
    if literal.lower().startswith("oauth ") or OFFLINE_DOORS[BEARER] in literal:
        return True
    # A wrong secret that is a part of the true one cannot be told without it.
    odd = {f"KEY_{one.key}" for one in config.doors.registered.values()}
    return bool(expired and expired in literal) or (step["auth"] in odd and not step.get("secret"))


def proof(exchange: Exchange, capture: Capture | None, signers: Mapping[str, str]) -> Step:
    """Who signed and how: `auth` names the user, `secret` whose it was, empty for a wrong one."""
    if capture is None:
        create = re.match(r"POST \S*environments/", exchange.request.start)
        who = next(iter(signers.values())) if create else "SESSION"
        return {"auth": who, "secret": "credentials", "how": auth.HMAC, "offset": 0}
    literal, stamp = sent(capture, "authorization"), sent(capture, "timestamp")
    how, _, token = literal.partition(" ")
    if how.lower() == "bearer" and token in signers:
        return {"auth": signers[token], "secret": "", "how": how, "offset": 0}
    try:
        user, _, proof = base64.b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        user, proof = "", ""
    known = {auth.BASIC.lower(): auth.BASIC, auth.HMAC.lower(): auth.HMAC}.get(how.lower(), "")
    told: Step = {"auth": signers.get(user, f"KEY_{user}"), "how": how, "offset": _offset(stamp)}
    for name, secret in _SECRETS.items():
        if known and proof == (secret if known == auth.BASIC else auth.mac(user, secret, stamp)):
            return told | {"secret": name}
    if known and user in signers:
        return told | {"secret": ""}
    return {"auth": "", "how": how, "literal": literal, "offset": 0}


def sent(capture: Capture, name: str) -> str:
    """The value of a header line as the replayed check sent it, empty if it sent none."""
    lines = capture.sent.decode("latin-1").split("\r\n")
    pairs = [one.partition(":") for one in lines]
    return next((value.strip() for key, _, value in pairs if key.lower() == name.lower()), "")


def _offset(stamp: str) -> int:
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return 0
    if moment.tzinfo is None:
        return 0
    away = (moment - auth.now()).total_seconds()
    return round(away) if abs(away) > 60 else 0


def signers(config: TargetConfig, played: Sequence[tuple[int, Capture]]) -> dict[str, str]:
    """By key, session token or access token: what stands for it in a script."""
    more = [one.key for one in config.doors.registered.values()]
    keys = [one for one in (config.credentials.key, config.second.key, *more) if one]
    found = {key: f"KEY_{key}" for key in keys}
    for number, capture in played:
        body = capture.decoded.decode("utf-8", "replace")
        for token in [*_every(body, "sessionToken"), *_TOKEN_GIVEN.findall(body)]:
            found.setdefault(token, f"SESSION_{number}")
    return found


def _every(body: str, name: str) -> list[str]:
    if f"{name}>" not in body:
        return []
    try:
        root = trees.parse(body.encode())
    except trees.Unreadable:
        return []
    return [(one.text or "").strip() for one in trees.every(root, name)]
