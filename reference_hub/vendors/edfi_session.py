"""One conversation with an Ed-Fi host: its root document, its token, requests that are repeated.

ODS/API: OAuth 2 client credentials (RFC 6749 4.4), the URLs are those of the root document. Every
request may be repeated: POST is an upsert by natural key, PUT replaces, DELETE of nothing is 404.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from reference_hub.vendors.edfi_rows import HostRefused, Paused, Settings
from reference_hub.workers import backoff
from reference_hub.workers.transport import Answer, Http, Unreachable

# Renewed this long before it expires, so that it is good for the request it is sent with.
EARLY = timedelta(seconds=60)
BUSY = frozenset({429, 503})
BROKEN = frozenset({500, 502, 504})


@dataclass(frozen=True, slots=True)
class Root:
    """What the root document tells: where things are and the version of the data model."""

    oauth: str
    data: str
    dependencies: str
    data_model: str


class Session:
    """Opened once per run; not for several threads. Raises HostRefused, Paused."""

    def __init__(self, http: Http, settings: Settings) -> None:
        self.http, self.settings = http, settings
        self._token, self._until = "", settings.clock.now()
        self.root = self._open()

    def ask(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Answer:
        """One request of our own to the host, repeated while it is busy or does not answer."""
        answer = self._patiently(method, url, body)
        if answer.status == 401:
            self._token = ""
            answer = self._patiently(method, url, body)
        if answer.status == 401:
            raise HostRefused("The host does not take the token it gave; check key and secret.")
        return answer

    def resource(self, collection: str, remote_id: str = "") -> str:
        """The address of a resource of the core model, or of one document of it."""
        address = f"{self.root.data}/ed-fi/{collection}"
        return f"{address}/{remote_id}" if remote_id else address

    def _open(self) -> Root:
        answer = self._repeated("GET", self.settings.url.rstrip("/") + "/", {}, b"")
        found = document(answer)
        if answer.status != 200 or not isinstance(found, dict):
            raise HostRefused(
                f"The host's root document cannot be read ({answer.status}); url must be the root "
                "of an Ed-Fi API, such as https://api.district.example/."
            )
        root = _root(found, self.settings.url)
        if root.data_model.split(".")[0] != self.settings.data_standard:
            raise HostRefused(
                f"The host speaks Ed-Fi Data Standard {root.data_model or 'of no version'}, the "
                f"connection is set to {self.settings.data_standard}; choose the profile of the "
                "host's version."
            )
        return root

    def _patiently(self, method: str, url: str, body: Mapping[str, Any] | None) -> Answer:
        headers = {"Authorization": f"Bearer {self._bearer()}", "Accept": "application/json"}
        if body is None:
            return self._repeated(method, url, headers, b"")
        headers["Content-Type"] = "application/json"
        return self._repeated(method, url, headers, json.dumps(body).encode())

    def _bearer(self) -> str:
        now = self.settings.clock.now()
        if self._token and now < self._until:
            return self._token
        pair = f"{self.settings.key}:{self.settings.secret}".encode()
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        form = b"grant_type=client_credentials"
        answer = self._repeated("POST", self.root.oauth, headers, form)
        found = document(answer)
        token = found.get("access_token") if isinstance(found, dict) else None
        if answer.status != 200 or not isinstance(token, str) or not token:
            raise HostRefused(f"The host gives no token ({answer.status}); check key and secret.")
        self._token, self._until = token, now + _lifetime(found)
        return token

    def _repeated(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send until there is an answer that is no sign of trouble, `tries` times at most.

        Of 500, 502 and 504 the last is returned: it may be the fault of this one request.
        """
        for attempt in range(1, self.settings.tries + 1):
            try:
                answer = self.http.send(method, url, headers, body)
            except Unreachable as error:
                if attempt == self.settings.tries:
                    raise Paused(str(error), self._later("", attempt)) from None
                self._wait("", attempt)
                continue
            is_last = attempt == self.settings.tries
            if answer.status in BUSY:
                self._busy(answer, attempt, is_last)
            elif answer.status not in BROKEN or is_last:
                return answer
            else:
                self._wait("", attempt)
        raise Paused("the host did not answer", self._later("", self.settings.tries))

    def _busy(self, answer: Answer, attempt: int, is_last: bool) -> None:
        now, asked = self.settings.clock.now(), answer.header("Retry-After")
        wished = backoff.asked(asked, now) or 0.0
        if is_last or wished > self.settings.patience:
            reason = f"the host asks us to wait ({answer.status})"
            raise Paused(reason, self._later(asked, attempt))
        self._wait(asked, attempt)

    def _wait(self, asked: str, attempt: int) -> None:
        seconds = (self._later(asked, attempt) - self.settings.clock.now()).total_seconds()
        self.settings.clock.sleep(min(max(seconds, 0.0), self.settings.patience))

    def _later(self, asked: str, attempt: int) -> datetime:
        settings = self.settings
        return backoff.next_try(asked, attempt, settings.clock.now(), settings.rng)


def document(answer: Answer) -> Any:
    """The JSON of an answer; None when it is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _lifetime(found: Mapping[str, Any]) -> timedelta:
    try:
        seconds = float(found.get("expires_in", 0))
    except (TypeError, ValueError):
        seconds = 0.0
    given = timedelta(seconds=min(max(seconds, 0.0), 86400.0))
    return max(given - EARLY, given / 2)


def _root(found: Mapping[str, Any], ours: str) -> Root:
    urls, models = found.get("urls"), found.get("dataModels")
    named = urls if isinstance(urls, dict) else {}
    versions = [
        str(model.get("version", ""))
        for model in (models if isinstance(models, list) else [])
        if isinstance(model, dict) and model.get("name") == "Ed-Fi"
    ]
    plain = ours.rstrip("/")
    data = _same_host(named.get("dataManagementApi") or f"{plain}/data/v3/", ours).rstrip("/")
    default = f"{plain}/metadata/data/v3/dependencies"
    return Root(
        oauth=_same_host(named.get("oauth") or f"{plain}/oauth/token", ours),
        data=data,
        dependencies=_same_host(named.get("dependencies") or default, ours),
        data_model=versions[0] if versions else "",
    )


def _same_host(url: object, ours: str) -> str:
    """Key, secret and data go nowhere but to the host that the district named."""
    here, there = urlsplit(ours), urlsplit(str(url))
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise HostRefused(
            "The host's root document names addresses at another host or scheme; set url to the "
            "address that the root document names."
        )
    return str(url)
