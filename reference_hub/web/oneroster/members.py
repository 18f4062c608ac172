"""The members of each OneRoster object and the cells they are made of.

Names and order are those of the REST bindings (OneRoster 1.2, rostering and gradebook; 1.1, all in
one), the columns those of the CSV binding of 1.2, in which the hub keeps the rows.
"""

from __future__ import annotations

from collections.abc import Mapping

from reference_hub.model.roster_query import (
    DAY,
    EACH,
    EACH_ROLE,
    FIRST_ROLE,
    FLAG,
    ID_TYPE,
    ID_VALUE,
    KEY,
    LIST,
    MOMENT,
    NUMBER,
    REF,
    REFS,
    ROLE_ORGS,
    ROLES,
    STATUS,
    TEXT,
    USER_IDS,
    Field,
)

V1_1, V1_2 = "1.1", "1.2"
METADATA = "metadata."
Members = Mapping[str, Field]
HEAD = {
    "sourcedId": Field(KEY),
    "status": Field(STATUS),
    "dateLastModified": Field(MOMENT),
}
# The object in a collection, its type in references, and the service that it is in.
SINGULAR = {
    "academicSessions": "academicSession",
    "orgs": "org",
    "courses": "course",
    "classes": "class",
    "enrollments": "enrollment",
    "users": "user",
    "demographics": "demographics",
    "categories": "category",
    "lineItems": "lineItem",
    "results": "result",
    "scoreScales": "scoreScale",
    "assessmentLineItems": "assessmentLineItem",
    "assessmentResults": "assessmentResult",
}
GRADEBOOK = ("categories", "lineItems", "results")
_COLLECTION_OF = {single: collection for collection, single in SINGULAR.items()}


def _columns(kind: str, *names: str) -> dict[str, Field]:
    return {name: Field(kind, name) for name in names}


def _ref(column: str, target: str) -> Field:
    return Field(REF, column, target)


