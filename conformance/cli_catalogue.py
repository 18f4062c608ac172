"""Commands that tell what the suite checks: list, explain, coverage."""

from __future__ import annotations

import difflib
import inspect
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from conformance.problems import UsageFault

if TYPE_CHECKING:
    from conformance.catalogue import Requirement
    from conformance.verifies import CheckSpec


@click.command("list", short_help="List requirements, edge cases or payloads.")
@click.option("--role", help="Only requirements of this role.")
@click.option("--tier", type=click.Choice(["minimal", "core", "full"]), help="Only this tier.")
@click.option("--area", help="Only this area, for example objects.")
@click.option("--level", help="Only this level, for example MUST.")
@click.option("--edge-cases", is_flag=True, help="List the awkward students instead.")
@click.option("--cases", is_flag=True, help="List the payloads to accept and to refuse instead.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every field.")
def list_requirements(
    role: str | None,
    tier: str | None,
    area: str | None,
    level: str | None,
    edge_cases: bool,
    cases: bool,
    as_json: bool,
) -> None:
    """List the requirements with the checks that verify them, or the data they are tried with.

    \b
    Examples:
      conformance list --area paging
      conformance list --level MUST --json
      conformance list --edge-cases
      conformance list --cases
    """
    if (edge_cases or cases) and (edge_cases == cases or role or tier or area or level):
        raise UsageFault("--edge-cases and --cases stand alone, with --json at most")
    if edge_cases:
        _list_edge_cases(as_json=as_json)
        return
    if cases:
        _list_cases(as_json=as_json)
        return
    from conformance import catalogue
    from conformance.verifies import load_checks

    rows = [
        row
        for row in (one.in_role(role) if role else one for one in catalogue.load().values())
        if (role is None or role in row.role)
        and (tier is None or row.tier == tier)
        and (area is None or row.area == area)
        and (level is None or row.level == level.upper())
    ]
    checks = load_checks()
    if as_json:
        click.echo(json.dumps([_row(row, checks) for row in rows], indent=2, sort_keys=True))
        return
    for row in rows:
        names = ", ".join(_checks_of(row.id, checks)) or (
            "not checkable" if all(row.untestable_in(one) for one in row.role) else "-"
        )
        click.echo(f"{row.id}  {row.level}  {row.area}  {row.text}\n    {names}")
    click.echo(f"{len(rows)} requirements")


def _list_edge_cases(*, as_json: bool) -> None:
    from fixtures.edge_cases import EDGE_CASES, ODD_SECTIONS

    rows = [
        {"name": case.name, "student": case.index, "why": case.why} for case in EDGE_CASES.values()
    ]
    rows += [{"name": name, "student": None, "why": why} for name, why in ODD_SECTIONS.items()]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        place = "a section" if row["student"] is None else f"student {row['student']}"
        click.echo(f"{row['name']}  ({place})\n    {row['why']}")
    click.echo(
        f"{len(rows)} edge cases, in every district of 500 students or more; students are counted"
        " from 0, as in the files of students and by `conformance scan`"
    )


def _list_cases(*, as_json: bool) -> None:
    from dataclasses import asdict

    from conformance.cases import listing

    rows = listing()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    for row in rows:
        click.echo(f"{row.outcome}  {row.kind}  {row.name}  {row.requirement}\n    {row.reason}")
    refused = sum(row.outcome == "refuse" for row in rows)
    click.echo(f"{refused} payloads to refuse, {len(rows) - refused} to accept")


