"""The `job` and `state` elements of functional services, written in schema order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml.etree import _Element

from reference_hub.clock import iso
from reference_hub.codec import tree
from reference_hub.codec.xml import children, local_name
from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.model.job import PHASE_STATES, Job, Phase, PhaseState, rights_table
from reference_hub.problems import Refusal

_DURATION = re.compile(
    r"P(?:(?P<days>\d{1,5})D)?(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?"
    r"(?:(?P<seconds>\d{1,10})(?:\.\d+)?S)?)?",
    re.ASCII,
)
_SECONDS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}


@dataclass(frozen=True, slots=True)
class WantedJob:
    """What a create asks for. `timeout` in seconds, 0 where it names none; `payload` for `phase`,
    '' where the service shall choose."""

    advisory: str
    name: str
    description: str
    timeout: int
    phase: str
    payload: _Element | None


@dataclass(frozen=True, slots=True)
class WantedState:
    """The state that a phase shall be in."""

    type: str
    description: str


def write(job: Job, phases: Iterable[Phase], namespace: str = INFRASTRUCTURE) -> _Element:
    """The whole job with every phase, its states and its rights."""
    root = tree.root("job", namespace, id=job.id)
    tree.leaves(root, (("name", job.service), ("description", job.description)))
    tree.leaves(root, (("state", job.state), ("stateDescription", job.state_description)))
    tree.leaf(root, "created", iso(job.created))
    tree.leaf(root, "lastModified", iso(job.last_modified))
    tree.leaf(root, "timeout", f"PT{job.timeout}S")
    listed = tree.branch(root, "phases")
    for phase in phases:
        _write_phase(listed, job, phase)
    return root


def write_reference(job: Job) -> _Element:
    """The job's id and name, all that is left of one that was deleted."""
    root = tree.root("job", id=job.id)
    tree.leaf(root, "name", job.service)
    return root


def write_states(states: Sequence[PhaseState], namespace: str) -> _Element:
    """The `states` of a phase, the current one last."""
    root = tree.root("states", namespace)
    for state in states:
        _fill_state(tree.branch(root, "state", id=state.id), state)
    return root


def write_state(state: PhaseState, namespace: str) -> _Element:
    """One state by itself."""
    root = tree.root("state", namespace, id=state.id)
    _fill_state(root, state)
    return root


def read_job(root: _Element, name: str) -> WantedJob:
    """What a create asks for. Raises Refusal 400 where it is no job of this name."""
    scope = f"Create {name}"
    parts = {local_name(child): child for child in reversed(children(root))}
    if local_name(root) != "job" or _word(parts.get("name")) != name:
        raise Refusal(400, scope, f"The body must be a job with the name {name}.", "400-01")
    described = tree.text_of(parts["description"]) if "description" in parts else ""
    phase, payload = "", None
    if "initialization" in parts:
        inner = {local_name(child): child for child in children(parts["initialization"])}
        phase = _word(inner.get("phaseName"))
        found = children(inner["payload"]) if "payload" in inner else []
        if len(found) != 1:
            text = "The payload of the initialization must hold one element."
            raise Refusal(400, scope, text, "400-01")
        payload = found[0]
    timeout = _seconds(_word(parts.get("timeout")), scope)
    return WantedJob(root.get("id", "").strip(), name, described, timeout, phase, payload)


def read_state(root: _Element) -> WantedState:
    """The state that is wanted. Raises Refusal 400 where it is none of the standard's."""
    found = {local_name(child): child for child in reversed(children(root))}
    type_ = _word(found.get("type"))
    if local_name(root) != "state" or type_ not in PHASE_STATES:
        text = f"The body must be a state of one of the types {', '.join(PHASE_STATES)}."
        raise Refusal(400, "Create state", text, "400-01")
    described = tree.text_of(found["description"]) if "description" in found else ""
    return WantedState(type_, described)


def _write_phase(listed: _Element, job: Job, phase: Phase) -> None:
    element = tree.branch(listed, "phase")
    tree.leaf(element, "name", phase.name)
    states = tree.branch(element, "states")
    for state in job.states:
        if state.phase == phase.name:
            _fill_state(tree.branch(states, "state", id=state.id), state)
    tree.leaf(element, "required", "true" if phase.required else "false")
    for name, approved in (("rights", phase.rights), ("statesRights", phase.states_rights)):
        rights = tree.branch(element, name)
        for right, value in rights_table(approved).items():
            tree.leaf(rights, "right", value, type=right)


def _fill_state(element: _Element, state: PhaseState) -> None:
    tree.leaf(element, "type", state.type)
    tree.leaf(element, "created", iso(state.created))
    tree.leaf(element, "lastModified", iso(state.created))
    tree.leaves(element, (("description", state.description),))


def _seconds(duration: str, scope: str) -> int:
    if not duration:
        return 0
    found = _DURATION.fullmatch(duration)
    parts = {name: int(text) for name, text in (found.groupdict() if found else {}).items() if text}
    if not parts:
        text = "The timeout must be a duration of days, hours, minutes and seconds, as in P1DT2H."
        raise Refusal(400, scope, text, "400-01")
    return sum(_SECONDS[name] * number for name, number in parts.items())


def _word(element: _Element | None) -> str:
    return " ".join(tree.text_of(element).split()) if element is not None else ""
