"""States Language: the states of a machine, in whatever they are nested."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .resource import Resource, Unreadable

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


def definition(machine: Resource) -> Mapping[str, Any]:
    """The definition of a state machine.

    Raises `Unreadable` when it is none.
    """
    found = machine.json("definition", default={})
    if not isinstance(found, Mapping) or not isinstance(found.get("States"), Mapping):
        raise Unreadable("definition is no state machine: it has no States")
    return found


def states(found: Mapping[str, Any], around: Sequence[Mapping[str, Any]] = ()) -> Iterator[State]:
    """All states of a definition, those within others included."""
    for name, raw in found["States"].items():
        yield State(name, raw, around)
        for nested in _nested(raw):
            yield from states(nested, (*around, raw))


def machines(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A definition, and those within its states."""
    yield found
    for raw in found["States"].values():
        for nested in _nested(raw):
            yield from machines(nested)


def successors(raw: Mapping[str, Any]) -> Iterator[str]:
    """The names of the states that may come after a state."""
    for way in (raw, *raw.get("Catch", ()), *raw.get("Choices", ())):
        if "Next" in way:
            yield way["Next"]
    if "Default" in raw:
        yield raw["Default"]


def _nested(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    candidates = (*raw.get("Branches", ()), raw.get("ItemProcessor"), raw.get("Iterator"))
    return (nested for nested in candidates if nested)
