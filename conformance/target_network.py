"""`[network]` of the target file: read its files, find its proxies and passwords, give a Route.

Raises TargetError naming the key, what is wrong and the fix; a password is never shown.
"""

from __future__ import annotations

import math
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from conformance.problems import TargetError
from conformance.route import Route, place_of
from conformance.target_secrets import setting
from conformance.target_tables import Endpoint, Network

_VARIABLES = {"https": "HTTPS_PROXY", "http": "HTTP_PROXY"}


def route(path: str, endpoint: Endpoint, told: Network, environ: Mapping[str, str]) -> Route:
    """Check the table and resolve what it names; `path` is the target file."""
    _refuse_numbers(path, told)
    ca_file = _file(path, "[endpoint] ca_file", endpoint.ca_file)
    _refuse_issuer(path, ca_file)
    certificate = _file(path, "[network] client_certificate", told.client_certificate)
    key = _file(path, "[network] client_key", told.client_key)
    password = _password(path, told, environ)
    _refuse_pair(path, told, certificate, key, password)
    proxies, exempt, notes = _proxies(path, told, environ)
    return Route(
        ca_file=ca_file,
        client_certificate=certificate,
        client_key=key or certificate,
        key_password=password,
        proxies=proxies,
        exempt=exempt,
        requests_per_second=told.requests_per_second,
        longest_pause=told.longest_pause_seconds,
        longest_wait=told.longest_wait_seconds,
        secrets=tuple(filter(None, (password, *_logins(proxies)))),
        notes=notes,
    )


def _refuse_numbers(path: str, told: Network) -> None:
    for name in ("requests_per_second", "longest_pause_seconds", "longest_wait_seconds"):
        value = getattr(told, name)
        if not (math.isfinite(value) and value >= 0):
            place = f"{path}, [network] {name}"
            raise TargetError(place, f"the value is {value!r}.", "Write 0 or a number above 0.")


def _file(path: str, key: str, name: str) -> str:
    if not name:
        return ""
    file = Path(path).parent / name
    place = f"{path}, {key}"
    if not file.is_file():
        raise TargetError(place, f"there is no file {name!r}.", "Correct the path.")
    try:
        with file.open("rb"):
            return str(file)
    except OSError as error:
        seen = f"{name!r} cannot be read ({error.strerror})."
        raise TargetError(place, seen, "Let the user who runs the suite read it.") from None


def _refuse_issuer(path: str, ca_file: str) -> None:
    if not ca_file:
        return
    try:
        ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        place = f"{path}, [endpoint] ca_file"
        seen = f"{Path(ca_file).name!r} holds no certificate in PEM."
        fix = "Name the PEM file of the issuer (BEGIN CERTIFICATE)."
        raise TargetError(place, seen, fix) from None


def _password(path: str, told: Network, environ: Mapping[str, str]) -> str | None:
    name = told.client_key_password_env
    return _variable(path, "client_key_password_env", name, environ) if name else None


def _variable(path: str, key: str, name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if not value:
        seen = f"the environment variable {name} is not set."
        raise TargetError(f"{path}, [network] {key}", seen, f"Set it: {setting(name)}")
    return value


def _refuse_pair(
    path: str, told: Network, certificate: str, key: str, password: str | None
) -> None:
    """Load the pair once: a fault of it would look like one of the connection later on."""
    if key and not certificate:
        place = f"{path}, [network] client_certificate"
        raise TargetError(place, "it is missing beside client_key.", "Name the PEM file of both.")
    if not certificate:
        return
    asked: list[bool] = []

    def say() -> str:
        asked.append(True)
        return password or ""

    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_cert_chain(certificate, key or None, say)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise _pair_fault(path, told, str(error).upper(), bool(asked), password) from None


def _pair_fault(
    path: str, told: Network, said: str, encrypted: bool, password: str | None
) -> TargetError:
    name = "client_key" if told.client_key else "client_certificate"
    if encrypted:
        fix = "Name the variable with its password in client_key_password_env."
        seen = "the key is encrypted" + (" and the password is wrong." if password else ".")
        name = "client_key_password_env" if password else name
    elif "MISMATCH" in said:
        seen, fix = "the key belongs to another certificate.", "Name the key of the certificate."
    else:
        seen = "certificate and key cannot be read as PEM."
        fix = "Write both in PEM (BEGIN CERTIFICATE, BEGIN PRIVATE KEY)."
    return TargetError(f"{path}, [network] {name}", seen, fix)


def _proxies(
    path: str, told: Network, environ: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """Proxies by scheme, hosts that need none, and what deserves a note."""
    if told.proxy and told.proxy_from_environment:
        place = f"{path}, [network] proxy_from_environment"
        raise TargetError(place, "it is true and proxy is given.", "Give one of the two.")
    if told.proxy:
        address = _with_login(path, told, environ)
        return {"http": address, "https": address}, _hosts(told.direct), ()
    found = {scheme: _lower_too(environ, name) for scheme, name in _VARIABLES.items()}
    named = {scheme: value for scheme, value in found.items() if value}
    if told.proxy_from_environment:
        for scheme, value in named.items():
            _refuse_proxy(f"the environment variable {_VARIABLES[scheme]}", value)
        listed = _lower_too(environ, "NO_PROXY").replace(" ", "").split(",")
        return named, _hosts((*told.direct, *listed)), ()
    if named and told.proxy_from_environment is None:
        variables = " and ".join(_VARIABLES[scheme] for scheme in named)
        note = (
            f"{path}, [network] proxy_from_environment: {variables} is set and not used;"
            " write true to use it, false to silence this note"
        )
        return {}, (), (note,)
    return {}, (), ()


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower().lstrip(".") for name in names if name.strip())


def _lower_too(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name.lower(), "") or environ.get(name, "")


def _with_login(path: str, told: Network, environ: Mapping[str, str]) -> str:
    place = f"{path}, [network] proxy"
    _refuse_proxy(place, told.proxy)
    if "@" in told.proxy:
        fix = "Write the address alone; user:password belong into proxy_login_env."
        raise TargetError(place, "user and password stand in the address.", fix)
    if not told.proxy_login_env:
        return told.proxy
    login = _variable(path, "proxy_login_env", told.proxy_login_env, environ)
    user, _, password = login.partition(":")
    return f"http://{quote(user, safe='')}:{quote(password, safe='')}@{place_of(told.proxy)}"


def _refuse_proxy(place: str, address: str) -> None:
    try:
        parts = urlsplit(address)
        usable = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        plain = address.rpartition("@")[2]
        fix = "Write http://host:port; other kinds of proxies are not spoken."
        raise TargetError(place, f"{plain!r} is not the address of an HTTP proxy.", fix)


def _logins(proxies: Mapping[str, str]) -> list[str]:
    found = (urlsplit(one).password for one in proxies.values())
    return sorted({unquote(one) for one in found if one})
