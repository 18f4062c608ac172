"""A synthetic student in the words of a data model: the same person whatever the model."""

from __future__ import annotations

from lxml import etree

from conformance.data_models import MODELS


def student(model: str, seed: int, number: int) -> etree._Element:
    """Student `number` of this seed as an object of the model; of none that is known, xPress."""
    from fixtures import generate
    from fixtures.district.profile import profile
    from fixtures.writers import au, na33, notation, unity, xpress

    record = generate.student(seed, number)
    if model == "unity-4.3":
        node = unity.students.student((record, profile(seed, number, record)))
    elif model == "au-3.4":
        node = au.people.student(record, profile(seed, number, record))
    elif model == "na-3.3":
        node = na33.older(xpress.persons.student(record))
    else:
        return xpress.student(record)
    return notation.element(node, MODELS[model].namespace)
