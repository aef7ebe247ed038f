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
            original = getattr(module, name)
            changed = functools.partial(replacement, original)
            # Only a function is bound to an object that it is a method of.
            taking = _method(changed) if isinstance(module, type) else changed
            setattr(module, name, functools.wraps(original)(taking))


def _method(function: Replacement) -> Replacement:
    def method(*arguments: Any, **named: Any) -> Any:
        return function(*arguments, **named)

    return method
