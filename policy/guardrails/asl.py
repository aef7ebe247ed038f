"""States Language: the states of a machine, in whatever they are nested."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .resource import Resource, Unreadable, value_at

ALL_ERRORS = "States.ALL"


@dataclass(frozen=True)
class State:
    """A state of a machine."""

    name: str
    raw: Mapping[str, Any]
    around: Sequence[Mapping[str, Any]]
    """The Parallel and Map states that it is in."""

    @property
    def is_task(self) -> bool:
        """Whether it calls something."""
        return self.raw.get("Type") == "Task"

    @property
    def is_distributed(self) -> bool:
        """Whether it starts its machine anew for what it goes through."""
        return value_at(self.raw, "ItemProcessor", "ProcessorConfig", "Mode") == "DISTRIBUTED"


def definition(machine: Resource) -> Mapping[str, Any]:
    """The definition of a state machine.

    Raises `Unreadable` when it is none.
    """
    found = machine.json("definition", default={})
    _check(found, "definition")
    return found


def states(found: Mapping[str, Any], around: Sequence[Mapping[str, Any]] = ()) -> Iterator[State]:
    """All states of a definition, those within others included."""
    for name, raw in found["States"].items():
        within = _nested(name, raw)
        yield State(name, raw, around)
        for nested in within:
            yield from states(nested, (*around, raw))


def machines(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A definition, and those within its states."""
    yield found
    for name, raw in found["States"].items():
        for nested in _nested(name, raw):
            yield from machines(nested)


def successors(raw: Mapping[str, Any]) -> Iterator[str]:
    """The names of the states that may come after a state."""
    for way in (raw, *(raw.get("Catch") or ()), *(raw.get("Choices") or ())):
        if "Next" in way:
            yield way["Next"]
    if "Default" in raw:
        yield raw["Default"]


def _nested(name: str, raw: Any) -> list[Mapping[str, Any]]:
    """The definitions within a state."""
    if not isinstance(raw, Mapping):
        raise Unreadable(f"definition is no state machine: its state {name} is no object")
    candidates = (*(raw.get("Branches") or ()), raw.get("ItemProcessor"), raw.get("Iterator"))
    found = [nested for nested in candidates if nested]
    for nested in found:
        _check(nested, f"what is in {name}")
    return found


def _check(found: Any, where: str) -> None:
    if not isinstance(found, Mapping) or not isinstance(found.get("States"), Mapping):
        raise Unreadable(f"{where} is no state machine: it has no States")