@click.command()
@click.argument("name", metavar="ID")
@click.option("--example", is_flag=True, help="Show a right and a wrong exchange, made now.")
def explain(name: str, example: bool) -> None:
    """Explain a requirement or a check: what it asks, where it comes from, how it is proven.

    \b
    Examples:
      conformance explain INF-CRE-001
      conformance explain INF-CRE-001 --example
    """
    from conformance import catalogue, contradictions
    from conformance.verifies import load_checks

    rows, checks = catalogue.load(), load_checks()
    wanted = name.removeprefix("check_")
    if two := contradictions.explained_row(name.upper()):
        click.echo("\n".join(two))
    elif name.upper() in rows:
        click.echo(_explained(rows[name.upper()], checks))
        if example:
            _show_example(
                rows[name.upper()], [checks[one] for one in _checks_of(name.upper(), checks)]
            )
    elif wanted in checks:
        texts = [_explained(rows[one], checks) for one in checks[wanted].requirements]
        click.echo("\n\n".join(texts))
        if example:
            _show_example(rows[checks[wanted].requirements[0]], [checks[wanted]])
    else:
        near = difflib.get_close_matches(name.upper(), list(rows), 3, 0.5)
        near += difflib.get_close_matches(wanted, list(checks), 2, 0.6)
        hint = f"nearest: {', '.join(near)}" if near else "`conformance list` shows all"
        raise UsageFault(f"no requirement or check is called {name}; {hint}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def coverage(as_json: bool) -> None:
    """Count requirements, checks and assertions per role.

    \b
    Example:
      conformance coverage --json
    """
    from conformance import coverage as counting
    from conformance.planning import suite_hash

    table, note = counting.coverage(suite_hash())
    if note:
        click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps(table, indent=2))
        return
    for role, numbers in table["roles"].items():
        click.echo(role)
        for key, value in numbers.items():
            click.echo(f"  {value:6}  {key.replace('_', ' ')}")


def _checks_of(name: str, checks: Mapping[str, CheckSpec]) -> list[str]:
    return [spec.id for spec in checks.values() if name in spec.requirements]


def _row(row: Requirement, checks: Mapping[str, CheckSpec]) -> dict[str, Any]:
    import msgspec

    return {**msgspec.structs.asdict(row), "checks": _checks_of(row.id, checks)}


def _explained(row: Requirement, checks: Mapping[str, CheckSpec]) -> str:
    from conformance import contradictions
    from conformance.catalogue import BASES

    derived = " (level read out of descriptive wording)" if row.derived else ""
    lines = [
        f"{row.id}  {row.level}{derived}",
        f"  {row.text}",
        f"  Basis: {row.basis}, {BASES[row.basis]}.",
        f"  Source: {row.source}",
        f"  Roles: {', '.join(row.role)}. Tier: {row.tier}. Area: {row.area or 'none'}.",
    ]
    alike = not (row.needs_for or row.tier_for or row.untestable_for)
    for role in row.role[:1] if alike else row.role:
        lines += _in_role(row.in_role(role), "" if alike else f"As {role}: ")
    lines += contradictions.explained(row.id)
    names = _checks_of(row.id, checks)
    for one in names:
        lines += _check_lines(checks[one])
    broken_by = _mutants(row.id, {checks[one].role for one in names})
    if broken_by:
        lines.append(f"  Mutants that break it: {', '.join(broken_by)}")
    if names:
        lines.append(
            f"  To look at it: conformance run --only {row.id}, then open the exchange"
            " that the finding names in report.html."
        )
    return "\n".join(lines)


def _show_example(row: Requirement, specs: Sequence[CheckSpec]) -> None:
    """The first check that has an example shows it; those of the row's own area come first."""
    from conformance import examples

    own = sorted(specs, key=lambda spec: (not spec.area.endswith(f"/{row.area}"), spec.line))
    made = (examples.example_of(spec, row.id) for spec in own)
    found = next((one for one in made if one is not None), None)
    if found is None:
        who = ", ".join(examples.ROLES)
        click.echo(f"\nNo example: none of its checks is of the role {who} with a finding.")
        return
    click.echo("\n" + "\n".join(examples.told(found)))


def _in_role(row: Requirement, who: str) -> Sequence[str]:
    told = []
    if row.needs:
        told.append(f"  {who}Applies to targets that declare: {', '.join(row.needs)}.")
    if row.untestable:
        told.append(f"  {who}Not checked from outside: {row.untestable}")
    return told


def _check_lines(spec: CheckSpec) -> Sequence[str]:
    from conformance.coverage import function_of

    text = inspect.getdoc(function_of(spec)) or spec.title
    kind = "feeds wrong input" if spec.negative else "feeds right input"
    place = f"{spec.area}.py:{spec.line}"
    return [f"  Check {spec.id} ({place}, {kind})", *(f"    {one}" for one in text.splitlines())]


def _mutants(name: str, roles: set[str]) -> list[str]:
    from conformance.simulators.registry import registry

    return sorted(
        one
        for role in roles
        for one, mutant in registry(role).mutants.items()
        if name in mutant.breaks or name in mutant.also
    )


COMMANDS: tuple[click.Command, ...] = (list_requirements, explain, coverage)
