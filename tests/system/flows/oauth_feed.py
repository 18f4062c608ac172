"""A state's feed: OAuth 2.0 client credentials, then Bearer on every request (requests)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import requests
from lxml import etree

FORM = {"grant_type": "client_credentials"}


@dataclass
class Feed:
    """One application that asks for its tokens itself."""

    url: str
    key: str
    secret: str = "Password1"
    http: requests.Session = field(default_factory=requests.Session)
    connector: str = ""
    expires: float = 0.0

    def authorize(self) -> requests.Response:
        """An access token for as long as the server says."""
        token_url = f"{self.url}/oauth/token"
        answer = self.http.post(token_url, data=FORM, auth=(self.key, self.secret), timeout=10)
        if answer.status_code == 200:
            told = answer.json()
            assert str(told["token_type"]).lower() == "bearer"
            self.expires = time.monotonic() + told["expires_in"]
            self.http.headers["Authorization"] = f"Bearer {told['access_token']}"
            self.http.headers["applicationKey"] = self.key
        return answer

    def connect(self) -> requests.Response:
        """Create the environment."""
        body = (
            '<environment xmlns="http://www.sifassociation.org/infrastructure/3.3">'
            "<authenticationMethod>Bearer</authenticationMethod><applicationInfo>"
            f"<applicationKey>{self.key}</applicationKey></applicationInfo></environment>"
        )
        answer = self.send("POST", f"{self.url}/environments/environment", body)
        if answer.status_code == 201:
            root = etree.fromstring(answer.content)
            (found,) = root.iterfind(".//{*}infrastructureService[@name='requestsConnector']")
            self.connector = str(found.text)
        return answer

    def send(self, verb: str, url: str, body: str = "", **headers: str) -> requests.Response:
        """One request."""
        named = {"Content-Type": "application/xml"} | headers
        return self.http.request(verb, url, data=body.encode(), headers=named, timeout=30)
