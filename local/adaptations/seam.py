"""How an adaptation takes the place of one of the emulator's functions."""

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

Replacement = Callable[..., Any]


class Seam(NamedTuple):
    """A function or a method of the emulator and what takes its place."""

    module: ModuleType | type
    name: str
    replacement: Replacement


class Seams:
    """The functions of the emulator that one module of ours replaces."""

    def __init__(self) -> None:
        self._seams: list[Seam] = []

    def replaces(
        self, module: ModuleType | type, name: str
    ) -> Callable[[Replacement], Replacement]:
        """Mark what takes the place of `module.name`; it gets what it replaces as first argument."""

        def mark(replacement: Replacement) -> Replacement:
            self._seams.append(Seam(module, name, replacement))
            return replacement

        return mark

    def install(self) -> None:
        """Put all in their places; `AttributeError` when the emulator has such a function no longer."""
        for module, name, replacement in self._seams:
            setattr(module, name, _in_place_of(getattr(module, name), replacement))


def _in_place_of(original: Replacement, replacement: Replacement) -> Replacement:
    # A function and no `functools.partial`, which would not be bound to an object that it is a method of.
    @functools.wraps(original)
    def call(*arguments: Any, **named: Any) -> Any:
        return replacement(original, *arguments, **named)

    return call
