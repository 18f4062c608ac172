"""A conforming vendor and all that can be put before it; closes what it opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from conformance import target
from conformance.claims import SPOKEN_OF
from conformance.simulators import Receiver, serve
from conformance.simulators.server import Handle
from conformance.target import TargetConfig
from tests.conformance.doctor import servers
from tests.conformance.doctor.certificates import PASSWORD, Authority, Pair
from tests.conformance.engine.conftest import SECRET, Conversation, Listening

Tables = dict[str, dict[str, Any]]


@dataclass
class World:
    """`url` is that of a conforming receiver, `issuer` the file of whoever signs certificates."""

    folder: Path
    opened: list[Listening | Handle] = field(default_factory=list)

    @cached_property
    def authority(self) -> Authority:
        return Authority(self.folder)

    @cached_property
    def stranger(self) -> Authority:
        return Authority(self.folder, "stranger")

    @cached_property
    def url(self) -> str:
        return self.vendor(Receiver(secret=SECRET))

    @cached_property
    def good(self) -> Pair:
        return self.authority.issue("good")

    @cached_property
    def locked(self) -> Pair:
        return self.authority.issue("locked", password=PASSWORD)

    @property
    def issuer(self) -> str:
        return self.authority.file.name

    def vendor(self, product: Any) -> str:
        """Serve this product."""
        self.opened.append(serve(product))
        return self.opened[-1].url

    def listening(self, conversation: Conversation) -> str:
        """Serve bytes."""
        self.opened.append(Listening(conversation))
        return self.opened[-1].url

    def between(self, **changes: Any) -> str:
        """A vendor with something before it that changes requests or answers."""
        self.opened.append(servers.meddler(self.url, **changes))
        return self.opened[-1].url

    def tls(self, pair: Pair, *, client_issuer: str = "", aware: bool = True) -> str:
        """A vendor behind TLS; `aware`: it knows that it is reached by https."""
        vendor = Receiver(secret=SECRET)
        url = self.vendor(servers.BehindTls(vendor) if aware else vendor)
        self.opened.append(servers.tls(url, pair, client_issuer))
        return self.opened[-1].url

    def file(self, name: str, content: str) -> str:
        """A file beside the target file."""
        (self.folder / name).write_text(content, "utf-8")
        return name

    def config(self, tables: Mapping[str, Any], role: str = "receiver") -> TargetConfig:
        """Write the target file with these tables changed, and read it."""
        path = self.folder / "conformance.toml"
        path.write_text(written(self.plain(role), tables), "utf-8")
        environ = {"CONFORMANCE_SECRET": SECRET} | dict(tables.get("environ", {}))
        return target.load(path, environ)

    def plain(self, role: str = "receiver") -> Tables:
        """A target that is fine."""
        limits = {"connect_seconds": 2, "read_seconds": 2, "total_seconds": 3}
        return {
            "vendor": {"name": "Example Reading App", "role": role},
            "endpoint": {"url": self.url, **limits},
            "network": {},
            "credentials": {"key": "demo-vendor", "secret_env": "CONFORMANCE_SECRET"},
            "capabilities": dict.fromkeys(SPOKEN_OF[role], True),
        }

    def close(self) -> None:
        """Close everything."""
        for one in self.opened:
            one.close()


def written(plain: Tables, changes: Mapping[str, Any]) -> str:
    """The tables as TOML; a change to None leaves the key out."""
    lines = []
    for name in {**plain, **changes}:
        if name == "environ":
            continue
        lines.append(f"[{name}]")
        for key, value in (plain.get(name, {}) | changes.get(name, {})).items():
            if value is not None:
                lines.append(f"{key} = {_value(value)}")
    return "\n".join((*lines, ""))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    return str(value) if isinstance(value, int | float) else f'"{value}"'


Seeding = Callable[[World], Mapping[str, Any]]
