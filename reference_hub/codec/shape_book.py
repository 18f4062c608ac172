"""Which shapes hold in a namespace: the table for infrastructure, else a registered schema's, else
those of the kit's own schema."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from fixtures import standards
from reference_hub.codec.pesc_shape import NOTHING, Shapes
from reference_hub.codec.pesc_shape_infrastructure import infrastructure_shapes
from reference_hub.codec.pesc_shape_xsd import shapes_of
from reference_hub.model.infrastructure import version_of
from reference_hub.schemas import STRICT, Registered


class ShapeBook:
    """Reads a schema when its namespace is first asked for; safe to share between threads."""

    def __init__(self, registered: Sequence[Registered] = ()) -> None:
        # Whole schemas first: their order and counts are those of the published model.
        self._registered = sorted(registered, key=lambda entry: entry.mode != STRICT)
        self._read: dict[Path, Shapes] = {}
        self._lock = Lock()

    @property
    def kit(self) -> str:
        """The namespace of the kit's own data model."""
        return next(model.namespace for model in standards.MODELS.values())

    def of(self, namespace: str, model: str = "") -> Shapes:
        """The shapes of the namespace; `model` chooses where several schemas serve it."""
        if version_of(namespace):
            return infrastructure_shapes()
        entry = self._entry(namespace, model)
        if entry is None:
            return NOTHING
        with self._lock:
            if entry not in self._read:
                self._read[entry] = shapes_of(entry)
            return self._read[entry]

    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of the data models that are known."""
        kit = (model.namespace for model in standards.MODELS.values())
        return tuple(dict.fromkeys((*(each.namespace for each in self._registered), *kit)))

    def namespace_of(self, model: str) -> str:
        """The namespace of a data model; '' when it is not known."""
        if model in standards.MODELS:
            return standards.MODELS[model].namespace
        found = (each.namespace for each in self._registered if each.model == model)
        return next(found, "")

    def _entry(self, namespace: str, model: str) -> Path | None:
        serving = [each for each in self._registered if each.namespace == namespace]
        serving = [each for each in serving if each.model == model] or serving
        if serving:
            return Path(serving[0].path)
        own = (each.id for each in standards.MODELS.values() if each.namespace == namespace)
        return next((Path(str(standards.schema_path(each))) for each in own), None)
