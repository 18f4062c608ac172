"""How checks arrange students and look afterwards whether something was kept.

A step that only prepares a check and goes wrong raises NotVerified: what the target did wrong there
is judged by the check of that step, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

from conformance import data_models, expect, trees, versions
from conformance.data_models import STUDENTS, USUAL
from conformance.notations import XML
from conformance.problems import Finding, NotApplicable, NotVerified
from conformance.readback import ReadBack, introduce
from conformance.reply import Reply
from conformance.sif import SifClient

_DEFAULT: Any = {None: trees.NA4}
MUST = {"mustUseAdvisory": "true"}


def created(sif: SifClient, student: etree._Element, **options: Any) -> str:
    """Create one student and give the id it has at the target, which `student` takes on."""
    reply = prepared(sif.create(student, **options))
    refid = id_of(reply, student)
    if trees.folded(refid) != trees.folded(trees.refid(student)) and offered(sif, "query"):
        _expect_known(sif, refid, reply)
    student.set(trees.key_of(student), refid)
    introduce(sif.people, student)
    return refid


def _expect_known(sif: SifClient, refid: str, reply: Reply) -> None:
    """An id that the target assigned must lead to the student, or nothing can be built on it."""
    if stored(sif, refid) is None:
        raise NotVerified(
            f"the preparation failed: {reply.request} answered an id under which no student is"
            f" found (exchange {reply.exchange})"
        )


def all_created(sif: SifClient, students: Iterable[etree._Element]) -> list[str]:
    """Create students one by one and give their ids in the same order."""
    return [created(sif, student) for student in students]


def prepared(reply: Reply) -> Reply:
    """The answer to a preparing step, which has to be 2xx."""
    if not reply.ok:
        raise NotVerified(
            f"the preparation failed: {reply.request} answered {reply.status}"
            f" (exchange {reply.exchange})"
        )
    return reply


def control_holds(reply: Reply, claim: str) -> None:
    """The proper request beside a wrong one was served; else the refusal proves nothing."""
    if not reply.ok:
        raise NotVerified(
            f"the positive control failed, so nothing is proven: {claim}, but {reply.request}"
            f" answered {reply.status} (exchange {reply.exchange})"
        )


def accepted(reply: Reply, claim: str) -> Reply:
    """A Finding unless the answer is 2xx; which 2xx is due is judged where that is the point."""
    expect.true(reply.ok, claim, reply, str(reply.status))
    return reply


def id_of(reply: Reply, student: etree._Element) -> str:
    """The id that a create was answered with, else the one that was suggested."""
    found = objects_in(reply, trees.local(student))
    return (trees.refid(found[0]) if found else "") or trees.refid(student)


def objects_in(reply: Reply, name: str = "") -> list[etree._Element]:
    """Every object of this name, without one every student, in the body, however wrapped."""
    try:
        root = trees.parse(reply.body) if reply.body else None
    except trees.Unreadable:
        return []
    if root is None:
        return []
    return [one for kind in ((name,) if name else STUDENTS) for one in trees.every(root, kind)]


def came_with(sif: SifClient, least: str, what: str) -> None:
    """Not applicable for a target of an infrastructure before this one, which has no `what`."""
    own = sif.config.endpoint.infrastructure
    if not versions.reaches(own, least):
        raise NotApplicable(f"{what} came with infrastructure {least}, the target declares {own}")


def offered(sif: SifClient, *capabilities: str) -> bool:
    """Whether the target declares all of these."""
    return set(capabilities) <= sif.config.capabilities


def one_page(sif: SifClient, below: str = "", **options: Any) -> Reply:
    """A harmless query: one page of one student, or the list where there are no pages.

    `below` is another address than that of the requests connector, with a slash at its end.
    """
    paging = {"navigationPage": "1", "navigationPageSize": "1"}
    headers = (paging if offered(sif, "paging") else {}) | dict(options.pop("headers", {}))
    return sif.request("GET", f"{below}{sif.collection}", headers=headers, **options)


def holds(reply: Reply, refid: str, name: str = "") -> bool:
    """Whether the answer holds the object of this id, however it is wrapped."""
    if reply.ok and reply.body and not _readable(reply):
        raise NotVerified(
            f"{reply.request} answered with a body that is not readable XML"
            f" (exchange {reply.exchange})"
        )
    wanted = trees.folded(refid)
    found = objects_in(reply, name)
    return any(trees.folded(trees.refid(one).strip()) == wanted for one in found)


def renew(sif: SifClient, **terms: Any) -> None:
    """Put another POD in force as a preparation; how it is acknowledged is judged elsewhere."""
    pod = sif.new_pod(**terms)
    prepared(sif.push_pod(pod))
    sif.use(pod)


def stored(sif: SifClient, refid: str, name: str = "") -> etree._Element | None:
    """The object as the target has it now, None if it has none of this id."""
    if not offered(sif, "query"):
        raise NotVerified("what the target stored cannot be seen: it does not declare query")
    name = name or sif.model.student
    reply = sif.get(refid, f"{name}s")
    wanted = trees.folded(refid)
    found = [
        one for one in objects_in(reply, name) if trees.folded(trees.refid(one).strip()) == wanted
    ]
    if found:
        return found[0]
    if reply.status in (204, 404, 410) or (reply.ok and _readable(reply)):
        return None
    raise NotVerified(
        f"what the target stored cannot be seen: {reply.request} answered {reply.status}"
        f" (exchange {reply.exchange})"
    )


def _readable(reply: Reply) -> bool:
    try:
        trees.parse(reply.body)
    except trees.Unreadable:
        return False
    return True


def must_be_stored(
    sif: SifClient, refid: str, reply: Reply | None = None, name: str = ""
) -> etree._Element:
    """The object as the target has it now; a Finding if it has none."""
    name = name or sif.model.student
    found = stored(sif, refid, name)
    if found is None:
        raise Finding(
            f"an {name} that was accepted cannot be read afterwards",
            f"the stored {name}",
            f"no {name} of this id",
            reply.exchange if reply else None,
        )
    return found


def must_not_be_stored(sif: SifClient, refid: str, reply: Reply, name: str = "") -> None:
    """A Finding if the target has an object of this id; without query its export is read."""
    name = name or sif.model.student
    if offered(sif, "query") or name != sif.model.student or not offered(sif, "readback"):
        found = stored(sif, refid, name) is not None
    else:
        found = trees.folded(refid) in ReadBack(sif.wire, sif.config).users()
    if found:
        raise Finding(
            f"{reply.request} answered {reply.status} and the {name} was stored all the same",
            "nothing stored",
            f"an {name} of this id",
            reply.exchange,
        )


def must_be_unchanged(
    sif: SifClient, refid: str, before: etree._Element | None, reply: Reply
) -> None:
    """A Finding if the student is not what it was."""
    after = stored(sif, refid)
    was = dict(trees.leaves(before)) if before is not None else {}
    now = dict(trees.leaves(after)) if after is not None else {}
    if was != now:
        path = sorted(was.items() ^ now.items())[0][0]
        raise Finding(
            f"{reply.request} changed a student it must not change",
            "no change",
            f"another value at {path}",
            reply.exchange,
            path,
        )


def partial(student: etree._Element, *children: etree._Element) -> etree._Element:
    """An update of this student that holds its id and the given children only."""
    nsmap: Any = {None: trees.namespace(student)}
    update = etree.Element(student.tag, nsmap=nsmap)
    update.set(trees.key_of(student), trees.refid(student))
    update.extend(children)
    return update


def renamed(student: etree._Element, refid: str, name: str) -> etree._Element:
    """The whole student under this id, with another given name."""
    update = deepcopy(student)
    update.set(trees.key_of(student), refid)
    given = trees.child(update, *data_models.of_student(student).given)
    assert given is not None
    given.text = name
    return update


def only(student: etree._Element, path: Sequence[str], text: str) -> etree._Element:
    """A text at a path of this student, in elements with the attributes that stand there."""
    outer: etree._Element | None = None
    nsmap: Any = {None: trees.namespace(student)}
    for depth in range(len(path), 0, -1):
        there = trees.child(student, *path[:depth])
        kept = {} if there is None else {str(key): str(value) for key, value in there.items()}
        made = etree.Element(f"{{{trees.namespace(student)}}}{path[depth - 1]}", kept, nsmap=nsmap)
        if outer is None:
            made.text = text
        else:
            made.append(outer)
        outer = made
    assert outer is not None
    return outer


def xml_only(sif: SifClient) -> None:
    """Leave what is said of namespaces to runs in XML: JSON loses them."""
    own = sif.config.endpoint.notation
    if own != XML:
        raise NotApplicable(f"JSON has no namespaces, and the run is of {own}")


def xpress_only(sif: SifClient) -> None:
    """Leave what is written for xStudent of Unity 4 to targets that take that."""
    if sif.model.id != USUAL:
        raise NotApplicable(f"it is asked with xStudent of Unity 4, the run is of {sif.model.id}")


def element(name: str, *content: etree._Element | str, nil: bool = False) -> etree._Element:
    """An element of the data model with text or children; `nil` says that it has no value."""
    made = etree.Element(f"{{{trees.NA4}}}{name}", nsmap=_DEFAULT)
    if nil:
        made.set(f"{{{trees.XSI}}}nil", "true")
    for part in content:
        if isinstance(part, str):
            made.text = part
        else:
            made.append(part)
    return made
