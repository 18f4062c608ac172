"""Hold single mutants against every check of their role: `make matrix MUTANTS="receiver/Echo"`.

Prints what each one fails and whether that is what it declares. Renews nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from conformance.simulators.registry import registry
from tests.conformance.judging import MUTANTS, judge_mutant, with_verdict


def rejudge(place: str) -> bool:
    """Judge `role/Name`; True when it fails exactly what it declares."""
    role, _, name = place.partition("/")
    mutant = registry(role).find(name)
    checks = judge_mutant(role, name)
    failed, ours = with_verdict(checks, "fail"), with_verdict(checks, "our fault")
    found = {one for check in failed.values() for one in check.requirements}
    declared = {*MUTANTS[role][name].breaks, *MUTANTS[role][name].also}
    good = not ours and (mutant.special or found == declared)
    sys.stdout.write(f"{place}: {'as declared' if good else 'NOT as declared'}\n")
    for check in sorted(failed):
        sys.stdout.write(f"  fails {check} ({', '.join(failed[check].requirements)})\n")
    for what, ids in (("broken, not declared", found - declared), ("not broken", declared - found)):
        if ids and not mutant.special:
            sys.stdout.write(f"  {what}: {', '.join(sorted(ids))}\n")
    for check in sorted(ours):
        sys.stdout.write(f"  a fault of the check {check}: {ours[check].reason}\n")
    return good


def main(places: Iterable[str]) -> int:
    """Judge each; 0 when all do what they declare."""
    results = [rejudge(place) for place in places]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
