"""Steady load: marked students, a bounded rate, one address, and nothing left behind."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from conformance import cli_load, load, trees
from conformance.cli_load import INSTALL
from conformance.load import Load, Wish
from conformance.problems import SetupFault
from conformance.simulators import serve
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver

SECRET = "demo-secret-1"
FILE = """
[vendor]
name = "Example Reading App"
role = "{role}"
[endpoint]
url = "{url}"
[credentials]
key = "demo-vendor"
secret = "demo-secret-1"
[capabilities]
create = true
update = true
delete = true
query = true
paging = true
pod = true
"""


class NamesAnotherHost(Receiver):
    """Sends its clients elsewhere."""

    def services(self, root: str, refid: str) -> dict[str, str]:
        return super().services(root, refid) | {"requestsConnector": "http://127.0.0.2:1/requests"}


class DeletesNobody(Receiver):
    """Refuses the delete of many."""

    def delete_students(self, request: Request) -> Response:
        """No right to do so."""
        raise Refusal(403, "The application has no right to delete students.")


class StoresAndFails(Receiver):
    """Stores a student and answers that it broke."""

    def create_student(self, request: Request) -> Response:
        """The failure comes after the deed."""
        super().create_student(request)
        raise Refusal(500, "The index could not be updated.")


def wish(folder: Path, url: str, role: str = "receiver", rate: float = 500) -> Wish:
    path = folder / "conformance.toml"
    path.write_text(FILE.format(url=url, role=role), "utf-8")
    return Wish(target=str(path), seed=0xBEEF, rate=rate)


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Load]:
    with serve(Receiver(secret=SECRET)) as handle:
        one = Load(wish(tmp_path, handle.url))
        one.begin()
        yield one
        one.end()


def _ids(one: Load) -> list[str]:
    reply = one.sif.query()
    return [trees.refid(student) for student in reply.object] if reply.body else []


def test_callers_take_every_kind_of_step_and_each_is_served(loaded: Load) -> None:
    callers = [loaded.caller(), loaded.caller()]
    done = [caller.step() for _ in range(25) for caller in callers]
    assert {one.name for one in done} == {"create", "read", "page", "update", "delete"}
    assert [one.fault for one in done if one.fault] == []
    assert min(one.milliseconds for one in done) > 0


def test_students_of_a_load_bear_its_mark_and_are_deleted_at_the_end(loaded: Load) -> None:
    callers = [loaded.caller(), loaded.caller()]
    for caller in callers:
        assert caller.step().name == "create"
    assert loaded.mark == "10ADBEEF"
    assert sorted(_ids(loaded)) == [
        "10ADBEEF-0001-4000-8000-000000000001",
        "10ADBEEF-0002-4000-8000-000000000001",
    ]
    loaded._delete()
    assert _ids(loaded) == []
    assert loaded.end() == 0


def test_many_students_are_deleted_with_several_requests(
    loaded: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_TOGETHER", 2)
    caller = loaded.caller()
    for _ in range(5):
        caller._create()
    before = loaded.sif.query().exchange
    loaded._delete()
    assert loaded.sif.query().exchange == before + 3 + 1
    assert _ids(loaded) == []


def test_what_the_target_does_not_delete_is_counted(tmp_path: Path) -> None:
    with serve(DeletesNobody(secret=SECRET)) as handle:
        one = Load(wish(tmp_path, handle.url))
        one.begin()
        caller = one.caller()
        for _ in range(3):
            caller._create()
        assert one.end() == 3
        assert one.sif.environment is None


def test_what_is_kept_is_counted_and_not_deleted(tmp_path: Path) -> None:
    with serve(Receiver(secret=SECRET)) as handle:
        one = Load(msgspec.structs.replace(wish(tmp_path, handle.url), keep=True))
        one.begin()
        one.caller()._create()
        assert one.end() == 1


def test_a_student_whose_create_failed_with_a_500_is_deleted_too(tmp_path: Path) -> None:
    with serve(StoresAndFails(secret=SECRET)) as handle:
        one = Load(wish(tmp_path, handle.url))
        one.begin()
        assert one.caller().step().fault == "answered 500"
        assert len(_ids(one)) == 1
        one._delete()
        assert _ids(one) == []
        assert one.end() == 0


def test_a_step_that_is_refused_is_told_and_not_raised(loaded: Load) -> None:
    caller = loaded.caller()
    caller.step()
    loaded.sif.disconnect()
    told = {caller.step().fault for _ in range(3)}
    assert told == {"answered 401"}


def test_the_rate_is_bounded_whatever_is_wished(tmp_path: Path) -> None:
    made = Load(wish(tmp_path, "http://127.0.0.1:9"))
    assert made.config.route.requests_per_second == load.MOST_PER_SECOND


@pytest.mark.parametrize("address", ["https://127.0.0.1:9/sif", "http://127.0.0.1:8", "http://a:9"])
def test_another_address_is_refused(tmp_path: Path, address: str) -> None:
    made = Load(wish(tmp_path, "http://127.0.0.1:9"))
    made.refuse_other("http://127.0.0.1:9/anything")
    with pytest.raises(SetupFault, match="is another address"):
        made.refuse_other(address)


def test_an_environment_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    with serve(NamesAnotherHost(secret=SECRET)) as handle:
        made = Load(wish(tmp_path, handle.url))
        with pytest.raises(SetupFault, match=r"127\.0\.0\.2:1/requests is another address"):
            made.begin()
        assert made.sif.environment is None


def test_credentials_that_are_refused_are_a_fault_of_the_set_up(tmp_path: Path) -> None:
    with serve(Receiver(secret="another-secret")) as handle:
        made = Load(wish(tmp_path, handle.url))
        with pytest.raises(SetupFault, match="answered 401, which is no environment"):
            made.begin()


def test_load_is_for_receivers(tmp_path: Path) -> None:
    with pytest.raises(SetupFault, match="this target is a provider"):
        Load(wish(tmp_path, "http://127.0.0.1:9", role="provider"))


def test_without_locust_the_line_that_installs_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = wish(tmp_path, "http://127.0.0.1:9").target
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    result = CliRunner().invoke(cli_load.load, ["--target", told])
    assert INSTALL in str(result.exception)


def test_the_bounds_of_the_command_are_those_of_the_load() -> None:
    bounds = (cli_load._MOST_USERS, cli_load._MOST_PER_SECOND, cli_load._MOST_SECONDS)
    assert bounds == (load.MOST_USERS, load.MOST_PER_SECOND, load.MOST_SECONDS)
