"""Services: bounded contexts, each with a table that nobody else writes and a relay of its events."""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NotRequired, TypedDict, Unpack

import pulumi

from components.api import Endpoint
from components.arguments import check_arguments
from components.bus import Bus
from components.function import Function
from components.link import Link
from components.listener import Listener, ListenerArgs
from components.platform import Platform
from components.relay import Relay
from components.table import Index, Table, TableArgs
from events.catalogue import CATALOGUE, OrderCreated
from events.envelope import Event
from events.wiring import pattern

ROOT = Path(__file__).resolve().parent.parent
ENTRY_POINT = re.compile(r"\w+(\.\w+)+")


class ServiceArgs(TypedDict):
    """Where a service lives and what its items are found by."""

    platform: Platform
    """What the stack's components share."""
    bus: Bus
    """Where it publishes and listens."""
    key: str
    """Hash key of its table."""
    range_key: NotRequired[str]
    """Range key of its table. Default: none."""
    indexes: NotRequired[Sequence[Index]]
    """Further ways to look its items up. Default: none."""
    silent: NotRequired[bool]
    """Whether it publishes nothing, so that its table has neither outbox nor relay. Default: false."""


class Pace(TypedDict, total=False):
    """When, and how many at a time, a listener gets its events; see `ListenerArgs`."""

    delay_seconds: int
    batch_size: int
    window_seconds: int


class Service(pulumi.ComponentResource):
    """One bounded context; `components/services` has those of the order system."""

    def __init__(
        self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, ServiceArgs)
        super().__init__(f"ordermesh:index:{type(self).__name__}", name, {}, opts)
        self.name, self._platform, self._bus = name, args["platform"], args["bus"]
        self._participating: Sequence[Link] = ()
        """What its functions need that do, or undo, its part of a saga."""
        self._child = pulumi.ResourceOptions(parent=self)

        table: TableArgs = {
            "platform": self._platform,
            "hash_key": args["key"],
            "indexes": args.get("indexes", ()),
        }
        if "range_key" in args:
            table["range_key"] = args["range_key"]
        if args.get("silent"):
            self.table = Table(name, table, self._child)
        else:
            # What is published begins as an item of the table, which expires some time afterwards.
            outbox: TableArgs = {**table, "streamed": True, "ttl_attribute": "expiresAt"}
            self.table = Table(name, outbox, self._child)
            self._relay(args["key"])

    def _relay(self, key: str) -> None:
        Relay(
            f"{self.name}-relay",
            {
                "platform": self._platform,
                "table": self.table,
                "key": key,
                "bus": self._bus,
                "source": self.name,
                "code": service_code(),
            },
            self._child,
        )

    def endpoints(self) -> list[Endpoint]:
        """What the service answers to over HTTP; nothing, unless a subclass says otherwise."""
        return []

    def function(
        self,
        name: str,
        handler: str,
        *links: Link,
        environment: Mapping[str, pulumi.Input[str]] | None = None,
        asynchronous: bool = False,
    ) -> Function:
        """A function of this service; `handler` is the entry point within its package."""
        return Function(
            name,
            {
                "platform": self._platform,
                "code": service_code(self.name),
                "handler": _entry_point(self.name, handler),
                "links": links,
                "environment": environment or {},
                "asynchronous": asynchronous,
            },
            self._child,
        )

    def listener(
        self,
        name: str,
        handler: str,
        events: tuple[type[Event], ...],
        *links: Link,
        where: Mapping[str, Sequence[Any]] | None = None,
        **more: Unpack[Pace],
    ) -> Listener:
        """A function of this service that reacts to events of the catalogue, narrowed by their fields.

        Raises `ValueError` for what is no event of it, and for an event that its handler does not expect.
        """
        _check_events(name, events)
        _check_expected(self.name, handler, events)
        args: ListenerArgs = {
            "platform": self._platform,
            "bus": self._bus,
            "pattern": pattern(*events, where=where),
            "code": service_code(self.name),
            "handler": _entry_point(self.name, handler),
            "links": links,
        }
        return Listener(name, {**args, **more}, self._child)

    def task(self, name: str, handler: str) -> str:
        """A function that does, or undoes, this service's part of a saga when a state machine asks; its ARN."""
        return self.function(name, f"tasks.{handler}", *self._shared()).static_arn

    def participant(
        self, name: str, handler: str, *events: type[Event], delay_seconds: int = 0
    ) -> Listener:
        """A function that does, or undoes, this service's part of a saga when an event asks."""
        return self.listener(
            name,
            f"choreography.{handler}",
            events,
            *self._shared(),
            delay_seconds=delay_seconds,
            # A call that one order crashes must not use up the receives of others.
            batch_size=1,
        )

    def _shared(self) -> Sequence[Link]:
        """What all functions of this service need that take part in a saga."""
        if not self._participating:
            raise ValueError(
                f"service {self.name!r} takes part in a saga, but does not say what its functions need there: "
                "set `_participating` to links, such as `self.table.allowing(...)`"
            )
        return self._participating


