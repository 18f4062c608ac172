"""The data models that a run can read and send, and what a student is called in each.

Unity 4 and xPress share a namespace, so the target file may have to say which of them is meant.
Source: the published schemas of NA 3.3, Unity 4.3 and AU 3.4.8.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance.trees import NA4

USUAL = "xpress-4.3"


@dataclass(frozen=True, slots=True)
class DataModel:
    """One model: its id, the namespace of its objects, the object that is a student."""

    id: str
    namespace: str
    student: str

    @property
    def students(self) -> str:
        """The collection of students."""
        return f"{self.student}s"


_FAMILY = NA4.removesuffix("na/4.x")
MODELS = {
    model.id: model
    for model in (
        DataModel(USUAL, NA4, "xStudent"),
        DataModel("unity-4.3", NA4, "StudentPersonal"),
        DataModel("na-3.3", f"{_FAMILY}na/3.3", "xStudent"),
        DataModel("au-3.4", f"{_FAMILY}au/3.4", "StudentPersonal"),
    )
}


def of_namespace(uri: str) -> DataModel | None:
    """The model of a namespace, xPress for that of Unity; None for one that is not known."""
    return next((model for model in MODELS.values() if model.namespace == uri), None)
