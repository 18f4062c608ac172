"""What becomes of a file: all of it or nothing, with problems that can be found again."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import Engine, text

from fixtures.generate import student
from fixtures.writers import xpress
from fixtures.writers.xpress import NA4
from reference_hub.clock import Clock
from reference_hub.codec.schema import DATA_MODELS, AmbiguousModel, Judge
from reference_hub.codec.xml import fold, refid_of
from reference_hub.journeys.load import Order, Outcome, load
from reference_hub.model.scope import Scope
from reference_hub.schemas import STRICT, Registered
from reference_hub.store import objects
from reference_hub.store.vendors import add_subscriber, add_vendor

SCOPE = Scope("demo-district")
ID = "8A2A0C1B-55F3-4B6C-9C0F-0123456789A"
Load = Callable[..., Outcome]


def one(number: int, inner: str = "") -> str:
    return f'<xStudent refId="{ID}{number}">{inner}</xStudent>'


def many(*members: str, namespace: str = f' xmlns="{NA4}"') -> str:
    return f"<xStudents{namespace}>{''.join(members)}</xStudents>"


def stored(engine: Engine, object_type: str = "xStudent") -> int:
    with engine.connect() as connection:
        return objects.tally(connection, SCOPE, object_type).present


def body(engine: Engine, refid: str, object_type: str = "xStudent") -> bytes:
    with engine.connect() as connection:
        found = objects.get(connection, SCOPE, object_type, fold(refid))
    assert found is not None
    return found.body


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture
def load_text(store: Engine, judge: Judge, tmp_path: Path) -> Load:
    def write_and_load(
        content: str | bytes, name: str = "export.xml", namespace: str = ""
    ) -> Outcome:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        (outcome,) = load(store, judge, Order(SCOPE, namespace=namespace), [file], Clock())
        return outcome

    return write_and_load


def reason(outcome: Outcome) -> str:
    assert outcome.state == "refused"
    return outcome.problems[0].expected


def test_a_single_object_is_stored_as_it_was(load_text: Load, store: Engine) -> None:
    sent = xpress.student(student(5, 1))
    assert load_text(xpress.tostring(sent)).state == "loaded"
    received = etree.fromstring(body(store, refid_of(sent)))
    assert etree.tostring(received, method="c14n") == etree.tostring(sent, method="c14n")


def test_each_object_of_a_collection_is_stored(load_text: Load, store: Engine) -> None:
    outcome = load_text(many(one(1), "<!-- two -->", one(2)))
    assert (outcome.state, outcome.judged) == ("loaded", {"kit schema unity-4.3-kit": 2})
    assert stored(store) == 2


def test_an_empty_collection_is_loaded(load_text: Load, store: Engine) -> None:
    assert load_text(many()).state == "loaded"
    assert stored(store) == 0


def test_comments_and_cdata_inside_an_object_survive(load_text: Load, store: Engine) -> None:
    load_text(many(one(1, "<!-- note --><localId><![CDATA[a<b]]></localId>")))
    assert b"<!-- note --><localId><![CDATA[a<b]]></localId>" in body(store, f"{ID}1")


def test_prefixes_declared_on_the_root_come_along(load_text: Load, store: Engine) -> None:
    outcome = load_text(f'<n:xStudents xmlns:n="{NA4}"><n:xStudent refId="{ID}1"/></n:xStudents>')
    assert outcome.state == "loaded"
    assert etree.fromstring(body(store, f"{ID}1")).tag == f"{{{NA4}}}xStudent"


def test_a_known_refid_is_replaced(load_text: Load, store: Engine) -> None:
    load_text(many(one(1, "<localId>old</localId>")))
    load_text(many(one(1, "<localId>new</localId>").replace("-", "")))
    assert stored(store) == 1
    assert b"new" in body(store, f"{ID}1")


def test_a_replaced_object_is_an_update(load_text: Load, store: Engine) -> None:
    for _ in range(2):
        load_text(many(one(1), one(2)))
    with store.connect() as connection:
        actions = connection.execute(text("SELECT action FROM object_version ORDER BY id"))
        assert list(actions.scalars()) == ["CREATE", "CREATE", "UPDATE", "UPDATE"]


def test_the_last_of_two_objects_with_one_id_stays(load_text: Load, store: Engine) -> None:
    load_text(many(one(1, "<localId>first</localId>"), one(1, "<localId>last</localId>")))
    assert b"last" in body(store, f"{ID}1")


def test_one_bad_object_refuses_the_whole_file(load_text: Load, store: Engine) -> None:
    outcome = load_text(many(*(one(n) for n in range(3)), one(4, "<pet/>"), one(5)))
    assert outcome.state == "refused"
    assert [problem.path for problem in outcome.problems] == ["/xStudents/xStudent[4]/*"]
    with store.connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM object_version"))
        assert rows.scalar_one() == 0


def test_a_refused_file_leaves_no_message_and_no_audit(load_text: Load, store: Engine) -> None:
    with store.begin() as connection:
        vendor = add_vendor(connection, "reading", "Reading", SCOPE, "off")
        add_subscriber(
            connection,
            vendor,
            "reading-push",
            SCOPE,
            format="sif-xml",
            transport="sif_push",
            url="http://127.0.0.1:9/",
            credentials={},
            objects=("xStudent",),
        )
    load_text(many(*(one(n % 9) for n in range(600)), one(1, "<pet/>")))
    with store.connect() as connection:
        for table in ("message", "audit"):
            count = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            assert (table, count) == (table, 0)


def test_up_to_twenty_problems_of_a_file_are_told(load_text: Load) -> None:
    outcome = load_text(many(*(one(1, "<pet/>") for _ in range(30))))
    assert len(outcome.problems) == 20
    assert outcome.problems[-1].path == "/xStudents/xStudent[20]/*"


def test_lines_are_right_beyond_65535(load_text: Load) -> None:
    filler = "".join(one(1) + "\n" * 200 for _ in range(400))
    outcome = load_text(many("\n", filler, one(2, "\n<name>\n<type>Pet</type></name>")))
    (problem,) = outcome.problems
    assert problem.line == 80_004
    assert problem.path == "/xStudents/xStudent[401]/name/type"


def test_faults_of_the_markup_are_placed_beyond_65535(load_text: Load) -> None:
    outcome = load_text(many("\n" * 70_000, "<xStudent></xStaff>"))
    assert (outcome.problems[0].line, outcome.problems[0].path) == (70_001, "")


def test_other_files_of_the_call_still_load(store: Engine, judge: Judge, tmp_path: Path) -> None:
    contents = {"a.xml": many(one(1)), "b.xml": many(one(2, "<pet/>")), "c.xml": many(one(3))}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    files = sorted(tmp_path.iterdir())
    states = [found.state for found in load(store, judge, Order(SCOPE), files, Clock())]
    assert states == ["loaded", "refused", "loaded"]
    assert stored(store) == 2


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (b"", 0, "the file is empty"),
        (b" \n", 0, "the file is empty"),
        (b"name,age", 1, "the first character is not <"),
        (b"<!-- only a comment -->", 1, "no element begins"),
        (b"<xStudents", 1, "gt required"),
        (b"\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 2, "a DOCTYPE is not accepted"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 1, "the encoding is not UTF-8"),
        ("<a>é</a>".encode("utf-16"), 1, "the encoding is not UTF-8"),
        (b"<a>\n\xe9t\xe9</a>", 2, "bytes that are not UTF-8"),
        (b"<a>\n<b>\n&Zelda;</b></a>", 3, "an entity that XML does not define"),
        (b"<a>\nZelda & Co</a>", 2, "write &amp;"),
        (b"<a>\n<Zelda></a>", 2, "an end tag that closes another element"),
        (b"<a>\n<b>", 2, "ends before its elements are closed"),
        (b"<a/>\n<b/>", 2, "follows the end of the document"),
        (b"<a>" + b"<b>" * 300 + b"</b>" * 300 + b"</a>", 1, "256 deep"),
    ],
)
def test_a_malformed_file_is_refused_in_plain_words(
    load_text: Load, content: bytes, line: int, told: str
) -> None:
    outcome = load_text(content, namespace="urn:a")
    assert told in reason(outcome)
    assert outcome.problems[0].line == line
    assert "Zelda" not in reason(outcome)


def test_a_file_cut_short_is_refused_whole(load_text: Load, store: Engine) -> None:
    outcome = load_text(many(*(one(n % 9) for n in range(1200))).removesuffix("</xStudents>"))
    assert "ends before its elements are closed" in reason(outcome)
    assert stored(store) == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("students.csv", "id,name"),
        ("students.json", "{}"),
        ("archive.zip", b"PK\x03\x04"),
        ("model.xsd", "<a/>"),
        ("empty.txt", ""),
    ],
)
def test_other_kinds_of_files_are_skipped(load_text: Load, name: str, content: str | bytes) -> None:
    assert load_text(content, name).state == "skipped"


def test_xml_is_known_by_its_content(load_text: Load) -> None:
    assert load_text(many(one(1)), "export").state == "loaded"


def test_a_link_that_leads_nowhere_is_refused(store: Engine, judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "gone.xml").symlink_to(tmp_path / "nowhere")
    (outcome,) = load(store, judge, Order(SCOPE), [tmp_path / "gone.xml"], Clock())
    assert reason(outcome) == "a regular file or a folder; found a link that leads nowhere"


def test_a_pipe_is_refused_without_waiting(store: Engine, judge: Judge, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xml")
    (outcome,) = load(store, judge, Order(SCOPE), [tmp_path / "a.xml"], Clock())
    assert reason(outcome) == "a regular file or a folder; found a pipe"


def test_a_socket_is_refused(store: Engine, judge: Judge, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "a.xml"))
        (outcome,) = load(store, judge, Order(SCOPE), [tmp_path / "a.xml"], Clock())
    assert reason(outcome).endswith("found a device, a socket or the like")


@pytest.mark.requirement("TRN-PR-16")
def test_a_known_object_in_an_invented_namespace_is_refused(load_text: Load, store: Engine) -> None:
    outcome = load_text(many(one(1), namespace=' xmlns="http://vendor.example/1"'))
    assert reason(outcome).startswith("an object in the namespace of its data model")
    assert (outcome.problems[0].path, stored(store)) == ("/xStudents/xStudent[1]", 0)


def test_a_member_without_namespace_is_refused(load_text: Load, store: Engine) -> None:
    outcome = load_text('<n:Pets xmlns:n="urn:pets"><n:Pet RefId="1"/></n:Pets>')
    assert outcome.state == "loaded"
    single = f'<n:xStudents xmlns:n="{NA4}"><xStudent refId="{ID}1"/></n:xStudents>'
    assert load_text(single).state == "refused"
    assert stored(store) == 0


@pytest.mark.requirement("TRN-PR-16")
def test_a_document_without_namespace_needs_one(load_text: Load, store: Engine) -> None:
    assert "give it with --namespace URI" in reason(load_text(many(one(1), namespace="")))
    assert stored(store) == 0


@pytest.mark.parametrize("root", ["", ' xmlns=""', " color='a>b'"])
@pytest.mark.parametrize("head", ["", '\ufeff<?xml version="1.0" encoding="utf-8"?>\n<!-- a -->'])
def test_a_namespace_is_supplied(store: Engine, load_text: Load, root: str, head: str) -> None:
    outcome = load_text(head + many(one(1), namespace=root), namespace=f"{DATA_MODELS[0]}?a&b")
    assert outcome.judged == {"well-formedness only": 1}
    assert etree.QName(etree.fromstring(body(store, f"{ID}1"))).namespace == (
        f"{DATA_MODELS[0]}?a&b"
    )


def test_the_namespace_of_a_document_is_kept(load_text: Load) -> None:
    outcome = load_text(many(one(1)), namespace="http://example.org/")
    assert outcome.judged == {"kit schema unity-4.3-kit": 1}


def test_an_object_without_id_is_refused(load_text: Load) -> None:
    outcome = load_text('<Pets xmlns="urn:pets"><Pet RefId="1"/><Pet/></Pets>')
    assert reason(outcome).startswith("an attribute refId or RefId")
    assert outcome.problems[0].path == "/Pets/Pet[2]"


@pytest.mark.parametrize(
    ("inside", "path", "told"),
    [
        ((one(1), "<Zelda/>", one(2)), "/xStudents/*", "xStudent here; found another"),
        ((one(1), "Zelda", one(2)), "/xStudents", "found text between them"),
        ((one(1), one(2), "Zelda"), "/xStudents", "found text between them"),
        (("Zelda", one(1)), "/xStudents", "found text between them"),
    ],
)
def test_a_collection_holds_its_objects_only(
    load_text: Load, inside: tuple[str, ...], path: str, told: str
) -> None:
    outcome = load_text(many(*inside))
    assert told in reason(outcome)
    assert outcome.problems[0].path == path
    assert "Zelda" not in repr(outcome)


def test_the_collection_element_is_judged_too(load_text: Load) -> None:
    outcome = load_text(many(one(1), namespace=f' xmlns="{NA4}" color="red"'))
    assert outcome.problems[0].path == "/xStudents/@*"


def test_an_object_may_hold_others_of_its_name(load_text: Load, store: Engine) -> None:
    inner = '<Pet RefId="2"><Pet RefId="3"/></Pet>'
    assert load_text(f'<Pets xmlns="urn:pets"><Pet RefId="1">{inner}</Pet></Pets>').judged == {
        "well-formedness only": 1
    }
    assert stored(store, "Pet") == 1


def test_progress_counts_the_bytes_of_the_file(store: Engine, judge: Judge, tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_text(many(*(one(n % 9) for n in range(2000))))
    counted: list[int] = []
    list(load(store, judge, Order(SCOPE), [file], Clock(), counted.append))
    assert sum(counted) == file.stat().st_size


def test_an_ambiguous_model_stops_the_call_before_anything_is_stored(
    store: Engine, tmp_path: Path, standards: Path
) -> None:
    official = standards / "schemas/official"
    places = ("unity-4.3/strict/SIF_Message.xsd", "unity-4.0/plain-2019-05-22/SIF_Message.xsd")
    judge = Judge([Registered(place[:9], NA4, STRICT, str(official / place)) for place in places])
    (tmp_path / "a.xml").write_text('<Pet xmlns="urn:pets" RefId="1"/>')
    (tmp_path / "b.xml").write_text(many(one(1)))
    files = sorted(tmp_path.iterdir())
    with pytest.raises(AmbiguousModel, match=re.escape("unity-4.3, unity-4.0; choose one")):
        list(load(store, judge, Order(SCOPE), files, Clock()))
    assert stored(store, "Pet") == 0
    outcomes = load(store, judge, Order(SCOPE, model="unity-4.0"), files, Clock())
    assert [found.state for found in outcomes] == ["loaded", "loaded"]
