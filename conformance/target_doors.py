"""Tables of the target file about who is let in: TLS, unusual secrets, Bearer tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from conformance.auth import METHODS
from conformance.problems import TargetError
from conformance.target_secrets import secret_of

if TYPE_CHECKING:
    from conformance.target import File

COLON, LETTERS, BEARER = "secret_with_colon", "secret_with_letters", "bearer"
# What stands for them where nothing is sent.
OFFLINE = {COLON: "offline:no-secret", LETTERS: "öffline-no-secret", BEARER: "offline-no-token"}
VARIABLES = {COLON: "CONFORMANCE_COLON_SECRET", LETTERS: "CONFORMANCE_LETTERS_SECRET"}


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """`[tls]`: `url` is the address by https:// where `[endpoint] url` is another one.

    `clear_url` is the same service by http:// where it has such an address, which takes no markers.
    A consumer tells `authority` instead: the file, beside the target file, with the certificate by
    which it trusts the hub of the suite; it is written where there is none.
    """

    url: str = ""
    clear_url: str = ""
    authority: str = ""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """`[secret_with_colon]`, `[secret_with_letters]`: one more application, and its secret.

    `methods` are those by which it may prove itself.
    """

    key: str = ""
    methods: tuple[str, ...] = METHODS
    secret_env: str = ""
    secret_file: str = ""
    secret: str = ""


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """`[bearer]`: where a Bearer token is that does not hold the application key."""

    secret_env: str = ""
    secret_file: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """An application: its secret, in which environment variable, and by which methods it signs."""

    key: str
    secret: str
    variable: str
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doors:
    """What the tables come to: addresses and secrets, empty or None where nothing is declared."""

    secure: str = ""
    clear: str = ""
    colon: Registered | None = None
    letters: Registered | None = None
    bearer: str = ""
    authority: str = ""

    @property
    def registered(self) -> dict[str, Registered]:
        """The applications that are declared, by the name of their table."""
        both = {COLON: self.colon, LETTERS: self.letters}
        return {table: one for table, one in both.items() if one is not None}

    def offline(self) -> Doors:
        """The same without its secrets, for a replay."""
        told = {name: replace(one, secret=OFFLINE[name]) for name, one in self.registered.items()}
        bearer = OFFLINE[BEARER] if self.bearer else ""
        both = told.get(COLON), told.get(LETTERS)
        return Doors(self.secure, self.clear, *both, bearer, self.authority)


NO_DOORS = Doors()


def doors_of(path: str, file: File, environ: Mapping[str, str]) -> Doors:
    """Check the tables and find their secrets; raises TargetError."""
    _refuse_scheme(path, "url", file.tls.url, "https://")
    _refuse_scheme(path, "clear_url", file.tls.clear_url, "http://")
    own = file.endpoint.url if file.endpoint.url.startswith("https://") else ""
    token = file.bearer
    declared = token.secret_env or token.secret_file or token.secret
    return Doors(
        secure=(file.tls.url or own).rstrip("/"),
        clear=file.tls.clear_url.rstrip("/"),
        colon=_registered(path, COLON, file.secret_with_colon, environ),
        letters=_registered(path, LETTERS, file.secret_with_letters, environ),
        bearer=secret_of(path, BEARER, token, environ)[0] if declared else "",
        authority=str(Path(path).parent / file.tls.authority) if file.tls.authority else "",
    )


def _refuse_scheme(path: str, key: str, url: str, scheme: str) -> None:
    if url and not url.startswith(scheme):
        place = f"{path}, [tls] {key}"
        raise TargetError(place, f"the value is {url!r}.", f"It starts with {scheme}.")


def _registered(
    path: str, table: str, told: Application, environ: Mapping[str, str]
) -> Registered | None:
    if not told.key:
        return None
    for method in told.methods:
        if method not in METHODS:
            place = f"{path}, [{table}] methods"
            fix = f"Use some of: {', '.join(METHODS)}."
            raise TargetError(place, f"the value is {method!r}.", fix)
    secret = secret_of(path, table, told, environ)[0]
    start, colon, end = secret.partition(":")
    # One oddity in each, so that a refusal can only come from that one.
    if table == COLON and not (start and end and secret.isascii()):
        fix = "Give it a secret of ASCII letters with a colon inside, such as open:sesame."
        raise TargetError(f"{path}, [{table}]", "its secret is not such a one.", fix)
    if table == LETTERS and (colon or secret.isascii()):
        fix = "Give it a secret without a colon and with letters such as ä, ñ or ř."
        raise TargetError(f"{path}, [{table}]", "its secret is not such a one.", fix)
    return Registered(told.key, secret, told.secret_env or VARIABLES[table], told.methods)
