"""To which class of personal data a value belongs, told by the name that it stands under.

The name is a local one, in any of the forms that the suite speaks: an element, an attribute, a
member of JSON, a column. A name that tells nothing (`number` of a phone, `type`) goes where SIF
mostly uses it, or to `other`. `verdict.json` counts the classes of REDACTED.
"""

from __future__ import annotations

import re
from functools import lru_cache

# What is taken out of a recording, in words: values by the element that they stood in, credentials,
# and the tokens of agreements, which are cut.
REDACTED = {
    "name": "names",
    "birth": "dates and places of birth",
    "address": "addresses",
    "contact": "telephone numbers and e-mail addresses",
    "identifier": "local, state and login identifiers",
    "demographic": "sex, race, language, citizenship",
    "schooling": "grades, schools, enrolments",
    "other": "other values",
    "secret": "passwords, keys and session tokens",
    "token": "tokens of agreements (cut)",
}

# The first that fits counts: `emailAddress` is a way to reach somebody and no address.
_CLASSES = (
    ("birth", r"birth"),
    ("contact", r"e?mail(?:_?address)?|phone\w*|sms|mobile|telephone\w*|fax|number|email_?type"),
    ("identifier", r"\w*id|\w*ids|identifier\w*|\w*identifiers?|username|user_?name|loginid"),
    ("name", r"\w*name|suffix|prefix|initials?|alias"),
    ("address", r"\w*address\w*|line\d|street\w*|city|county|\w*province|postal_?code|zip"
                r"|country\w*|latitude|longitude|apartment\w*|restrictions"),
    ("demographic", r"sex|gender|race\w*|\w*ethnicity\w*|\w*citizenship\w*|\w*language\w*"
                    r"|religion|tribal\w*|\w*nationality"),
    ("schooling", r"\w*grade\w*|\w*gpa|classrank|home_?room\w*|\w*enrol\w*|entry\w*|exit\w*"
                  r"|membership\w*|\w*graduation\w*|\w*school\w*|\w*attendance\w*|begin_?date"
                  r"|end_?date|start_?date|score\w*|mark\w*|roletype|relationship\w*"),
)  # fmt: skip
_PATTERNS = tuple(
    (name, re.compile(text if name == "birth" else rf"(?:{text})$", re.IGNORECASE))
    for name, text in _CLASSES
)


@lru_cache(maxsize=4096)
def class_of(name: str) -> str:
    """One of birth | contact | identifier | name | address | demographic | schooling | other."""
    for found, pattern in _PATTERNS:
        if pattern.search(name) if found == "birth" else pattern.match(name):
            return found
    return "other"
