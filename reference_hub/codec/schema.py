"""Which schema judges an object, and its verdict.

lxml decides (microseconds); the explainer is asked only after a refusal. Without a registered
schema for a namespace the kit's own schema of it judges the objects it has, and everything else is
only known to be well-formed; the verdict says which. Before all schemas stands one rule: an object
has a namespace, and those of the SIF data models are not taken from one that somebody invented.

SetupError
└── AmbiguousModel       several registered schemas serve the namespace and nothing chooses
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from lxml.etree import _Element

from fixtures import standards
from reference_hub.codec.explain import UNKNOWN, Explainer
from reference_hub.codec.lines import line_of
from reference_hub.codec.verdict import Judged as Judged
from reference_hub.codec.verdict import Problem as Problem
from reference_hub.codec.xml import local_name, namespace_of
from reference_hub.codec.xsd import Compiled, compile_lax, compile_schema
from reference_hub.model.served import object_of
from reference_hub.problems import SetupError
from reference_hub.schemas import LAX, STRICT, Registered, read
from reference_hub.settings import Settings

WELL_FORMED = "well-formedness only"
NAMESPACES = "the rule for namespaces"
DATA_MODELS = ("http://www.sifassociation.org/datamodel/", "http://www.sifinfo.org/")


class AmbiguousModel(SetupError):
    """Names the candidates and the ways to choose."""


class Model:
    """One compiled schema with its explainer; `by` is its name in verdicts."""

    def __init__(self, by: str, entry: Path, *, derive: bool = False, own: bool = False) -> None:
        """`derive`: make it lax. `own`: the kit's, silent about what it does not declare."""
        self.by = by
        self.own = own
        self.compiled: Compiled = compile_lax(entry) if derive else compile_schema(entry)
        self._explainer = Explainer(entry, self.compiled.names, lax=derive)
        self._lock = Lock()

    def declares(self, element: _Element) -> bool:
        """Whether the element is a global one of the schema."""
        return str(element.tag) in self.compiled.objects

    def judge(self, element: _Element) -> Judged:
        """The verdict; an element that is not declared is refused."""
        if not self.declares(element):
            return self._undeclared(element)
        # The error log belongs to the schema, so another thread must not judge in between.
        with self._lock:
            if self.compiled.schema.validate(element):
                return Judged(self.by)
            errors: Any = self.compiled.schema.error_log
            log = list(errors)
        return Judged(self.by, self._explainer.explain(element, log))

    def _undeclared(self, element: _Element) -> Judged:
        name = local_name(element)
        known = name in self.compiled.names or _is_object(name)
        found = f"it has no {name}" if known else f"found {UNKNOWN}"
        reason = f"an object of {self.by}; {found}"
        path = f"/{name}" if known else "/*"
        return Judged(self.by, (Problem(line_of(element), path, reason),))


