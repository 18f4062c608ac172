"""What the checks of hubs stand on: operator, PODs, district, race."""

from __future__ import annotations

import sys
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from conformance import hub_pods, session, target, trees
from conformance.checks.broker.doors import SHOWN
from conformance.checks.preparation import objects_in
from conformance.hub_district import HubDistrict, outside
from conformance.hub_operator import Declined, HubOperator
from conformance.hub_pods import Condition, Entry
from conformance.hub_race import READERS, race
from conformance.hub_stage import HubStage
from conformance.problems import NotApplicable, NotVerified, SetupFault
from conformance.simulators import serve
from conformance.simulators.hub import SimulatedHub
from conformance.simulators.message import Request, Response
from conformance.wire import Wire
from fixtures.standards import POD, schema_path
from tests.conformance.broker.judging import staged, table_for

FULL = Entry(
    SHOWN,
    writable=SHOWN[:1],
    conditions=(Condition("ROW_FILTER", "xStudent/localId", "in", "1,2"),),
    app="reading",
    zone="district",
    context="DEFAULT",
    namespace=trees.NA4,
)


def operator(tmp_path: Path, **commands: list[str]) -> HubOperator:
    """An operator by commands instead of an address."""
    table = table_for("http://127.0.0.1:1")
    table["operator"] = {**commands, "seconds": 5.0}
    config = target.from_table(table, str(tmp_path / "hub.toml"), environ={})
    return HubOperator(Wire(), config)


def python(code: str, *words: str) -> list[str]:
    """A command that runs this code."""
    return [sys.executable, "-c", f"import sys, pathlib; {code}", *words]


def test_a_command_gets_vendor_and_document(tmp_path: Path) -> None:
    code = "pathlib.Path('seen').write_text(sys.argv[1] + pathlib.Path(sys.argv[2]).read_text())"
    operator(tmp_path, publish=python(code, "{vendor}", "{file}")).publish("me", b"<pod/>")
    assert (tmp_path / "seen").read_text() == "me<pod/>"


def test_a_command_that_fails_says_what_it_said(tmp_path: Path) -> None:
    hook = operator(tmp_path, end=python("sys.exit('no such vendor')"))
    with pytest.raises(Declined, match=r"\[operator\] end ended with 1: no such vendor"):
        hook.end("me")


def test_a_command_that_is_not_there_is_declined(tmp_path: Path) -> None:
    with pytest.raises(Declined, match="FileNotFoundError"):
        operator(tmp_path, end=["no-such-program"]).end("me")


def test_the_audit_is_read_line_by_line(tmp_path: Path) -> None:
    hook = operator(tmp_path, audit=python("print('{\"a\": 1}'); print(); print('{\"a\": 2}')"))
    assert hook.audit() == ['{"a": 1}', '{"a": 2}']


def test_an_audit_that_is_no_json_is_declined(tmp_path: Path) -> None:
    with pytest.raises(Declined, match="JSON object a line"):
        operator(tmp_path, audit=python("print('table')")).audit()


def test_a_verb_nobody_offers_narrows_what_is_judged(tmp_path: Path) -> None:
    hook = operator(tmp_path)
    with pytest.raises(NotApplicable, match="audit"):
        hook.audit()
    with pytest.raises(NotVerified, match=r"\[operator\] publish"):
        hook.publish("me", b"")


def test_the_pods_of_checks_are_valid_in_the_kit() -> None:
    schema = etree.XMLSchema(etree.fromstring(schema_path(POD.id).read_bytes()))
    element = etree.fromstring(hub_pods.document("Reading", FULL, Entry(())))
    assert schema.validate(element), schema.error_log


def test_the_pods_of_checks_are_valid_in_the_published_schema(standards: Path) -> None:
    (file,) = standards.glob("schemas/official/infrastructure-3.3/**/SIF_Message.xsd")
    schema = etree.XMLSchema(etree.parse(str(file)))
    element = etree.fromstring(hub_pods.document("Reading", FULL, Entry(())))
    assert schema.validate(element), schema.error_log


