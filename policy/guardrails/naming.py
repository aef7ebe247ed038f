"""A log, and the groups that services make for it under names of their own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .iam.arns import is_arn
from .resource import Resource, values_at

_OFF = frozenset({"DISABLED", "NONE", "WEB", "false"})
"""How settings say that nothing is logged, besides being absent; an app of Amplify that is only files is of the platform WEB."""
_PROPERTY = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Naming:
    """A log, and the groups that it goes to."""

    what: str
    """The log, as messages name it."""
    groups: tuple[str, ...]
    """The groups that it has by default, with a property in braces."""
    on: str = ""
    """The setting that switches it on; without one, it always is. `*` stands for each of a list."""
    told: str = ""
    """The setting that names another group in place of the default."""

    @property
    def by_id(self) -> bool:
        """Whether a group has an id that AWS gives."""
        return any(name.lower().endswith("id") for name in self._properties)

    @property
    def _properties(self) -> list[str]:
        return [name for group in self.groups for name in _PROPERTY.findall(group)]

    def of(self, resource: Resource) -> Iterator[tuple[str, Any, str]]:
        """The log, group and property of each group that a resource writes this log to."""
        settings = values_at(resource.props, *self.on.split("."))
        if self.on and all(isinstance(setting, str) and setting in _OFF for setting in settings):
            return
        told = list(values_at(resource.props, *self.told.split(".")))
        for group in filter(may_be_group, told):
            yield self.what, group, self.told.partition(".")[0]
        for group in () if told else self.groups:
            yield self.what, filled_in(group, resource), next(iter(self._properties), "")


def may_be_group(destination: Any) -> bool:
    """Whether what a setting names may be a log group: some logs go to a bucket or a stream instead."""
    return not isinstance(destination, str) or not is_arn(destination) or ":logs:" in destination


def filled_in(group: str, resource: Resource) -> str:
    """The group with properties in the place of their names; empty when one of them is not known."""
    names = _PROPERTY.findall(group)
    known = {name: value for name in names if isinstance(value := resource.props.get(name), str)}
    return group.format_map(known) if len(known) == len(names) else ""
