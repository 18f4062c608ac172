"""The hub's settings: a TOML file, overridden by HUB_<TABLE>_<KEY>; an unknown key is an error."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from reference_hub.problems import SetupError

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the hub listens. `max_body` in bytes; `public_url` when a proxy stands in front.

    `certificate` and `private_key`: PEM files; with both the hub speaks TLS 1.2 or newer only.
    `cors_origins`: origins whose browsers may read answers, "*" for any; none by default.
    `metrics`: who may read /metrics: callers on this machine that no proxy stands for, any, nobody.
    `contrary`: the seed of legal surprises that vendors should survive; without one, none.
    """

    host: str = "127.0.0.1"
    port: Port = 8080
    workers: Positive = 1
    threads: Positive = 8
    public_url: str = ""
    max_body: Positive = 50 * 1024 * 1024
    certificate: str = ""
    private_key: str = ""
    cors_origins: list[str] = []
    metrics: Literal["local", "any", "off"] = "local"
    contrary: int | None = None


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`url` (or DATABASE_URL) of a server; without one, an embedded server in `directory`."""

    url: str = ""
    directory: str = ".hub/postgres"


class Worker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Delivery: how long a claim lasts, how much it takes, how often the queue is looked at.

    `threads` deliver at the same time in one process, each to another connection.
    """

    threads: Positive = 4
    lease_seconds: Seconds = 60.0
    batch: Positive = 50
    poll_seconds: Seconds = 1.0
    timeout_seconds: Seconds = 30.0
    file_delay_seconds: float = 2.0


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the hub gives a message or a vendor up, and which addresses it delivers to.

    `attempts`: tries of a message that the vendor answers with a fault of its own (500) before it
    is a dead letter; `give_up_hours`: how long one may wait for a vendor that is away.
    `pause_after` failures in a row pause the connection for `pause_seconds`, then twice as long
    each time, at most `longest_pause_seconds`. `results_seconds` lie between two looks for result
    files. `allow_private`: whether vendors may be in private networks. This machine is allowed too
    where the hub itself listens on it alone.
    """

    attempts: Positive = 20
    give_up_hours: Seconds = 336.0
    pause_after: Positive = 5
    pause_seconds: Seconds = 30.0
    longest_pause_seconds: Seconds = 900.0
    results_seconds: Seconds = 300.0
    allow_private: bool = False


class Issuer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs JSON Web Tokens: a PEM file with its public key, the audience it must name, and
    the claim that holds the application key."""

    public_key: str
    audience: str
    claim: str = "client_id"


