"""The tables of `conformance.toml`: what can be said of a target, with its defaults."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec

from conformance.trees import NA4


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """`[vendor]`: who is judged, in which role, up to which tier, and who runs the test."""

    name: str
    product: str = ""
    version: str = ""
    role: str = "receiver"
    tier: str = "full"
    tested_by: str = ""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """`[endpoint]`: where requests go, and how long to wait (seconds); no url for a consumer.

    `model` is one of `data_models`, empty: the one of the namespace `data_model`, xPress for that
    of Unity; with it the namespace may be left out. `notation` of what is sent and asked for
    through the requests connector: xml | pesc | goessner, these two as `media`.
    """

    url: str = ""
    ca_file: str = ""
    infrastructure: str = "3.3"
    data_model: str = NA4
    model: str = ""
    notation: str = "xml"
    media: str = "application/json"
    zone: str = ""
    context: str = ""
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 30.0
    largest_body_mb: float = 10.0


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """`[network]`: what stands between the suite and the target.

    Files lie beside the target file. `proxy` is an address without user and password; these stand
    as `user:password` in the environment variable `proxy_login_env`. `direct` hosts are reached
    without it. `proxy_from_environment` takes HTTPS_PROXY, HTTP_PROXY and NO_PROXY instead.
    `requests_per_second` 0: as fast as it goes. Seconds: `longest_pause_seconds` after one 429,
    `longest_wait_seconds` after all of a run.
    """

    client_certificate: str = ""
    client_key: str = ""
    client_key_password_env: str = ""
    proxy: str = ""
    proxy_login_env: str = ""
    direct: tuple[str, ...] = ()
    proxy_from_environment: bool | None = None
    requests_per_second: float = 0.0
    longest_pause_seconds: float = 60.0
    longest_wait_seconds: float = 600.0


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """`[credentials]`: the application key and, in one of three places, its secret."""

    key: str
    method: str = "SIF_HMACSHA256"
    secret_env: str = ""
    secret_file: str = ""
    secret: str = ""


class Readback(msgspec.Struct, frozen=True, kw_only=True):
    """`[readback]`: where the vendor shows what it stored; `wait_seconds` until it shows.

    `form` is csv | zip | rest | edfi | flat | folder. `users`, `demographics` and `roles` are the
    exports of csv, or the files of folder; empty `roles`: there are none to see. `others` is the
    same for terms, classes and enrollments, {name} being the name of the file. `address` is the
    one file of zip and flat, the start of the service of rest and edfi, the folder (beside the
    target file) of folder. `rest` is the service that the capability oneroster speaks of.
    `columns` maps columns of OneRoster to those of flat. `token_url` answers client credentials
    with a Bearer token; without it Basic is sent.
    """

    form: str = "csv"
    users: str = "export/users.csv"
    demographics: str = "export/demographics.csv"
    roles: str = "export/roles.csv"
    others: str = "export/{name}.csv"
    address: str = ""
    rest: str = "oneroster/v1p2"
    token_url: str = ""
    columns: dict[str, str] = {}
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    date_format: str = "%Y-%m-%d"
    wait_seconds: float = 0.0


class Fidelity(msgspec.Struct, frozen=True, kw_only=True):
    """`[fidelity]`: how many students are sent to be compared, and what must come back of them.

    `kept` is the least part (0 to 1) of the values with a place that are kept, `invented` the most
    values that nobody sent, `elements` the least part for single elements by their path.
    """

    students: int = 8
    kept: float = 1.0
    invented: int = 0
    elements: dict[str, float] = {}


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """`[listener]`: where the suite listens, and the address under which the vendor reaches it.

    `second_port` is that of the second hub for a consumer that declares hubs; 0: a free one.
    """

    host: str = "127.0.0.1"
    port: int = 0
    second_port: int = 0
    public_url: str = ""


class PodParty(msgspec.Struct, frozen=True, kw_only=True):
    """`[pod]`: the names by which the vendor knows its own document, and what it claims.

    `json`: takes PODs as JSON too; `receipt`: answers with the acknowledgement record where JSON
    is asked for; `time_zone`: of the district, empty: that of this machine; `second_zone`: another
    district that is served; `restart_url`: a POST restarts the product; `delete_within_seconds`:
    from the end of an agreement until its data is gone, none: not by machine; `deletion_url`: a
    POST instructs to delete. Addresses are whole or stand below `[endpoint] url`.
    """

    party: str = ""
    app: str = ""
    json: bool = False
    receipt: bool = False
    time_zone: str = ""
    acknowledge_within_seconds: float = 5.0
    second_zone: str = ""
    restart_url: str = ""
    delete_within_seconds: float | None = None
    deletion_url: str = ""
    policy_url: str = ""


class Attestation(msgspec.Struct, frozen=True, kw_only=True):
    """`[attestation]`: the form that people filled in; it lies beside the target file."""

    file: str = ""


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """`[[waiver]]`: a failure somebody answers for; shown beside the verdict, never instead."""

    requirement: str
    owner: str
    reason: str
    until: date

    def line(self, today: date | None = None) -> str:
        """One line for the report; from the day after `until` (UTC) it says expired."""
        over = self.until < (today or datetime.now(UTC).date())
        expired = " (expired)" if over else ""
        return f"waived by {self.owner} until {self.until}{expired}: {self.reason}"


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """`[consumer]`: how long to wait for the vendor's client, and the commands that move it.

    Seconds: `wait_seconds` for a call to come, `watch_seconds` for one that must not come,
    `poll_seconds` between two calls of the client's own accord, `backoff_seconds` the shortest
    pause before it tries again, `retry_after_seconds` the pause that a busy hub names,
    `slow_seconds` for a slow answer. `most_tries` of one request are not too many. A command is a
    list of words; without one the suite asks the person at the terminal. `relay` is the address of
    a hub to which the suite passes each call; empty: the suite is the hub.
    """

    relay: str = ""
    wait_seconds: float = 120.0
    watch_seconds: float = 10.0
    poll_seconds: float = 60.0
    backoff_seconds: float = 0.5
    retry_after_seconds: float = 2.0
    slow_seconds: float = 5.0
    most_tries: int = 5
    synchronise: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()


class Second(msgspec.Struct, frozen=True, kw_only=True):
    """`[second]`: another vendor at the same hub, and where its secret is."""

    name: str = ""
    key: str = ""
    method: str = "SIF_HMACSHA256"
    secret_env: str = ""
    secret_file: str = ""
    secret: str = ""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """`[offer]`: what a provider lets the suite read, and a receiver beside its students.

    `services` are the collections to read, empty: those that the environment approves, at most
    twelve; `denied` exists and may not be read; `path` is a service path such as
    `xSchools/{}/xStudents`; `largest_page` the most objects of a page, 0: not told; `earlier` a
    changesSinceMarker of before some changes, `expired` one that is too old; `pesc` and `goessner`
    the Accept header that is answered in that JSON notation, empty: it is not offered. A receiver
    tells `denied`, `largest_page`, `pesc` and `goessner`.
    """

    services: tuple[str, ...] = ()
    denied: str = ""
    path: str = ""
    largest_page: int = 0
    earlier: str = ""
    expired: str = ""
    pesc: str = "application/json"
    goessner: str = ""


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """`[operator]`: how the suite moves the district's side of a hub: by URL or by commands.

    Each command is a list of words in which {vendor} {file} {object} {policy} are replaced.
    `seconds` is the time for one of them, `settle_seconds` how long an effect takes to show.
    """

    url: str = ""
    vendor: str = ""
    second: str = ""
    load: tuple[str, ...] = ()
    publish: tuple[str, ...] = ()
    draft: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    policy: tuple[str, ...] = ()
    audit: tuple[str, ...] = ()
    seconds: float = 30.0
    settle_seconds: float = 0.0
