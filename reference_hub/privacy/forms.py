"""What a kit model says of each place of an object: mandatory, nillable, which values fit.

Read from the schema files of `fixtures.standards` when a model is first asked for (unity-4.3-kit:
about 20 ms). Objects that the hub serves without a kit schema have no form; of their parts only the
names in BY_NAME are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from lxml import etree
from lxml.etree import _Element

from fixtures import standards
from reference_hub.privacy.texts import Text

_XS = "{http://www.w3.org/2001/XMLSchema}"
_GROUPS = {f"{_XS}group": "element", f"{_XS}attributeGroup": "attribute"}

# Element name -> what the published Unity 4.3 schema demands inside it, for objects that have no
# form: xTransferIep, xIndividualizedEducationPlan, StudentPeriodAttendance.
BY_NAME: Mapping[str, tuple[str, ...]] = {
    "AttendanceCode": ("@AttendanceCodeInfoRefId",),
    "AuditInfo": ("CreationUser", "CreationDateTime"),
    "CreationUser": ("UserId", "@Type"),
    "StudentPeriodAttendance": (
        *("AttendanceCode", "AuditInfo"),
        *("@RefId", "@StudentPersonalRefId", "@SchoolInfoRefId", "@Date", "@SectionInfoRefId"),
    ),
    "counselor": ("refId",),
    "email": ("emailAddress",),
    "enrollment": ("leaRefId", "schoolRefId", "entryDate"),
    "homeRoomTeacher": ("refId",),
    "iep": ("@refId",),
    "lea": ("@refId",),
    "otherId": ("id",),
    "phone": ("number",),
    "phoneNumber": ("number",),
    "race": ("race",),
    "referenceContactPerson": ("@refId", "name"),
    "referenceLea": ("@refId",),
    "referenceStaffPerson": ("@refId",),
    "relationship": ("studentRefId",),
    "student": ("@refId",),
    "xContact": ("@refId", "name"),
    "xIndividualizedEducationPlan": ("@refId",),
    "xTransferIep": ("@refId",),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A child element or an attribute: `type` is the key of its form in the model."""

    type: str
    required: bool
    nillable: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One type: its parts by name, attributes with `@`.

    `required` are the names that must be there; `text` tells which values fit, None where there is
    no text of its own; `open` that anything may stand inside.
    """

    parts: Mapping[str, Part] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    text: Text | None = None
    open: bool = False
    types: Mapping[str, Form] = field(default_factory=dict, repr=False)

    def below(self, name: str) -> Form | None:
        """The form of a part; None for a name that the model does not have here."""
        part = self.parts.get(name)
        return self.types[part.type] if part else None

    def at(self, steps: Sequence[str]) -> Form | None:
        """The form at a path of names; None where it leads nowhere."""
        form: Form | None = self
        for step in steps:
            form = form.below(step) if form else None
        return form


def form_of(namespace: str, object_type: str) -> Form | None:
    """The form of an object in the kit model of its namespace; None where the kit has none.

    Where no kit model has the namespace at all, the first one that knows the object counts.
    """
    models = [one for one in standards.MODELS.values() if one.namespace == namespace]
    for model in models or standards.MODELS.values():
        if object_type in model.objects:
            return forms(model.id)[object_type]
    return None


def known(object_type: str) -> bool:
    """Whether any kit model has the object."""
    return any(object_type in model.objects for model in standards.MODELS.values())


def exists(path: str) -> bool:
    """Whether a path such as `xStudent/name/givenName` exists in any kit model."""
    return any(True for _ in at(path))


def holds_text(path: str) -> bool:
    """Whether a value stands at the path, wherever it exists."""
    return all(form.text is not None for form in at(path))


def at(path: str) -> Iterator[Form]:
    """What stands at a path, in every kit model that has it."""
    object_type, *steps = steps_of(path) or ("",)
    for model in standards.MODELS.values():
        form = forms(model.id)[object_type].at(steps) if object_type in model.objects else None
        if form is not None:
            yield form


def steps_of(path: str) -> tuple[str, ...]:
    """The names of a path, without empty ones."""
    return tuple(filter(None, path.strip().split("/")))


@cache
def forms(model_id: str) -> Mapping[str, Form]:
    """The forms of the objects of a kit model, by object."""
    schema = etree.fromstring(standards.schema_path(model_id).read_bytes())
    roots = {each.get("name", ""): each for each in schema.findall(f"{_XS}element")}
    types = _Types(schema).read()
    return {
        name: _keyed(types[roots[name].get("type", "")], roots[name])
        for name in standards.MODELS[model_id].objects
    }


def _keyed(form: Form, root: _Element) -> Form:
    # A key of an object alone makes the attribute that it names mandatory.
    named = (each.get("xpath", "") for each in root.iter(f"{_XS}field"))
    more = (name for name in named if name.startswith("@") and name not in form.required)
    return Form(form.parts, (*form.required, *more), form.text, form.open, form.types)


class _Types:
    """All types of one schema file, complex and simple, as forms under their names."""

    def __init__(self, schema: _Element) -> None:
        self.found: dict[str, Form] = {}
        self._schema = schema
        self._groups = {
            (str(tag), each.get("name", "")): each
            for tag in _GROUPS
            for each in schema.findall(tag)
        }
        self._simple = {each.get("name", ""): each for each in schema.findall(f"{_XS}simpleType")}

    def read(self) -> Mapping[str, Form]:
        for each in self._schema.findall(f"{_XS}complexType"):
            self.found[each.get("name", "")] = self._complex(each)
        return self.found

    def _complex(self, definition: _Element) -> Form:
        parts = dict(self._parts(definition))
        extended = definition.find(f"{_XS}simpleContent/{_XS}extension")
        mixed = definition.get("mixed") == "true"
        text = Text("string") if mixed else None
        if extended is not None:
            text = self._text(extended.get("base", ""))
        required = tuple(name for name, part in parts.items() if part.required)
        is_open = definition.find(f".//{_XS}any") is not None
        return Form(parts, required, text, is_open, self.found)

    def _parts(self, holder: _Element) -> Iterator[tuple[str, Part]]:
        for each in holder.iter(f"{_XS}element", f"{_XS}attribute", *_GROUPS):
            name = each.get("name", "")
            if each.tag in _GROUPS and each.get("ref"):
                yield from self._parts(self._groups[str(each.tag), each.get("ref", "")])
            elif each.tag == f"{_XS}attribute":
                yield f"@{name}", Part(self._known(each), each.get("use") == "required")
            elif each.tag == f"{_XS}element":
                many, nillable = each.get("maxOccurs", "1") != "1", each.get("nillable") == "true"
                yield name, Part(self._known(each), each.get("minOccurs") != "0", nillable, many)

    def _known(self, declared: _Element) -> str:
        """The key of a declared type; a simple one is read when it is first used."""
        own = declared.find(f"{_XS}simpleType")
        key = declared.get("type", "") if own is None else f"#{len(self.found)}"
        if own is not None:
            self.found[key] = Form(text=self._defined(own))
        elif key not in self.found and (key.startswith("xs:") or key in self._simple):
            self.found[key] = Form(text=self._text(key))
        return key

    def _text(self, key: str) -> Text:
        if key.startswith("xs:"):
            return Text(key.removeprefix("xs:"))
        return self._defined(self._simple[key])

    def _defined(self, definition: _Element) -> Text:
        union = definition.find(f"{_XS}union")
        if union is not None:
            members = union.get("memberTypes", "").split()
            return Text("union", members=tuple(self._text(member) for member in members))
        return _restricted(self._text(definition[0].get("base", "")), definition[0])


def _restricted(base: Text, restriction: _Element) -> Text:
    def values(facet: str) -> tuple[str, ...]:
        return tuple(each.get("value", "") for each in restriction.findall(f"{_XS}{facet}"))

    return Text(
        base.base,
        codes=frozenset(values("enumeration")) or base.codes,
        patterns=values("pattern") or base.patterns,
        low=next(iter(values("minInclusive")), base.low),
        high=next(iter(values("maxInclusive")), base.high),
        length=next(iter(values("length")), base.length),
    )
