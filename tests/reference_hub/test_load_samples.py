"""Documents that others wrote: what the schema accepts comes back from GET, the rest is refused.

The schema's verdict on the whole document is computed here, apart from the hub. The comparison
follows each file, since some samples repeat an id with other content.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import etree
from lxml.etree import _Element
from sqlalchemy import Engine, text

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge, Problem
from reference_hub.codec.xsd import compile_schema
from reference_hub.journeys.load import Order, Outcome, load
from reference_hub.model.scope import Scope
from reference_hub.schemas import STRICT, Registered, entry_file
from reference_hub.settings import Settings
from reference_hub.store.vendors import add_application

SCOPE = Scope("demo-district")
NA = "http://www.sifassociation.org/datamodel/na/"
NA4 = f"{NA}4.x"


@dataclass(frozen=True)
class Consumer:
    """A source application with an open session at the hub."""

    http: FlaskClient
    session: str

    def get(self, element: _Element) -> _Element:
        """The object as the hub gives it back."""
        name = etree.QName(element).localname
        refid = element.get("RefId") or element.get("refId")
        reply = self.http.get(f"/requests/{name}s/{refid}", headers=basic(self.session))
        assert reply.status_code == 200, (name, refid, reply.data)
        return etree.fromstring(reply.data)


def basic(user: str) -> dict[str, str]:
    token = base64.b64encode(f"{user}:secret".encode()).decode()
    return {"Authorization": f"Basic {token}", "Accept": "application/xml"}


@pytest.fixture
def consumer(store: Engine, hub_settings: Settings) -> Iterator[Consumer]:
    with store.begin() as connection:
        add_application(connection, "sis", "secret", SCOPE)
    with create_app(hub_settings, store, judge=Judge()).test_client() as http:
        reply = http.post("/environments/environment", headers=basic("sis"))
        token = etree.fromstring(reply.data).findtext("{*}sessionToken")
        assert token
        yield Consumer(http, token)


@pytest.fixture(scope="session")
def na_3_5(standards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """NA 3.5 with the published patch; as published it does not compile."""
    folder = tmp_path_factory.mktemp("na")
    for file in (standards / "schemas/official/na-3.5").rglob("*.xsd"):
        copy = folder / "na-3.5" / file.relative_to(standards / "schemas/official/na-3.5")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    patch = standards / "schemas/patched/na-3.5.patch"
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-p1", str(patch)], cwd=folder, check=True
    )
    return folder / "na-3.5"


def original(file: Path, namespace: str) -> _Element | None:
    """The document with the namespace on its root, None when it is not well-formed."""
    body = file.read_bytes()
    try:
        root = etree.fromstring(body)
        if root.tag.startswith("{"):
            return root
        name = root.tag.encode()
        named = body.replace(b"<" + name, b'<%s xmlns="%s"' % (name, namespace.encode()), 1)
        return etree.fromstring(named)
    except etree.XMLSyntaxError:
        return None


def members(root: _Element) -> list[_Element]:
    inner = [child for child in root if isinstance(child.tag, str)]
    return inner if all(f"{child.tag}s" == root.tag for child in inner) else [root]


def canonical(element: _Element) -> bytes:
    return etree.tostring(etree.fromstring(etree.tostring(element, with_tail=False)), method="c14n")


def quoted(problem: Problem, root: _Element | None) -> list[str]:
    """Values of the document that stand in what is told of the value found."""
    words = root.xpath("//*[not(*)]/text() | //@*") if root is not None else []
    told = problem.expected.partition("; found ")[2]
    return [str(word) for word in words if len(str(word).strip()) > 3 and str(word) in told]


def versions(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM object_version")).scalar_one())


def check(outcome: Outcome, root: _Element | None, valid: bool, consumer: Consumer) -> str:
    """What became of a document; fails when it is not what its schema says."""
    assert (outcome.state == "loaded") == valid, outcome
    for problem in outcome.problems:
        assert problem.line > 0
        assert problem.expected
        assert problem.path or root is None
        assert not quoted(problem, root)
    for member in members(root) if root is not None and valid else []:
        assert canonical(consumer.get(member)) == canonical(member)
    return outcome.state


def load_all(
    folder: Path, schema: Path, namespace: str, store: Engine, consumer: Consumer
) -> Counter[str]:
    entry = entry_file(schema)
    compiled = compile_schema(entry)
    judge = Judge([Registered("official", compiled.namespace, STRICT, str(entry))])
    order = Order(SCOPE, namespace=namespace)
    states: Counter[str] = Counter()
    for file in sorted(folder.iterdir()):
        before = versions(store)
        (outcome,) = load(store, judge, order, [file], Clock())
        root = original(file, namespace) if file.suffix == ".xml" else None
        valid = root is not None and bool(compiled.schema.validate(root))
        states[check(outcome, root, valid, consumer)] += 1
        assert versions(store) - before == (len(members(root)) if valid and root is not None else 0)
    return states


@pytest.mark.parametrize(
    ("samples", "schema", "namespace", "loaded", "refused", "skipped"),
    [
        ("unity-spec-examples", "patched/unity-4.3-strict", NA4, 105, 9, 228),
        pytest.param(
            *("unity-synthetic", "patched/unity-4.3-strict", NA4, 91, 1, 0), marks=pytest.mark.soak
        ),
        ("unity-synthetic", "official/unity-4.3/strict", NA4, 90, 2, 0),
        ("na3.2", "official/na-3.2", f"{NA}3.2", 7, 1, 1),
        ("xpress-na3.3", "patched/na-3.3", f"{NA}3.3", 0, 2, 0),
    ],
)
def test_samples_come_back_equal_or_are_refused(
    standards: Path,
    store: Engine,
    consumer: Consumer,
    samples: str,
    schema: str,
    namespace: str,
    loaded: int,
    refused: int,
    skipped: int,
) -> None:
    folder, place = standards / "samples" / samples, standards / "schemas" / schema
    states = load_all(folder, place, namespace, store, consumer)
    assert states == Counter(loaded=loaded, refused=refused, skipped=skipped)


@pytest.mark.soak
def test_the_sample_of_na_3_5_is_refused_by_the_patched_schema(
    standards: Path, na_3_5: Path, store: Engine, consumer: Consumer
) -> None:
    folder = standards / "samples" / "xpress-na3.5"
    assert load_all(folder, na_3_5, f"{NA}3.5", store, consumer) == Counter(refused=1)