class Access(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is let in, and how long. `issuers` maps the `iss` of a JSON Web Token to its Issuer.

    `provisioning`: automatic | manual, who decides on provisionRequests. `conflict`: what a second
    create gets with its 409, the existing environment or an error. `session_seconds`: how long a
    session may be idle, 0 for ever. `data_models`: patterns of the dataModelNamespaces served.
    `verify_users`: take a userToken only when it is a JSON Web Token of one of the issuers.
    """

    hmac_window_seconds: Seconds = 300.0
    basic_in_query: bool = True
    token_seconds: Positive = 3600
    session_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    data_models: tuple[str, ...] = ("*/datamodel*",)
    verify_users: bool = False
    provisioning: Literal["automatic", "manual"] = "automatic"
    conflict: Literal["environment", "error"] = "environment"
    issuers: dict[str, Issuer] = {}


class Queries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of queries. `largest_scan`: objects a where, order or example may look at."""

    largest_page: Positive = 1000
    largest_multi: Positive = 10_000
    result_set_seconds: Positive = 600
    largest_scan: Positive = 500_000


class Queues(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a consumer's queue may have. `event_objects`: objects in one event at most."""

    longest_idle_seconds: Positive = 60
    min_wait_seconds: float = 1.0
    most_connections: Positive = 8
    event_objects: Positive = 100


class Broker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the hub waits for a provider that it forwards a request to: for the connection, for
    the head of the answer, for its body. At most half of a process' threads wait so.

    `local_endpoints`: whether an application may register an address of the hub's own machine or
    link as its end point; the operator may name any.
    """

    timeout_seconds: Seconds = 30.0
    local_endpoints: bool = False


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is logged to standard error; `format` auto: text on a terminal, else JSON lines."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "text"] = "auto"


class Schemas(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """File that lists the registered schemas."""

    registry: str = ".hub/schemas.toml"


class Privacy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`clock_tolerance_seconds`: how far the store's clock may be from the hub's before the gate
    stays closed. `link_key_env` names the variable with the key that signs links to the
    acknowledgement form; without it the form is not offered. `link_days`: how long a link opens.
    `frame_ancestors`: origins whose pages may embed the form; none by default."""

    clock_tolerance_seconds: Seconds = 300.0
    link_key_env: str = ""
    link_days: Positive = 14
    frame_ancestors: list[str] = []


class Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where agreements come from: `folder` or `url`; with neither none are synchronised.

    `key_env` names the variable with the bearer key of the url, `seconds` lie between two looks.
    """

    folder: str = ""
    url: str = ""
    key_env: str = ""
    seconds: Annotated[float, msgspec.Meta(gt=0, le=900)] = 300.0


class Console(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The district's console. A session ends after `idle_seconds` without a request, and after
    `session_seconds` in any case. After so many failures in a row a name or an address is locked
    for `lock_seconds`, then twice as long each time, at most an hour.

    Below `folder` lie the runs of the suite and the secrets of vendors that were taken on in the
    console; workers need it too. `conformance`: the program of the suite, '' the one beside this
    Python; a run may last `run_seconds`. Where a vendor comes for its data, the suite listens at
    `listen_host` and `listen_port` (0: a free one), told to the vendor as `listen_url`."""

    idle_seconds: Seconds = 1800.0
    session_seconds: Seconds = 43_200.0
    name_failures: Positive = 5
    address_failures: Positive = 30
    lock_seconds: Seconds = 60.0
    folder: str = ".hub/console"
    conformance: str = ""
    run_seconds: Seconds = 3600.0
    listen_host: str = "127.0.0.1"
    listen_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    listen_url: str = ""


class OpenIdRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people of one group may do in the console: in one district, '' in every one."""

    role: Literal["admin", "manager", "viewer"]
    zone: str = ""


class OpenId(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sign in to the console at an OpenID provider as well (OpenID Connect Core 1.0). `issuer`: its
    address, '' for passwords alone. `secret_env` names the variable with the hub's secret there, ''
    where it has none. `claim`: where its ID token, else its userinfo, has the groups of a person,
    with dots for what lies deeper; `roles` by group. `name_claim`: what the account is called.
    `button`: what the provider is called on the sign-in page, '' for the name of its host.
    """

    issuer: str = ""
    client_id: str = ""
    secret_env: str = ""
    scope: str = "openid profile email"
    claim: str = "groups"
    name_claim: str = "preferred_username"
    button: str = ""
    roles: dict[str, OpenIdRole] = {}


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A district: its description, the data model its documents are judged by, its contexts, and
    the time zone in which the days of its agreements are meant. `decision`: where real data of a
    vendor is switched on only after a decision was recorded: everywhere, in the console alone,
    nowhere. `sandbox`: the zone in which vendors are tried with made-up students, '' its own name
    with -sandbox; no other table."""

    description: str = ""
    model: str = ""
    contexts: tuple[str, ...] = ("DEFAULT",)
    time_zone: str = "America/New_York"
    decision: Literal["required", "console", "optional"] = "required"
    sandbox: str = ""


class ApplicationEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An application that the file registers at each start.

    `kind`: source | vendor | provider. `secret_env` names the variable with its secret. `rights`
    and `may_request` are lists of tables with the keys zone, context, type, name ("*" for any) and
    rights (a table from right to APPROVED, REJECTED, SUPPORTED or UNSUPPORTED); without `rights`
    the defaults of the kind hold.
    """

    secret_env: str
    zone: str
    context: str = "DEFAULT"
    kind: Literal["source", "vendor", "provider"] = "source"
    vendor: str = ""
    app_id: str = ""
    environment: Literal["DIRECT", "BROKERED", ""] = ""
    notation: Literal["", "xml", "goessner", "pesc"] = ""
    rights: list[dict[str, Any]] = []
    may_request: list[dict[str, Any]] = []


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings with their defaults; `zones` by zone id, `applications` by key."""

    server: Server = msgspec.field(default_factory=Server)
    database: Database = msgspec.field(default_factory=Database)
    worker: Worker = msgspec.field(default_factory=Worker)
    delivery: Delivery = msgspec.field(default_factory=Delivery)
    access: Access = msgspec.field(default_factory=Access)
    queries: Queries = msgspec.field(default_factory=Queries)
    queues: Queues = msgspec.field(default_factory=Queues)
    broker: Broker = msgspec.field(default_factory=Broker)
    schemas: Schemas = msgspec.field(default_factory=Schemas)
    log: Log = msgspec.field(default_factory=Log)
    privacy: Privacy = msgspec.field(default_factory=Privacy)
    registry: Registry = msgspec.field(default_factory=Registry)
    console: Console = msgspec.field(default_factory=Console)
    openid: OpenId = msgspec.field(default_factory=OpenId)
    applications: dict[str, ApplicationEntry] = {}
    zones: dict[str, Zone] = msgspec.field(
        # Without any settings the hub is a trial: its commands ask for no decision.
        default_factory=lambda: {"demo-district": Zone("Demo district", decision="console")}
    )
    utility_zone: str = "environment-global"


_TABLES: dict[str, type[msgspec.Struct]] = {
    "server": Server,
    "database": Database,
    "worker": Worker,
    "delivery": Delivery,
    "access": Access,
    "queries": Queries,
    "queues": Queues,
    "broker": Broker,
    "schemas": Schemas,
    "log": Log,
    "privacy": Privacy,
    "registry": Registry,
    "console": Console,
    "openid": OpenId,
}
# Tables that hold one table per name.
_NAMED: dict[str, type[msgspec.Struct]] = {"applications": ApplicationEntry, "zones": Zone}
_PLACE = re.compile(r"`\$\.(\w+)`$")


def load(path: Path | None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the file (None: defaults), apply the environment; SetupError names the faulty key."""
    raw = _read(path) if path else {}
    _refuse_unknown(raw, path)
    for key, value in environ.items():
        _override(raw, key, value)
    if environ.get("DATABASE_URL"):
        raw.setdefault("database", {}).setdefault("url", environ["DATABASE_URL"])
    for place, body, struct in _bodies(raw):
        _refuse_wrong(body, struct, place, str(path or "The environment"))
    try:
        return msgspec.convert(raw, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SetupError(
            f"{path or 'The environment'} has a setting of the wrong kind: {error}"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SetupError(
            f"There is no settings file {path}; name one with --settings, or leave it out."
        ) from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} is not readable TOML: {error}") from error


def _override(raw: dict[str, Any], key: str, value: str) -> None:
    for table, struct in _TABLES.items():
        prefix = f"HUB_{table.upper()}_"
        if key.startswith(prefix):
            field = key.removeprefix(prefix).lower()
            if field not in struct.__struct_fields__:
                known = tuple(f"{prefix}{name.upper()}" for name in struct.__struct_fields__)
                raise SetupError(f"{key} is no setting of the hub{_nearest(key, known)}")
            body = raw.setdefault(table, {})
            if not isinstance(body, dict):
                raise SetupError(f"The setting '{table}' is not a table; write [{table}] above it.")
            body[field] = value


def _refuse_unknown(raw: dict[str, Any], path: Path | None) -> None:
    known = Settings.__struct_fields__
    for table in raw:
        if table not in known:
            raise SetupError(f"{path} has the unknown key '{table}'{_nearest(table, known)}")
    for place, body, struct in _bodies(raw):
        fields = struct.__struct_fields__
        for field in body if isinstance(body, dict) else ():
            if field not in fields:
                raise SetupError(
                    f"{path} has the unknown key '{place}.{field}'{_nearest(field, fields)}"
                )


def _bodies(raw: dict[str, Any]) -> Iterator[tuple[str, object, type[msgspec.Struct]]]:
    """Every table with its place in the file and what it may hold."""
    for table, body in raw.items():
        if table in _TABLES:
            yield table, body, _TABLES[table]
        elif table in _NAMED and isinstance(body, dict):
            for name, entry in body.items():
                yield f"{table}.{name}", entry, _NAMED[table]


def _refuse_wrong(body: object, struct: type[msgspec.Struct], place: str, path: str) -> None:
    try:
        msgspec.convert(body, struct, strict=False)
    except msgspec.ValidationError as error:
        fault = f"{str(error).replace('`$.', f'`{place}.')}{_choices(str(error), struct)}"
        raise SetupError(f"{path}, [{place}], has a setting of the wrong kind: {fault}") from error


def _choices(fault: str, struct: type[msgspec.Struct]) -> str:
    """The words that may stand there, where they are few."""
    place = _PLACE.search(fault)
    kind = get_type_hints(struct)[place[1]] if place else None
    words = [word for word in get_args(kind) if word] if get_origin(kind) is Literal else []
    return f"; known are {', '.join(words)}." if words else ""


def _nearest(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; known are {', '.join(known)}."
