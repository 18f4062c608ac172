"""Repeat a failing exchange without the suite: send its requests again, compare the last answer.

This file is copied, with its plan filled in, into the folder of a run. It needs nothing but Python
and the secret of the application in the environment variable that it asks for.

    python3 CHECK.py             send all, say whether the last answer is the one the run saw
    python3 CHECK.py --prepare   send all but the last, print what the curl line needs

Exit codes: 0 the same answer as the run saw, 1 another answer, 2 it could not be sent.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import http.client
import io
import json
import os
import re
import shlex
import sys
import uuid
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

PLAN: dict[str, Any] = json.loads("{}")

UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
# What is another one each time: ids, times, random words, ports.
FRESH = re.compile(
    rf"{UUID}|\d{{4}}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]+)?|\b\w*[0-9a-f]{{12,}}\b|:\d{{4,5}}\b"
)
MASKED = re.compile(r"#[0-9a-f]{6}(?![0-9a-f])|\[secret\]|\{\{\w+\}\}")
MOST_BYTES = 10_000_000
ASIDE = {"date", "server", "connection", "keep-alive", "content-length", "timestamp", "set-cookie"}


class Answer:
    """Status, headers and text of an answer; status 0 and a fault if none came."""

    def __init__(
        self, status: int, headers: list[tuple[str, str]], text: str, fault: str = ""
    ) -> None:
        self.status, self.headers, self.text, self.fault = status, headers, text, fault


def filled(text: str, known: dict[str, str]) -> str:
    """The text with what is known by now at its places."""
    for name, value in known.items():
        text = text.replace("{{" + name + "}}", value)
        text = text.replace("{{" + name + "_LOWER}}", value.lower())
        text = text.replace("{{" + name + "_UPPER}}", value.upper())
    return text


def invented(known: dict[str, str]) -> None:
    """Make the ids and tokens that must be new each time."""
    for name, like in PLAN["new"].items():
        fresh = uuid.uuid4().hex + uuid.uuid4().hex
        if re.fullmatch(UUID, like):
            digits = iter(fresh)
            made = "".join(next(digits) if one in "0123456789abcdefABCDEF" else one for one in like)
            made = made[:14] + like[14] + made[15:19] + like[19] + made[20:]
            known[name] = made.upper() if like.upper() == like else made
        else:
            known[name] = (like[:8] + fresh)[: max(len(like), 16)]


def sign(step: dict[str, Any], known: dict[str, str]) -> None:
    """Fill in who sends a step, and when; some checks send a wrong proof on purpose."""
    moment = datetime.now(UTC) + timedelta(seconds=step["offset"])
    stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    known["TIMESTAMP"] = stamp
    known["AUTHORIZATION"] = step.get("literal", "")
    if step["auth"]:
        secret = os.environ[PLAN["secrets"][step["secret"]]] if step["secret"] else "a wrong one"
        user = step["auth"].removeprefix("KEY_")
        user = user if user != step["auth"] else known.get(user, "")
        proof = secret
        if step["how"].lower() == "bearer":
            known["AUTHORIZATION"] = f"{step['how']} {user}"
            return
        if step["how"].lower() != "basic":
            mac = hmac.new(secret.encode(), f"{user}:{stamp}".encode(), hashlib.sha256).digest()
            proof = base64.b64encode(mac).decode()
        known["TOKEN"] = base64.b64encode(f"{user}:{proof}".encode()).decode()
        known["AUTHORIZATION"] = f"{step['how']} {known['TOKEN']}"


def address(step: dict[str, Any], known: dict[str, str]) -> str:
    """Where a step is sent; what proves the sender in a query is escaped there."""
    escaped = {name: quote(known.get(name, ""), safe="") for name in ("TOKEN", "TIMESTAMP")}
    return filled(step["url"], known | escaped)


def send(step: dict[str, Any], known: dict[str, str]) -> Answer:
    """Send one request; nothing is retried and no redirect followed."""
    sign(step, known)
    if "{{" in address(step, known):
        return Answer(0, [], "", "an earlier answer did not bring what this request needs")
    parts = urlsplit(address(step, known))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.netloc, timeout=PLAN["seconds"])
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=PLAN["seconds"])
    body = base64.b64decode(step.get("bytes", "")) or filled(step["body"], known).encode()
    try:
        connection.putrequest(step["method"], target, skip_accept_encoding=True)
        for name, value in step["headers"]:
            connection.putheader(name, filled(value, known))
        if body or step["method"] in ("POST", "PUT"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        got = connection.getresponse()
        return Answer(got.status, got.getheaders(), got.read(MOST_BYTES).decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(0, [], "", type(error).__name__)
    finally:
        connection.close()


def learn(step: dict[str, Any], answer: Answer, known: dict[str, str]) -> None:
    """Take from an answer what later requests need."""
    found = re.findall(UUID, answer.text)
    for name, place in step["ids"].items():
        if place < len(found):
            known[name] = found[place]
    token = re.search(r'"access_token":\s*"([^"]+)"', answer.text)
    if token:
        known["SESSION"] = known[f"SESSION_{step['number']}"] = token[1]
    for one in elements(answer.text):
        name = one.tag.rpartition("}")[2]
        text, number = (one.text or "").strip(), step["number"]
        if name == "sessionToken":
            known["SESSION"] = known[f"SESSION_{number}"] = text
        if name == "infrastructureService":
            known[f"SERVICE_{number}_{one.get('name', '')}"] = text.rstrip("/")


def elements(text: str) -> list[ET.Element]:
    """The elements of an XML document without a document type; none of anything else."""
    if "<!DOCTYPE" in text:
        return []
    try:
        return list(ET.fromstring(text).iter())  # noqa: S314  no document type, no entities
    except ET.ParseError:
        return []


def leaves(text: str) -> list[tuple[str, str]]:
    """The values of a body with their places, empty if it is neither XML nor JSON."""
    found = []
    for one in elements(text):
        found.append((one.tag, (one.text or "").strip()))
        found += [(f"{one.tag}@{name}", value) for name, value in sorted(one.items())]
    try:
        return found or sorted(members("", json.loads(text)))
    except ValueError:
        return []


def missing_rows(saw: str, now: str, known: dict[str, str]) -> list[str]:
    """The lines of a table that are not there now; further ones may come from others."""
    there = list(csv.reader(io.StringIO(now)))
    rows = list(csv.reader(io.StringIO(saw)))
    return [
        f"line {place} of the body"
        for place, row in enumerate(rows, 1)
        if not any(same_row(row, one, known) for one in there)
    ]


def same_row(saw: list[str], now: list[str], known: dict[str, str]) -> bool:
    """Whether two lines of a table say the same, cell by cell."""
    pairs = zip(saw, now, strict=False)
    return len(saw) == len(now) and all(alike(one, two, known) for one, two in pairs)


def members(place: str, value: Any) -> list[tuple[str, str]]:
    """The values of a JSON document with their places."""
    if isinstance(value, dict):
        return [leaf for name, one in value.items() for leaf in members(f"{place}/{name}", one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in members(f"{place}[]", one)]
    return [(place, str(value))]


def alike(saw: str, now: str, known: dict[str, str]) -> bool:
    """Whether two values say the same.

    What stayed masked in the run was none of the values that were sent, so it is none of them now.
    """
    if filled(saw, known) != saw:
        return filled(saw, known).lower() == now.lower()
    if MASKED.search(saw):
        return now not in PLAN["sent"]
    if re.fullmatch(UUID, saw) and saw != now:
        return now.lower() not in {value.lower() for value in known.values()}
    return FRESH.sub("~", saw) == FRESH.sub("~", now)


def differences(step: dict[str, Any], now: Answer, known: dict[str, str]) -> list[str]:
    """In what the answer to a step differs from the one that the run saw."""
    saw, place = step["saw"], step["number"]
    if saw["status"] != now.status:
        return [f"{place} status {now.status or now.fault} instead of {saw['status'] or 'none'}"]
    old = {name.lower(): value for name, value in saw["headers"] if name.lower() not in ASIDE}
    new = {name.lower(): value for name, value in now.headers if name.lower() not in ASIDE}
    both = [name for name in old if name in new]
    found = [f"{place} header {name} is there or not" for name in sorted(old.keys() ^ new.keys())]
    found += [f"{place} header {name}" for name in both if not alike(old[name], new[name], known)]
    left, right = leaves(saw["body"]), leaves(now.text)
    if not left:
        return found + [f"{place} {one}" for one in missing_rows(saw["body"], now.text, known)]
    if [name for name, _ in left] != [name for name, _ in right]:
        return [*found, f"{place} the body has other elements"]
    pairs = zip(left, right, strict=True)
    wrong = [name for (name, one), (_, two) in pairs if not alike(one, two, known)]
    return found + [f"{place} body at {name}" for name in wrong]


def exported(step: dict[str, Any], known: dict[str, str]) -> str:
    """What the curl line of the step needs, as lines for a shell."""
    sign(step, known)
    known["BODY"] = filled(step["body"], known)
    for name in re.findall(r"\{\{(\w+)\}\}", json.dumps(step)):
        known[name] = filled("{{" + name + "}}", known)
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in known.items())


def told(step: dict[str, Any], answer: Answer) -> str:
    """One line on a step: what was asked, what came, and what came in the run."""
    saw = step["saw"]["status"] or step["saw"]["fault"]
    what = f"{step['method']} {step['url'].partition('}}')[2].partition('?')[0]}"
    return f"{step['number']} {what}: {answer.status or answer.fault} (the run saw {saw})"


def main(words: list[str]) -> int:
    """Send the steps and compare; see the top of the file."""
    missing = [name for name in PLAN["secrets"].values() if name not in os.environ]
    if missing:
        print(f"Set {' and '.join(missing)} to the secret of the application.", file=sys.stderr)
        return 2
    known = {"BASE": os.environ.get("TARGET", PLAN["base"]).rstrip("/")}
    invented(known)
    found: list[str] = []
    for step in PLAN["before"]:
        answer = send(step, known)
        learn(step, answer, known)
        print(told(step, answer), file=sys.stderr)
        # Without one exchange to look at, the fault may show in any of them.
        if PLAN["all"]:
            found += differences(step, answer, known)
    if "--prepare" in words:
        print(exported(PLAN["last"], known))
        return 0
    for step in [PLAN["last"], *PLAN["reads"]]:
        answer = send(step, known)
        learn(step, answer, known)
        print(told(step, answer))
        found += differences(step, answer, known)
    for step in PLAN["after"]:
        send(step, known)
    print("The same answer as the run saw." if not found else "Not the same: " + ", ".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
