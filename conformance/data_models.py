"""The data models that a run can read and send, and what a student is called in each.

Unity 4 and xPress share a namespace, so the target file may have to say which of them is meant.
Source: the published schemas of NA 3.3, Unity 4.3 and AU 3.4.8.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from conformance import trees
from conformance.trees import NA4

USUAL = "xpress-4.3"


@dataclass(frozen=True, slots=True)
class DataModel:
    """One model: its id, the namespace of its objects, the object that is a student.

    Paths of a student: `given` and `family` name, `mail` an address, `birth` the day of birth.
    """

    id: str
    namespace: str
    student: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    mail: tuple[str, ...]
    birth: tuple[str, ...]

    @property
    def students(self) -> str:
        """The collection of students."""
        return f"{self.student}s"


_FAMILY = NA4.removesuffix("na/4.x")
_X = (
    ("name", "givenName"),
    ("name", "familyName"),
    ("email", "emailAddress"),
    ("demographics", "birthDate"),
)
_UNITY = (
    ("Name", "FirstName"),
    ("Name", "LastName"),
    ("EmailList", "Email"),
    ("Demographics", "BirthDate"),
)
_AU = (
    ("PersonInfo", "Name", "GivenName"),
    ("PersonInfo", "Name", "FamilyName"),
    ("PersonInfo", "EmailList", "Email"),
    ("PersonInfo", "Demographics", "BirthDate"),
)
MODELS = {
    model.id: model
    for model in (
        DataModel(USUAL, NA4, "xStudent", *_X),
        DataModel("unity-4.3", NA4, "StudentPersonal", *_UNITY),
        DataModel("na-3.3", f"{_FAMILY}na/3.3", "xStudent", *_X),
        DataModel("au-3.4", f"{_FAMILY}au/3.4", "StudentPersonal", *_AU),
    )
}
STUDENTS = tuple(sorted({model.student for model in MODELS.values()}))


def of_student(student: etree._Element) -> DataModel:
    """The model that a student is written in, xPress if it is none that is known."""
    name, uri = trees.local(student), trees.namespace(student)
    fitting = (one for one in MODELS.values() if (one.student, one.namespace) == (name, uri))
    return next(fitting, MODELS[USUAL])


def of_namespace(uri: str) -> DataModel | None:
    """The model of a namespace, xPress for that of Unity; None for one that is not known."""
    return next((model for model in MODELS.values() if model.namespace == uri), None)
