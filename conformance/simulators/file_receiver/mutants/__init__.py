"""File receivers that each make one mistake, to prove that the checks can fail."""

from __future__ import annotations

import importlib
import pkgutil

from conformance.simulators.file_receiver.receiver import FileReceiver
from conformance.simulators.registry import Registry

REGISTRY = Registry(FileReceiver)
MUTANTS, breaks = REGISTRY.mutants, REGISTRY.breaks

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
