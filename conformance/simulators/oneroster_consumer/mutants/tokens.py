"""Mistakes with tokens: asked for in another way, sent elsewhere, spoiled, kept too long."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from conformance.simulators.oneroster_consumer.client import RosterClient
from conformance.simulators.oneroster_consumer.link import SCOPE, Answer
from conformance.simulators.oneroster_consumer.mutants import breaks

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@breaks("DAT-ORC-001")
class AsksByGetFirst(RosterClient):
    """Tries GET for a token before it does it right."""

    def ask_for_token(self) -> Answer:
        self.send("GET", f"{self.token_url()}?grant_type=client_credentials", {})
        return super().ask_for_token()


@breaks("DAT-ORC-001")
class AsksInJsonFirst(RosterClient):
    """Tries JSON for a token before it does it right."""

    def ask_for_token(self) -> Answer:
        body = json.dumps(self.token_form()).encode()
        self.send("POST", self.token_url(), {"Content-Type": "application/json"}, body)
        return super().ask_for_token()


@breaks("DAT-ORC-002")
class AuthenticatesInTheForm(RosterClient):
    """Sends id and secret in the form."""

    def ask_for_token(self) -> Answer:
        told = self.token_form() | {"client_id": self.key, "client_secret": self.secret}
        return self.send("POST", self.token_url(), FORM, urlencode(told).encode())


@breaks("DAT-ORC-003")
class TriesBasicElsewhere(RosterClient):
    """Sends id and secret for the documents too, whenever it got a new token."""

    def renew_token(self) -> None:
        super().renew_token()
        proof = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        self.send("GET", f"{self.hub}/services/pods", {"Authorization": f"Basic {proof}"})


@breaks("DAT-ORC-003")
class SecretInTheAddress(RosterClient):
    """Puts the secret into the address of the token request."""

    def token_url(self) -> str:
        return f"{super().token_url()}?client_secret={self.secret}"


@breaks("DAT-ORC-004")
class TokenInTheAddress(RosterClient):
    """Sends the token as a parameter as well."""

    def address(self, collection: str, condition: str, offset: int) -> str:
        return f"{super().address(collection, condition, offset)}&access_token=x"


@breaks("DAT-ORC-004")
class TokenUnderAnotherName(RosterClient):
    """Sends the token as a parameter of a name of its own."""

    def send(self, method: str, url: str, lines: Mapping[str, str], body: bytes = b"") -> Answer:
        if "/v1p2/" in url and "ticket=" not in url:
            url = f"{url}{'&' if '?' in url else '?'}ticket={self.token}"
        return super().send(method, url, lines, body)


@breaks("DAT-ORC-005")
class StripsPadding(RosterClient):
    """Takes equals signs at the end of a token away."""

    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token.rstrip('=')}"}


@breaks("DAT-ORC-005")
class CutsLongTokens(RosterClient):
    """Keeps tokens in a column of 255 signs."""

    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token[:255]}"}


@breaks("DAT-ORC-005")
class EscapesTheToken(RosterClient):
    """Escapes signs of the token as in an address."""

    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {quote(self.token, safe='')}"}


@breaks("DAT-ORC-006")
class NewTokenForEachCall(RosterClient):
    """Gets a token before each call."""

    def ensure_token(self) -> bool:
        self.renew_token()
        return bool(self.token)


@breaks("DAT-ORC-007", also=("TRN-PR-08",))
class KeepsTheUnknownToken(RosterClient):
    """Sends the token that is refused again until it is started anew."""

    def again(self, answer: Answer, number: int) -> bool:
        return answer.status != 401 and super().again(answer, number)


@breaks("DAT-ORC-007", also=("TRN-PR-08",))
class TakesTheRestForNothing(RosterClient):
    """Told 401 in the middle, it takes what came for all there is."""

    def again(self, answer: Answer, number: int) -> bool:
        if answer.status == 401:
            self.token = ""
            return False
        return super().again(answer, number)

    def broken_off(self, found: list[dict[str, Any]], status: int) -> list[dict[str, Any]]:
        return found if status == 401 and found else super().broken_off(found, status)


@breaks("DAT-ORC-008")
class AsksForATokenForEver(RosterClient):
    """Refused a token, it asks a dozen times."""

    def renew_token(self) -> None:
        for _ in range(12):
            super().renew_token()
            if self.token:
                return


@breaks("DAT-ORC-008")
class CallsWithoutToken(RosterClient):
    """Refused a token, it asks for rosters without one."""

    def ensure_token(self) -> bool:
        super().ensure_token()
        return True

    def authorization(self) -> dict[str, str]:
        return super().authorization() if self.token else {}


@breaks("DAT-ORC-009")
class AsksForEveryScope(RosterClient):
    """Asks for all rosters in one scope besides the agreed ones."""

    scopes = (*RosterClient.scopes, f"{SCOPE}roster.readonly")


@breaks("DAT-ORC-009")
class AsksForGrades(RosterClient):
    """Asks for the scope of the gradebook, in case it is given."""

    scopes = (
        *RosterClient.scopes,
        "https://purl.imsglobal.org/spec/or/v1p2/scope/gradebook.readonly",
    )


@breaks("DAT-ORC-010")
class WantsBearerAsWritten(RosterClient):
    """Takes a token only if its type is spelled Bearer."""

    def ask_for_token(self) -> Answer:
        answer = super().ask_for_token()
        told = answer.json()
        fine = not isinstance(told, dict) or told.get("token_type", "Bearer") == "Bearer"
        return answer if fine else Answer(400)


@breaks("DAT-ORC-010")
class WantsTheLifeOfATokenTold(RosterClient):
    """Takes a token without expires_in for one that is over."""

    def ask_for_token(self) -> Answer:
        answer = super().ask_for_token()
        told = answer.json()
        fine = not isinstance(told, dict) or "expires_in" in told or "error" in told
        return answer if fine else Answer(400)


@breaks("DAT-ORC-033")
class StopsWhereItIsForbidden(RosterClient):
    """Takes one 403 for all of the service."""

    def is_agreed(self, collection: str) -> bool:
        before = self.agreed
        return (
            super().is_agreed(collection)
            and before is not self.agreed
            and (before is not None and self.agreed is not None and before.id != self.agreed.id)
        )


@breaks("DAT-ORC-011", "DAT-ORC-033")
class InsistsWhereItIsForbidden(RosterClient):
    """Asks nine times for what is forbidden."""

    def page(self, url: str) -> Answer:
        answer = super().page(url)
        for _ in range(8):
            if answer.status != 403:
                break
            answer = super().page(url)
        return answer


@breaks("DAT-ORC-011")
class StopsWithoutDemographics(RosterClient):
    """Reads demographics first, and nothing where it may not."""

    def wanted(self) -> Sequence[str]:
        return sorted(super().wanted(), key=lambda one: one != "demographics")

    def go_on(self, collection: str, status: int) -> bool:
        shut = collection == "demographics" and status == 403
        return super().go_on(collection, status) and not shut


@breaks("DAT-ORC-012")
class FollowsRedirects(RosterClient):
    """Follows a redirect to wherever it leads, with the token."""

    def page(self, url: str) -> Answer:
        answer = super().page(url)
        return super().page(answer.get("location")) if answer.status == 302 else answer


@breaks("DAT-ORC-012")
class TokenInTheRedirect(RosterClient):
    """Follows a redirect without the header, with the token in the address."""

    def page(self, url: str) -> Answer:
        answer = super().page(url)
        if answer.status != 302:
            return answer
        return self.send("GET", f"{answer.get('location')}&key={self.token}", {})


@breaks("DAT-ORC-013")
class FollowsEveryLink(RosterClient):
    """Follows links to any host, with the token."""

    def is_ours(self, url: str) -> bool:  # noqa: ARG002
        return True


@breaks("DAT-ORC-013")
class TrustsThePath(RosterClient):
    """Takes every address with a path of OneRoster for its service."""

    def is_ours(self, url: str) -> bool:
        return "/ims/oneroster/" in url


@breaks("DAT-ORC-014")
class SendsNoneForAToken(RosterClient):
    """Sends the word None where it has no token."""

    def ensure_token(self) -> bool:
        super().ensure_token()
        return True

    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token or None}"}


@breaks("DAT-ORC-014")
class TakesAnyTextForAToken(RosterClient):
    """Takes an answer that is no JSON for the token itself."""

    def ask_for_token(self) -> Answer:
        answer = super().ask_for_token()
        if answer.status == 200 and answer.json() is None:
            told = {"access_token": answer.body.decode("latin-1")[:40]}
            return Answer(200, (), json.dumps(told).encode(), answer.url)
        return answer


@breaks("DAT-ORC-015")
class RenewsForEver(RosterClient):
    """Gets a new token for each 401, a dozen times."""

    def page(self, url: str) -> Answer:
        answer = super().page(url)
        for _ in range(6):
            if answer.status != 401 or not self.ensure_token():
                break
            answer = super().page(url)
        return answer


@breaks("DAT-ORC-015", also=("DAT-ORC-008",))
class RenewsForEachCollection(RosterClient):
    """Tries every collection with new tokens although none opened the first."""

    def go_on(self, collection: str, status: int) -> bool:
        return status == 401 or super().go_on(collection, status)


@breaks(special=True)
class NeverCalls(RosterClient):
    """Makes no call at all."""

    def synchronise(self) -> None:
        pass
