"""The contacts of PODs between infrastructure versions: elements that repeat (3.3), or lists.

Both ways keep every value. Only a list that is nil has no spelling in 3.3 and is left out.
"""

from __future__ import annotations

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec import tree
from reference_hub.codec.pod_grammar import CONTACT, POD, PODS, bare_names, has_lists
from reference_hub.codec.xml import children, local_name, namespace_of


def fit_contacts(root: _Element) -> None:
    """Spell the contacts of a `pod`, or of `pods`, as the version of its namespace does; any other
    element stays as it is."""
    if local_name(root) not in (POD, PODS):
        return
    fit = _wrap if has_lists(namespace_of(root)) else _unwrap
    for parent in list(root.iter(etree.Element)):
        fit(parent)


def _wrap(parent: _Element) -> None:
    lists: dict[str, _Element] = {}
    for child in children(parent):
        name = bare_names().get(local_name(child))
        if name is None:
            continue
        if name not in lists:
            lists[name] = tree.branch(parent, name)
            child.addprevious(lists[name])
        lists[name].append(child)
        child.tag = _renamed(child, CONTACT)


def _unwrap(parent: _Element) -> None:
    bare = {name: each for each, name in bare_names().items()}
    for child in children(parent):
        name = bare.get(local_name(child))
        if name is None:
            continue
        for contact in children(child):
            contact.tag = _renamed(contact, name)
            child.addprevious(contact)
        parent.remove(child)


def _renamed(element: _Element, name: str) -> str:
    return f"{str(element.tag).rpartition('}')[0]}}}{name}"
