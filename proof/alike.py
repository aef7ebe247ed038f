"""Roles that are the same in two programs, so that what shows a grant to be needed in one shows it for both."""

from collections.abc import Iterable
from typing import Any

import pulumi

from local.program import Declared, declare
from policy.guardrails.aws import ROLE
from proof.subject import STACK

Unit = dict[tuple[str, str], Any]
"""What was declared of some resources, by type and name."""


def settled(coordination: str, earlier: Iterable[str]) -> set[str]:
    """The roles that were the same in an earlier part of the proof, coordinated another way."""
    if not (ways := list(earlier)):
        return set()
    program = declare(STACK, coordination=coordination)
    return {role for way in ways for role in alike(declare(STACK, coordination=way), program)}


def alike(one: Iterable[Declared], other: Iterable[Declared]) -> set[str]:
    """The roles around which both programs declare the same: who uses them, with which code, called by what."""
    first, second = _units(one), _units(other)
    return {role for role, unit in first.items() if unit == second.get(role)}


def _units(program: Iterable[Declared]) -> dict[str, Unit]:
    """Role to all that is declared for the one purpose that it is for, such as a listener with its route and queue."""
    by_urn = {each.urn: each for each in program}
    units = dict[str, Unit]()
    for each in program:
        units.setdefault(_purpose(each, by_urn), {})[each.type, each.name] = _plain(each.inputs)
    return {each.name: units[_purpose(each, by_urn)] for each in program if each.type == ROLE}


def _purpose(each: Declared, by_urn: dict[str, Declared]) -> str:
    """URN of the outermost component around a resource, or of what it lies in within its service."""
    within = [each.urn]
    while each.parent in by_urn:
        each = by_urn[each.parent]
        within.append(each.urn)
    return within[-2:][0]


def _plain(value: Any) -> Any:
    """Inputs as data that can be compared; of an archive, its files."""
    if isinstance(value, pulumi.AssetArchive):
        return sorted(value.assets)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
