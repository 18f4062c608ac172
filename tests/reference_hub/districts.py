"""Districts of the tests, each made once in a process: nothing in one can be changed."""

from __future__ import annotations

from functools import lru_cache

from fixtures import generate as generator

generate = lru_cache(maxsize=8)(generator.generate)
