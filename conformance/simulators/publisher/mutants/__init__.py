"""Publishers that each make one mistake, to prove that the checks can fail.

Importing this package loads all its modules, and with them the mutants.
"""

from __future__ import annotations

import importlib
import pkgutil

from conformance.simulators.publisher.system import Publisher
from conformance.simulators.registry import Registry

REGISTRY = Registry(Publisher)
MUTANTS = REGISTRY.mutants
breaks = REGISTRY.breaks

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
