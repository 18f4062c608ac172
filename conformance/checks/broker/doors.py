"""The ways to read students at a hub, one function each, and what a door must not let through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from conformance import trees
from conformance.checks.preparation import objects_in
from conformance.hub_client import HubClient
from conformance.hub_stage import HubStage, control
from conformance.problems import Finding, NotVerified
from conformance.reply import Reply

# What the doors need to show a student: ids, a name to look for, the school to come from.
SHOWN = (
    "xStudent/@refId",
    "xStudent/name",
    "xStudent/localId",
    "xStudent/enrollment",
    "xSchool/@refId",
    "xSchool/leaRefId",
    "xSchool/schoolName",
)
PAGE = 3


@dataclass(frozen=True, slots=True)
class Door:
    """A way to read students. `prepare` reads what it needs first, with a token that opens."""

    needs: str
    prepare: Callable[[HubStage, HubClient, str], str]
    read: Callable[[HubStage, HubClient, str, str | None], Reply]


def _nothing(_stage: HubStage, _who: HubClient, _token: str) -> str:
    return ""


def _change(_: HubStage, who: HubClient, token: str) -> str:
    reply = control(who.students(token), "the list is shown to its party")
    told = reply.headers.get("changesSinceMarker")
    return told or who.head(token).headers.get("changesSinceMarker")


def _first_page(_: HubStage, who: HubClient, token: str) -> str:
    reply = control(who.page(1, PAGE, token), "the first page is shown to its party")
    return reply.headers.get("navigationId")


def _page(_: HubStage, who: HubClient, kept: str, marker: str | None) -> Reply:
    return who.page(2, PAGE, marker, **({"navigationId": kept} if kept else {}))


def _since(stage: HubStage, who: HubClient, kept: str, marker: str | None) -> Reply:
    stage.changed(0, "name", "middleName", text="Qvexlater")
    reply = who.since(kept, marker)
    stage.restore(0)
    return reply


def _one(stage: HubStage, who: HubClient, _: str, marker: str | None) -> Reply:
    return who.one(trees.refid(stage.district.student(0)), marker)


def _where(stage: HubStage, who: HubClient, _: str, marker: str | None) -> Reply:
    return who.where("localId", trees.text(stage.district.student(0), "localId"), marker)


def _example(stage: HubStage, who: HubClient, _: str, marker: str | None) -> Reply:
    return who.example(example_of(stage.district.student(0), "localId"), marker)


def _path(stage: HubStage, who: HubClient, _: str, marker: str | None) -> Reply:
    school = trees.text(stage.district.student(0), "enrollment", "schoolRefId")
    return who.path(school, marker)


DOORS = {
    "list": Door("", _nothing, lambda _s, who, _k, marker: who.students(marker)),
    "one": Door("", _nothing, _one),
    "where": Door("where", _nothing, _where),
    "example": Door("example", _nothing, _example),
    "path": Door("servicepath", _nothing, _path),
    "page": Door("paging", _first_page, _page),
    "since": Door("changes", _change, _since),
}


def example_of(student: etree._Element, *names: str) -> etree._Element:
    """An example with nothing but these children of a student."""
    example = deepcopy(student)
    for child in list(example):
        if trees.local(child) not in names:
            example.remove(child)
    example.attrib.clear()
    return example


def ids(reply: Reply, name: str = "xStudent") -> set[str]:
    """The folded ids of the objects in an answer."""
    return {trees.folded(trees.refid(one)) for one in objects_in(reply, name)}


def no_data(stage: HubStage, reply: Reply, what: str) -> None:
    """A Finding if the answer holds an object or a canary of the district."""
    # What a refusal repeats is judged by itself, once.
    told = stage.district.canaries(reply.body) if reply.ok else set()
    if objects_in(reply) or told:
        raise Finding(
            f"{what}: {reply.request} answered {reply.status} with data",
            "no data",
            f"{len(objects_in(reply))} objects, {len(told)} values that name a person",
            reply.exchange,
        )


def shut(stage: HubStage, reply: Reply, what: str) -> None:
    """A Finding unless the answer is a 4xx without data."""
    no_data(stage, reply, what)
    if not 400 <= reply.status < 500:
        raise Finding(
            f"{what}: {reply.request} was not refused", "a 4xx status", str(reply.status),
            reply.exchange,
        )  # fmt: skip


def opened(reply: Reply, what: str) -> Reply:
    """The positive control: the answer is 2xx and holds students."""
    control(reply, what)
    if not objects_in(reply):
        raise NotVerified(
            f"the positive control failed, so nothing is proven: {what}, but {reply.request}"
            f" holds no student (exchange {reply.exchange})"
        )
    return reply


def shown(stage: HubStage, replies: Iterable[Reply]) -> set[str]:
    """The folded ids of students of the district in these answers."""
    own = {trees.folded(trees.refid(one)) for one in stage.district.students}
    return {one for reply in replies for one in ids(reply)} & own
