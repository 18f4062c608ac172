"""What the generator costs: against Faker, against bare lxml, and in memory for a million."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

from faker import Faker
from lxml import etree

from fixtures.generate import Plan
from fixtures.writers import notation, xpress
from fixtures.writers.tree import Node
from fixtures.writers.xpress import persons
from tests.bench.figures import Figure
from tests.system.processes import BIN

STUDENTS, FAKED, ROUNDS = 3000, 200, 5
MILLION = 1_000_000


def generated() -> float:
    """Seconds to draw the students of a district and write them as xStudents."""
    began = time.perf_counter()
    nodes = map(persons.student, Plan(1, STUDENTS).students())
    for _ in notation.stream("xStudents", nodes, xpress.NA4):
        pass
    return time.perf_counter() - began


def bare(nodes: list[Node]) -> float:
    """Seconds for lxml to build and serialise the same students from ready values."""
    began = time.perf_counter()
    for node in nodes:
        etree.tostring(notation.element(node, xpress.NA4))
    return time.perf_counter() - began


def faked(nodes: list[Node]) -> float:
    """Seconds for Faker, called for each field, and lxml to write students with the same fields."""
    fake = Faker("en_US")
    Faker.seed(1)
    makers = _makers(fake)
    began = time.perf_counter()
    for node in nodes:
        etree.tostring(notation.element(_invent(node, makers, fake), xpress.NA4))
    return time.perf_counter() - began


def _makers(fake: Faker) -> dict[str, Callable[[], object]]:
    return {
        "familyName": fake.last_name,
        "givenName": fake.first_name,
        "middleName": fake.first_name,
        "suffix": fake.suffix,
        "localId": lambda: fake.numerify("0########"),
        "stateProvinceId": lambda: fake.numerify("90########"),
        "loginId": fake.user_name,
        "line1": fake.street_address,
        "line2": fake.secondary_address,
        "city": fake.city,
        "stateProvince": fake.state_abbr,
        "countryCode": fake.country_code,
        "countryOfBirth": fake.country_code,
        "postalCode": fake.postcode,
        "number": fake.phone_number,
        "emailAddress": fake.email,
        "primaryIndicator": fake.boolean,
        "hispanicLatinoEthnicity": fake.boolean,
        "birthDate": fake.date_of_birth,
        "entryDate": fake.date_this_year,
        "exitDate": fake.date_this_year,
        "projectedGraduationYear": fake.year,
        "cumulativeWeightedGpa": lambda: fake.numerify("#.##"),
        "termWeightedGpa": lambda: fake.numerify("#.##"),
        "classRank": lambda: fake.random_int(1, 180),
        "code": fake.language_code,
    }


def _invent(node: Node, makers: dict[str, Callable[[], object]], fake: Faker) -> Node:
    tag, attributes, content = node
    named = {key: fake.uuid4() for key in attributes}
    if isinstance(content, tuple):
        return (tag, named, tuple(_invent(child, makers, fake) for child in content))
    if tag.endswith(("refId", "RefId")):
        return (tag, named, fake.uuid4())
    make = makers.get(tag, lambda: fake.random_element((content or "", "Other")))
    return (tag, named, str(make()))


def peak_of_a_million(folder: Path) -> Figure:
    """Megabytes of the command that streams a million students to disk."""
    out, began = folder / "million", time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    words = ["generate", "--students", str(MILLION), "--model", "xpress-4.3"]
    command = [BIN / "conformance", *words, "--collection", "xStudents", "--out", out]
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.monotonic() - began
    size = sum(file.stat().st_size for file in out.glob("*.xml"))
    rmtree(out)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    detail = (
        f"megabytes; {size / 1e9:.2f} GB in {seconds:.0f} s, {MILLION / seconds:.0f} students/s"
    )
    if peak == before:
        detail += "; another child process was larger, so this is an upper bound"
    return Figure("generate_million_peak_mb", peak / 1024, 300, "lower", detail)


def measure(folder: Path) -> list[Figure]:
    """The two ratios, medians over the rounds, and the peak."""
    nodes = [persons.student(one) for one in Plan(1, STUDENTS).students()]
    ours = statistics.median(generated() for _ in range(ROUNDS)) / STUDENTS
    lxml = statistics.median(bare(nodes) for _ in range(ROUNDS)) / STUDENTS
    fake = statistics.median(faked(nodes[:FAKED]) for _ in range(ROUNDS)) / FAKED
    detail = f"{1 / ours:.0f} students/s"
    return [
        Figure("generate_vs_faker", fake / ours, 4, "higher", f"{detail}, Faker {1 / fake:.0f}"),
        Figure("generate_vs_lxml", lxml / ours, 0.5, "higher", f"{detail}, lxml {1 / lxml:.0f}"),
        peak_of_a_million(folder),
    ]