def service_code(service: str | None = None) -> pulumi.AssetArchive:
    """The archive of one service's functions; without a service, only what all of them share.

    It names each source file, so that compiled files never enter it and a change to one service
    changes the archives of that service alone. Raises `ValueError` for a service without code.
    """
    files = [*(ROOT / "events").glob("*.py"), *(ROOT / "handlers").glob("*.py")]
    if service:
        own = list((ROOT / "handlers" / service).rglob("*.py"))
        if not own:
            raise ValueError(f"service {service!r} has no code in handlers/{service}")
        files += own
    names = sorted(path.relative_to(ROOT).as_posix() for path in files)
    return pulumi.AssetArchive({name: pulumi.FileAsset(name) for name in names})


def endpoints(services: Iterable[Service]) -> list[Endpoint]:
    """What several services answer to over HTTP."""
    return list(chain.from_iterable(service.endpoints() for service in services))


def _check_events(listener: str, events: tuple[type[Event], ...]) -> None:
    # Without its comma, (OrderShipped) is the class itself.
    if not (isinstance(events, tuple) and events):
        raise ValueError(
            f"listener {listener!r}: its events are {events!r}; "
            "take a tuple of the catalogue's classes, such as (OrderShipped,)"
        )
    for event in events:
        if event not in CATALOGUE:
            raise ValueError(
                f"listener {listener!r}: {event!r} is not in the catalogue; "
                "take classes of CATALOGUE in events/catalogue.py"
            )


def _entry_point(service: str, handler: str) -> str:
    """The dotted path of a service's entry point; `ValueError` where there is none.

    Lambda would find out only when the function is called.
    """
    _defined(service, handler)
    return f"handlers.{service}.{handler}"


def _check_expected(service: str, handler: str, events: tuple[type[Event], ...]) -> None:
    """Compare what a listener gets with what its handler's decorator says that it expects.

    A consumer takes an event that it does not expect for one that nobody can read.
    """
    expected = _expected(_defined(service, handler))
    if expected is None:
        return
    for event in events:
        if event.__name__ not in expected:
            raise ValueError(
                f"handler {handler!r} of service {service!r} gets {event.name}, but expects only "
                f"{sorted(expected)}: name {event.__name__} in its decorator, or do not send it there"
            )


def _defined(service: str, handler: str) -> ast.FunctionDef:
    """The function that a service's handler is; `ValueError` where there is none."""
    if not (isinstance(handler, str) and ENTRY_POINT.fullmatch(handler)):
        raise ValueError(
            f'handler {handler!r} of service {service!r}: take "module.function", '
            f"of a module in handlers/{service}"
        )
    module, _, name = handler.rpartition(".")
    path = ROOT / "handlers" / service / f"{module.replace('.', '/')}.py"
    if not path.is_file():
        known = sorted(file.stem for file in path.parent.glob("[!_]*.py"))
        raise ValueError(
            f"handler {handler!r} of service {service!r}: there is no "
            f"{path.relative_to(ROOT).as_posix()}; modules there are {known}"
        )
    if name not in (defined := _functions(path)):
        raise ValueError(
            f"handler {handler!r} of service {service!r}: {path.relative_to(ROOT).as_posix()} "
            f"defines no {name!r}; it defines {sorted(defined)}"
        )
    return defined[name]


def _expected(function: ast.FunctionDef) -> set[str] | None:
    """The names of the event classes that a handler's decorator lists; none at all if it does not list each one."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name):
            listed = [it for it in decorator.args if not isinstance(it, ast.Constant)]
            if not all(isinstance(it, ast.Name) for it in listed):
                return None
            names = {it.id for it in listed if isinstance(it, ast.Name)}
            # Whoever remembers orders is told of them, too.
            remembers = any(it.arg == "remembering" for it in decorator.keywords)
            return names | ({OrderCreated.__name__} if remembers else set())
    return set()


@cache
def _functions(path: Path) -> Mapping[str, ast.FunctionDef]:
    """The functions that a module defines, read and not imported: its libraries are the functions' own."""
    found = ast.parse(path.read_text()).body
    return {node.name: node for node in found if isinstance(node, ast.FunctionDef)}