class Judge:
    """Judges single objects by the schema of their namespace; safe to share between threads."""

    def __init__(self, registered: Sequence[Registered] = ()) -> None:
        """Compile all registered schemas; SetupError names one that does not compile."""
        self._registered = tuple(registered)
        self._models = {entry: Model(str(entry), Path(entry.path)) for entry in registered}
        self._lists = {
            name: member
            for model in self._models.values()
            for name, member in model.compiled.lists.items()
        }
        self._derived: dict[Registered, Model | None] = {}
        self._picked: dict[tuple[str, str, bool], Model] = {}
        self._lock = Lock()

    def judge(self, element: _Element, *, model: str = "", partial: bool = False) -> Judged:
        """Judge one object, or one empty collection.

        `model` chooses where several serve the namespace; `partial` asks for the lax form.
        Raises AmbiguousModel when nothing chooses.
        """
        if misplaced := self._misplaced(element):
            return Judged(NAMESPACES, (misplaced,))
        judge = self.choose(namespace_of(element), model=model, partial=partial)
        if judge is None or (judge.own and not judge.declares(element)):
            return Judged(WELL_FORMED)
        return judge.judge(element)

    def declares(self, element: _Element, *, model: str = "") -> bool:
        """Whether the schema that would judge the element has a global element of its name."""
        judge = self.choose(namespace_of(element), model=model, partial=False)
        return judge is not None and judge.declares(element)

    def names(self) -> frozenset[str]:
        """Local names of what the registered schemas declare: objects and their collections."""
        declared = (name for model in self._models.values() for name in model.compiled.objects)
        return frozenset(name.rpartition("}")[2] for name in declared)

    def lists(self) -> Mapping[str, str]:
        """Collections that the registered schemas declare, with the name of their objects."""
        return self._lists

    def refuse_ambiguity(self, models: Iterable[str]) -> None:
        """Raise AmbiguousModel when one of the zones' models leaves a namespace undecided."""
        for namespace in {entry.namespace for entry in self._registered}:
            for model in models:
                self.choose(namespace, model=model, partial=False)
                self.choose(namespace, model=model, partial=True)

    def models(self) -> tuple[str, ...]:
        """The model ids that can be asked for."""
        return tuple(dict.fromkeys((*(one.model for one in self._registered), *standards.MODELS)))

    def choose(self, namespace: str, *, model: str, partial: bool) -> Model | None:
        """The schema for a namespace; None: well-formedness only. Raises AmbiguousModel."""
        asked = (namespace, model, partial)
        if asked in self._picked:
            return self._picked[asked]
        with self._lock:
            found = self._pick(namespace, model, partial)
            # Anybody can invent namespaces, so those without a schema are not remembered.
            if found is not None:
                self._picked[asked] = found
        return found

    def _misplaced(self, element: _Element) -> Problem | None:
        name, namespace = local_name(element), namespace_of(element)
        if namespace and (not _is_object(name) or self._serves(namespace)):
            return None
        expected = (
            "an object in the namespace of its data model, which begins with "
            f"{DATA_MODELS[0]}; found {'an unknown namespace' if namespace else 'no namespace'}"
        )
        path = f"/{name}" if _is_object(name) else "/*"
        return Problem(line_of(element), path, expected)

    def _serves(self, namespace: str) -> bool:
        registered = any(entry.namespace == namespace for entry in self._registered)
        return registered or namespace.startswith(DATA_MODELS)

    def _pick(self, namespace: str, model: str, partial: bool) -> Model | None:
        serving = [entry for entry in self._registered if entry.namespace == namespace]
        kit = _kit(namespace)
        if kit and (model == kit.model or not serving):
            by = f"kit schema {kit.model}"
            return _kit_model(kit, f"{by} (lax)" if partial else by, lax=partial)
        if not serving:
            return None
        # A model of another namespace chooses nothing in this one.
        serving = [entry for entry in serving if entry.model == model] or serving
        mode = LAX if partial else STRICT
        wanted = [entry for entry in serving if entry.mode == mode] or serving
        if len(wanted) > 1:
            raise AmbiguousModel(_ambiguous(namespace, wanted))
        if partial and wanted[0].mode == STRICT:
            return self._lax(wanted[0], f"{wanted[0].model} (lax, derived)")
        return self._models[wanted[0]]

    def _lax(self, entry: Registered, by: str) -> Model | None:
        if entry not in self._derived:
            self._derived[entry] = _derived(entry, by)
        return self._derived[entry]


@cache
def _kit_model(kit: Registered, by: str, *, lax: bool) -> Model | None:
    """A schema of the kit, which is compiled once in a process; None as `_derived`."""
    return _derived(kit, by) if lax else Model(by, Path(kit.path), own=True)


def _derived(entry: Registered, by: str) -> Model | None:
    try:
        return Model(by, Path(entry.path), derive=True, own=entry.model in standards.MODELS)
    except SetupError:
        # Optional elements can make a content model ambiguous; then nothing lax can judge.
        return None


def open_judge(settings: Settings, extra: Sequence[Registered] = ()) -> Judge:
    """The judge of the registry; `extra` stands in front of what is registered for a namespace.

    Raises SetupError when a schema is missing or does not compile.
    """
    # A schema named in the call is meant for the call; a registered one would make it ambiguous.
    served = {entry.namespace for entry in extra}
    registered = read(Path(settings.schemas.registry))
    return Judge([*extra, *(entry for entry in registered if entry.namespace not in served)])


def _is_object(name: str) -> bool:
    return object_of(f"{name}s") is not None


def _kit(namespace: str) -> Registered | None:
    """The kit's own schema of a namespace."""
    for model in standards.MODELS.values():
        if model.namespace == namespace:
            return Registered(model.id, namespace, STRICT, str(standards.schema_path(model.id)))
    return None


def _ambiguous(namespace: str, candidates: Sequence[Registered]) -> str:
    names = ", ".join(entry.model for entry in candidates)
    return (
        f"Several registered schemas serve {namespace}: {names}; choose one with --model, or for "
        "the zone with its setting model."
    )
