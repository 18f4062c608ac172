"""OneRoster providers that each make one mistake, to prove that the checks can fail."""

from __future__ import annotations

import importlib
import pkgutil

from conformance.simulators.oneroster_provider.provider import RosterProvider
from conformance.simulators.registry import Registry

REGISTRY = Registry(RosterProvider)
MUTANTS, breaks = REGISTRY.mutants, REGISTRY.breaks

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
