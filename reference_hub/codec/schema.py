"""Which schema judges an object, and its verdict.

lxml decides (microseconds); the explainer is asked only after a refusal. Without a registered
schema for a namespace the kit's own schema judges the objects it has, and everything else is only
known to be well-formed; the verdict says which.

SetupError
└── AmbiguousModel       several registered schemas serve the namespace and nothing chooses
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from lxml.etree import _Element

from fixtures import standards
from reference_hub.codec.explain import Explainer
from reference_hub.codec.lines import line_of
from reference_hub.codec.verdict import Judged as Judged
from reference_hub.codec.verdict import Problem as Problem
from reference_hub.codec.xml import local_name, namespace_of
from reference_hub.codec.xsd import Compiled, compile_lax, compile_schema
from reference_hub.problems import SetupError
from reference_hub.schemas import LAX, STRICT, Registered, read
from reference_hub.settings import Settings

KIT = "unity-4.3-kit"
WELL_FORMED = "well-formedness only"


class AmbiguousModel(SetupError):
    """Names the candidates and the ways to choose."""


class _Model:
    """One compiled schema with its explainer."""

    def __init__(self, by: str, entry: Path, *, derive: bool = False) -> None:
        self.by = by
        self.compiled: Compiled = compile_lax(entry) if derive else compile_schema(entry)
        self._explainer = Explainer(entry, lax=derive)
        self._lock = Lock()

    def declares(self, element: _Element) -> bool:
        return str(element.tag) in self.compiled.objects

    def judge(self, element: _Element) -> Judged:
        if not self.declares(element):
            name = local_name(element)
            reason = f"an object of {self.by}; it has no {name}"
            return Judged(self.by, (Problem(line_of(element), f"/{name}", reason),))
        # The error log belongs to the schema, so another thread must not judge in between.
        with self._lock:
            if self.compiled.schema.validate(element):
                return Judged(self.by)
            errors: Any = self.compiled.schema.error_log
            log = list(errors)
        return Judged(self.by, self._explainer.explain(element, log))


class Judge:
    """Judges single objects by the schema of their namespace; safe to share between threads."""

    def __init__(self, registered: Sequence[Registered] = ()) -> None:
        """Compile all registered schemas; SetupError names one that does not compile."""
        self._registered = tuple(registered)
        self._models = {entry: _Model(str(entry), Path(entry.path)) for entry in registered}
        self._derived: dict[Registered, _Model | None] = {}
        self._kit: tuple[_Model, Registered] | None = None
        self._picked: dict[tuple[str, str, bool], _Model | None] = {}
        self._lock = Lock()

    def judge(self, element: _Element, *, model: str = "", partial: bool = False) -> Judged:
        """Judge one object, or one empty collection.

        `model` chooses where several serve the namespace; `partial` asks for the lax form.
        Raises AmbiguousModel when nothing chooses.
        """
        judge = self.choose(namespace_of(element), model=model, partial=partial)
        if judge is None or (self._is_kit(judge) and not judge.declares(element)):
            return Judged(WELL_FORMED)
        return judge.judge(element)

    def declares(self, element: _Element, *, model: str = "") -> bool:
        """Whether the schema that would judge the element has a global element of its name."""
        judge = self.choose(namespace_of(element), model=model, partial=False)
        return judge is not None and judge.declares(element)

    def models(self) -> tuple[str, ...]:
        """The model ids that can be asked for."""
        return (*dict.fromkeys(entry.model for entry in self._registered), KIT)

    def choose(self, namespace: str, *, model: str, partial: bool) -> _Model | None:
        """The schema for a namespace; None: well-formedness only. Raises AmbiguousModel."""
        asked = (namespace, model, partial)
        if asked not in self._picked:
            with self._lock:
                self._picked[asked] = self._pick(namespace, model, partial)
        return self._picked[asked]

    def _pick(self, namespace: str, model: str, partial: bool) -> _Model | None:
        serving = [entry for entry in self._registered if entry.namespace == namespace]
        if model == KIT or not serving:
            return self._pick_kit(namespace, partial)
        serving = [entry for entry in serving if entry.model == model] or serving
        mode = LAX if partial else STRICT
        wanted = [entry for entry in serving if entry.mode == mode] or serving
        if len(wanted) > 1:
            raise AmbiguousModel(_ambiguous(namespace, wanted))
        if partial and wanted[0].mode == STRICT:
            return self._lax(wanted[0], f"{wanted[0].model} (lax, derived)")
        return self._models[wanted[0]]

    def _pick_kit(self, namespace: str, partial: bool) -> _Model | None:
        strict, entry = self._kit = self._kit or _kit()
        if namespace != entry.namespace:
            return None
        return self._lax(entry, f"{strict.by} (lax)") if partial else strict

    def _lax(self, entry: Registered, by: str) -> _Model | None:
        if entry not in self._derived:
            try:
                self._derived[entry] = _Model(by, Path(entry.path), derive=True)
            except SetupError:
                # Optional elements can make a content model ambiguous; then nothing lax can judge.
                self._derived[entry] = None
        return self._derived[entry]

    def _is_kit(self, judge: _Model) -> bool:
        return judge.by.startswith("kit schema")


def open_judge(settings: Settings, extra: Sequence[Registered] = ()) -> Judge:
    """The judge of the registry; `extra` stands in front of what is registered for a namespace.

    Raises SetupError when a schema is missing or does not compile.
    """
    served = {entry.namespace for entry in extra}
    registered = read(Path(settings.schemas.registry))
    return Judge([*extra, *(entry for entry in registered if entry.namespace not in served)])


def _kit() -> tuple[_Model, Registered]:
    path = Path(str(standards.schema_path(KIT)))
    model = _Model(f"kit schema {KIT}", path)
    return model, Registered(KIT, model.compiled.namespace, STRICT, str(path))


def _ambiguous(namespace: str, candidates: Sequence[Registered]) -> str:
    names = ", ".join(entry.model for entry in candidates)
    return (
        f"Several registered schemas serve {namespace}: {names}; choose one with --model, or for "
        "the zone with its setting model."
    )