_SUBJECTS = _columns(LIST, "subjects")
_CODES = _columns(LIST, "subjectCodes")
_NAMED = {
    **_columns(FLAG, "enabledUser"),
    **_columns(TEXT, "givenName", "familyName", "middleName"),
}
_REACHED = {
    **_columns(TEXT, "identifier", "email", "sms", "phone"),
    "agents": Field(REFS, "agentSourcedIds", "user"),
    **_columns(LIST, "grades"),
}
_LINE_ITEM = {
    **_columns(TEXT, "title", "description"),
    **_columns(DAY, "assignDate", "dueDate"),
    "class": _ref("classSourcedId", "class"),
}
_POINTS = _columns(NUMBER, "resultValueMin", "resultValueMax")
_RESULT = {
    "lineItem": _ref("lineItemSourcedId", "lineItem"),
    "student": _ref("studentSourcedId", "user"),
}
_SCORED = {**_columns(TEXT, "scoreStatus"), **_columns(NUMBER, "score")}
_BOTH: dict[str, dict[str, Field]] = {
    "academicSessions": {
        **_columns(TEXT, "title", "startDate", "endDate", "type"),
        "parent": _ref("parentSourcedId", "academicSession"),
        **_columns(TEXT, "schoolYear"),
    },
    "orgs": {
        **_columns(TEXT, "name", "type", "identifier"),
        "parent": _ref("parentSourcedId", "org"),
    },
    "courses": {
        **_columns(TEXT, "title"),
        "schoolYear": _ref("schoolYearSourcedId", "academicSession"),
        **_columns(TEXT, "courseCode"),
        **_columns(LIST, "grades"),
        **_SUBJECTS,
        "org": _ref("orgSourcedId", "org"),
        **_CODES,
    },
    "classes": {
        **_columns(TEXT, "title", "classCode", "classType", "location"),
        **_columns(LIST, "grades"),
        **_SUBJECTS,
        "course": _ref("courseSourcedId", "course"),
        "school": _ref("schoolSourcedId", "org"),
        "terms": Field(REFS, "termSourcedIds", "academicSession"),
        **_CODES,
        **_columns(LIST, "periods"),
    },
    "enrollments": {
        "user": _ref("userSourcedId", "user"),
        "class": _ref("classSourcedId", "class"),
        "school": _ref("schoolSourcedId", "org"),
        **_columns(TEXT, "role"),
        **_columns(FLAG, "primary"),
        **_columns(TEXT, "beginDate", "endDate"),
    },
    "demographics": {
        **_columns(TEXT, "birthDate", "sex"),
        **_columns(
            FLAG,
            "americanIndianOrAlaskaNative",
            "asian",
            "blackOrAfricanAmerican",
            "nativeHawaiianOrOtherPacificIslander",
            "white",
            "demographicRaceTwoOrMoreRaces",
            "hispanicOrLatinoEthnicity",
        ),
        **_columns(
            TEXT,
            "countryOfBirthCode",
            "stateOfBirthAbbreviation",
            "cityOfBirth",
            "publicSchoolResidenceStatus",
        ),
    },
    # The hub has nothing to tell of these.
    "scoreScales": {},
    "assessmentLineItems": {},
    "assessmentResults": {},
}
_OWN: dict[str, dict[str, dict[str, Field]]] = {
    V1_2: {
        "users": {
            **_columns(TEXT, "userMasterIdentifier", "username"),
            "userIds": Field(USER_IDS, "userIds"),
            **_NAMED,
            "preferredFirstName": Field(TEXT, "preferredGivenName"),
            "preferredMiddleName": Field(TEXT, "preferredMiddleName"),
            "preferredLastName": Field(TEXT, "preferredFamilyName"),
            **_columns(TEXT, "pronouns"),
            "roles": Field(ROLES),
            "primaryOrg": _ref("primaryOrgSourcedId", "org"),
            **_REACHED,
        },
        "categories": {**_columns(TEXT, "title"), **_columns(NUMBER, "weight")},
        "lineItems": {
            **_LINE_ITEM,
            "school": _ref("schoolSourcedId", "org"),
            "category": _ref("categorySourcedId", "category"),
            "academicSession": _ref("academicSessionSourcedId", "academicSession"),
            **_POINTS,
        },
        "results": {
            **_RESULT,
            "class": _ref("classSourcedId", "class"),
            **_SCORED,
            **_columns(TEXT, "textScore", "scoreDate", "comment"),
            **_columns(FLAG, "inProgress", "incomplete", "late", "missing"),
        },
    },
    V1_1: {
        "users": {
            **_columns(TEXT, "username"),
            "userIds": Field(USER_IDS, "userIds"),
            **_NAMED,
            "role": Field(FIRST_ROLE),
            **_REACHED,
            "orgs": Field(ROLE_ORGS, "orgSourcedId", "org"),
        },
        "categories": _columns(TEXT, "title"),
        "lineItems": {
            **_LINE_ITEM,
            "category": _ref("categorySourcedId", "category"),
            "gradingPeriod": _ref("academicSessionSourcedId", "academicSession"),
            **_POINTS,
        },
        "results": {**_RESULT, **_SCORED, **_columns(TEXT, "scoreDate", "comment")},
    },
}
# Members that must be there whatever the district knows; REST wants more than CSV.
ALWAYS = {
    "orgs": ("identifier",),
    "courses": ("courseCode",),
}
# What is still told of an object that was taken away: what REST demands and is no text about it.
BARE: Mapping[str, tuple[str, ...]] = {
    "academicSessions": ("startDate", "endDate", "type", "schoolYear"),
    "orgs": ("type",),
    "courses": (),
    "classes": ("course", "school", "terms"),
    "enrollments": ("user", "class", "school", "role"),
    "users": ("enabledUser", "roles", "role", "orgs"),
    "demographics": (),
    "categories": (),
    "lineItems": ("assignDate", "dueDate", "class", "school", "category"),
    "results": ("lineItem", "student", "scoreStatus", "scoreDate"),
    "scoreScales": (),
    "assessmentLineItems": (),
    "assessmentResults": (),
}
# Texts that REST demands all the same; they are empty then.
TEXTS: Mapping[str, tuple[str, ...]] = {
    "academicSessions": ("title",),
    "orgs": ("name",),
    "courses": ("title",),
    "classes": ("title",),
    "users": ("givenName", "familyName"),
    "categories": ("title",),
    "lineItems": ("title",),
}
_ROLE_CELLS = ("roleType", "role", "beginDate", "endDate")


def members(version: str, collection: str) -> Members:
    """The members of the objects of a collection, in order; `status` and the like among them."""
    return HEAD | (_BOTH.get(collection) or _OWN[version].get(collection, {}))


def collection_of(target: str) -> str:
    """The collection that holds what a reference of this type points to."""
    return _COLLECTION_OF[target]


def found(version: str, collection: str, path: str) -> Field | None:
    """The field that a path of a filter or of `sort` leads to, None where there is none."""
    if path.startswith(METADATA):
        return Field(TEXT, path)
    name, dot, rest = path.partition(".")
    field = members(version, collection).get(name)
    if field is None:
        return None
    if not dot:
        return None if field.kind in (REF, REFS, ROLES, ROLE_ORGS, USER_IDS) else field
    return _inside(field, rest)


def _inside(field: Field, rest: str) -> Field | None:
    if field.kind == ROLES:
        cell = "orgSourcedId" if rest == "org.sourcedId" else rest
        return Field(EACH_ROLE, cell) if cell in (*_ROLE_CELLS, "orgSourcedId") else None
    if field.kind == USER_IDS:
        kind = {"type": ID_TYPE, "identifier": ID_VALUE}.get(rest)
        return Field(kind, field.column) if kind else None
    kind = {REF: TEXT, REFS: EACH, ROLE_ORGS: EACH_ROLE}.get(field.kind)
    return Field(kind, field.column) if kind and rest == "sourcedId" else None