def test_the_status_does_not_change_the_hash() -> None:
    one = hub_pods.hash_of({"podToken": "t", "podStatus": "Live", "id": "é"})
    assert one == hub_pods.hash_of({"id": "é", "podToken": "t", "podStatus": "Pending"})
    assert one == "sha256:b03a53df9a3139893bc1804ddcef48e78412a30f90cc191542adc7dabfe7dd25"


def test_suite_and_simulated_hub_hash_alike(stage: HubStage, simulated: SimulatedHub) -> None:
    pod = stage.grant(stage.a, *SHOWN)
    assert stage.a.hash_of(pod) == simulated.held.papers[-1].hash()


def test_the_district_knows_which_canaries_are_granted() -> None:
    district = HubDistrict(3)
    assert district.granted(("xStudent/name/givenName",)) == {
        (f"student {number}", "givenName") for number in range(len(district.students))
    }


def test_a_value_beyond_the_grant_is_a_leak(stage: HubStage) -> None:
    pod = stage.open(stage.a, *SHOWN)
    reply = stage.a.students(pod.token)
    assert stage.district.leaks([reply], SHOWN) == set()
    found = stage.district.leaks([reply], ("xStudent/@refId", "xStudent/name/givenName"))
    assert ("student 0", "familyName") in found


def test_a_student_without_a_middle_name_can_be_changed(
    stage: HubStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = deepcopy(stage.district.student(0))
    for one in trees.every(bare, "middleName"):
        one.getparent().remove(one)  # type: ignore[union-attr]
    monkeypatch.setattr(stage.district, "students", [bare])
    changed = stage.changed(0, "name", "middleName", text="Qvex")
    assert trees.text(changed, "name", "middleName") == "Qvex"
    name = trees.child(changed, "name")
    assert name is not None
    names = [trees.local(one) for one in name]
    assert names[names.index("middleName") - 1] == "givenName"


def test_a_path_beyond_the_grant_is_named() -> None:
    student = HubDistrict(3).student(0)
    told = outside(student, ("xStudent/name", "xStudent/languages"))
    assert "xStudent/localId" in told
    assert not [one for one in told if one.startswith(("xStudent/name", "xStudent/languages"))]


def test_a_race_tells_before_from_after(stage: HubStage) -> None:
    pod = stage.open(stage.a, *SHOWN)
    run = race(stage, stage.a, pod.token, lambda: stage.operator.end("demo-vendor"))
    assert len(run.reads) >= 2 * READERS
    assert all(objects_in(one) for one in run.before())
    assert not any(objects_in(one) for one in run.after())


class PausesOnce(SimulatedHub):
    """Answers the first reading of a queue with 503."""

    asked = 0

    def read_messages(self, request: Request, vendor: str, refid: str) -> Response:
        self.asked += 1
        if self.asked == 1:
            return Response(503).adding(("Retry-After", "0"))
        return super().read_messages(request, vendor, refid)


def test_a_pause_that_a_hub_asks_for_is_made() -> None:
    with staged(PausesOnce()) as stage:
        queue = stage.queue(stage.a, "xStudents")
        assert [one.status for one in stage.a.heard[-2:]] == [201, 201]
        assert stage.a.messages(queue).status == 204


def test_a_pod_is_used_again_until_something_moves(stage: HubStage) -> None:
    first = stage.usable(stage.a, *SHOWN)
    assert stage.usable(stage.a, *SHOWN) == first
    stage.operator.end("demo-vendor")
    assert stage.usable(stage.a, *SHOWN).token != first.token


def test_a_wrong_secret_of_the_second_vendor_is_told_before_any_check() -> None:
    with serve(SimulatedHub()) as handle:
        table = table_for(handle.url)
        table["second"]["secret"] = "not-the-secret"
        config = target.from_table(table, environ={})
        with pytest.raises(SetupFault) as told:
            session.run(config, seed=7, only=("POD-DEL-003",))
    assert told.value.key.endswith("[second] key = 'demo-other'")
    assert "not-the-secret" not in str(told.value)
