"""Run a Pulumi program to its end without an engine, and keep all that it declared as plain data."""

import asyncio
import atexit
import functools
import gc
import json
import runpy
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime import Mocks
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import ROOT as ROOT_RESOURCE
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_in_stack

from local.mocks import Applied, FirstPreview

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the program: where Pulumi.yaml and `__main__.py` are."""

STACK = "pulumi:pulumi:Stack"
"""The type of the resource that stands for the whole program."""

# What a program and its provider leave behind would be looked through for a second before the process ends.
atexit.register(gc.freeze)


@dataclass(frozen=True)
class Declared:
    """One resource, as the program declared it."""

    urn: str
    type: str
    name: str
    parent: str
    """URN of the resource's parent; the stack's own URN at the top."""
    custom: bool
    """True for a resource that a provider makes, false for a component."""
    inputs: dict[str, Any]
    """Property names in camelCase; a value that is not known yet is `pulumi.output.UNKNOWN`'s."""
    dependencies: tuple[str, ...]
    property_dependencies: dict[str, tuple[str, ...]]
    protect: bool


@dataclass
class Program:
    """All that a program declared, each after what it needs, and what it exported."""

    declared: list[Declared] = field(default_factory=list)
    finished: set[str] = field(default_factory=set)
    """URNs of the components that registered their outputs."""
    outputs: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Declared]:
        return iter(self.declared)

    def of(self, type_: str) -> list[Declared]:
        """All resources of one type token, by name: resources that do not need each other arrive in any order."""
        found = (declared for declared in self.declared if declared.type == type_)
        return sorted(found, key=lambda declared: declared.name)

    def only(self, type_: str) -> Declared:
        """The one resource of a type; `ValueError` when there is none or more than one."""
        [declared] = self.of(type_)
        return declared

    def named(self, type_: str, name: str) -> Declared:
        """The one resource of a type and logical name; `ValueError` when there is none."""
        [declared] = [declared for declared in self.of(type_) if declared.name == name]
        return declared


class _Recorder(MockMonitor):
    def __init__(self, cloud: Mocks, program: Program) -> None:
        super().__init__(cloud)
        self._program = program
        self._stack_urn = ""
        self._requests: dict[str, Any] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """A URN as the engine makes it, with the types of all components that a resource is part of."""
        chain = parent.split("::")[2] if parent else STACK
        types = type_ if chain == STACK else f"{chain}${type_}"
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{types}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the engine's name)
        urn = self.make_urn(request.parent, request.type, request.name)
        # The stack itself is made twice (see `run`).
        if request.type != STACK and self._requests.setdefault(urn, request) is not request:
            raise ValueError(
                f"{request.type} {request.name!r} is declared twice; names of a type have to differ"
            )
        response = super().RegisterResource(request)
        if request.type == STACK:
            self._stack_urn = response.urn
            return response
        self._program.declared.append(
            Declared(
                urn=response.urn,
                type=request.type,
                name=request.name,
                parent=request.parent,
                custom=request.custom,
                inputs=pulumi.runtime.rpc.deserialize_properties(
                    request.object, keep_unknowns=True
                ),
                dependencies=tuple(request.dependencies),
                property_dependencies={
                    name: tuple(found.urns) for name, found in request.propertyDependencies.items()
                },
                protect=request.protect,
            )
        )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 (the engine's name)
        if request.urn == self._stack_urn:
            self._program.outputs = pulumi.runtime.rpc.deserialize_properties(
                request.outputs, keep_unknowns=True
            )
        else:
            self._program.finished.add(request.urn)
        return super().RegisterResourceOutputs(request)


def run(
    program: Callable[[], object],
    *,
    stack: str,
    config: Mapping[str, str],
    cloud: Mocks,
    project: str = "ordermesh",
    preview: bool = False,
) -> Program:
    """Run `program` until every resource and output is settled; raise what it raises.

    `cloud` answers each declaration, as an engine and its provider would. With `preview`, what it leaves out is unknown.
    """
    result = Program()
    recorder = _Recorder(cloud, result)
    # A program that failed leaves calls behind, for which the next one would wait for ever.
    _forget_calls()
    loop = asyncio.new_event_loop()
    # The first error is raised; those of all that depends on it would only be printed after it.
    loop.set_exception_handler(lambda *_: None)
    asyncio.set_event_loop(loop)
    workers = ThreadPoolExecutor()
    loop.set_default_executor(workers)
    ROOT_RESOURCE.set(None)
    pulumi.runtime.set_mocks(cloud, project=project, stack=stack, preview=preview, monitor=recorder)
    pulumi.runtime.set_all_config(dict(config))
    # set_mocks has finished the root stack that it made; only a fresh one collects what the program exports.
    ROOT_RESOURCE.set(None)
    try:
        with _hurried(), _interruptible(loop):
            loop.run_until_complete(run_in_stack(lambda: _completed(program)))
    except BaseException:
        # What waits for its turn would still be made, by threads that the process has to wait for.
        workers.shutdown(wait=False, cancel_futures=True)
        _cancel_all(loop)
        raise
    finally:
        ROOT_RESOURCE.set(None)
        # A loop left open keeps its files, three for each run.
        loop.close()
    return result


@contextmanager
def _hurried() -> Iterator[None]:
    """Spare a run what nobody looks at, which takes as long as the run itself.

    A program makes little garbage to look for, during its run and right after it; and the stack that each resource
    was declared from, which the SDK records, is for an engine's display.
    """
    collecting, limit = gc.isenabled(), getattr(sys, "tracebacklimit", None)
    gc.disable()
    sys.tracebacklimit = 1
    try:
        yield
    finally:
        if limit is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = limit
        if collecting:
            # All that the run has made counts as old now, which is looked through when there is much more of it.
            gc.freeze()
            gc.unfreeze()
            gc.enable()


@contextmanager
def _interruptible(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Let an interrupt end the loop between two of its steps.

    Raised within a step, it would wait for all that is being made, or be lost where the SDK ignores errors.
    """
    told = list[int]()

    def end(signal_number: int, _frame: object) -> None:
        if told:
            raise KeyboardInterrupt
        told.append(signal_number)
        loop.call_soon_threadsafe(loop.stop)

    # Signals reach the main thread alone; one that does not interrupt is somebody else's.
    taken = [
        number
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if threading.current_thread() is threading.main_thread()
        and signal.getsignal(number) is signal.default_int_handler
    ]
    for number in taken:
        signal.signal(number, end)
    try:
        yield
    except Exception as error:
        # The loop says that its work is not complete.
        if told:
            raise KeyboardInterrupt from error
        raise
    finally:
        for number in taken:
            signal.signal(number, signal.default_int_handler)
    if told:
        raise KeyboardInterrupt


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


def _completed(program: Callable[[], object]) -> None:
    try:
        program()
    except BaseException:
        # Nobody waits for what a program declared that has failed.
        _forget_calls()
        raise


def _forget_calls() -> None:
    SETTINGS.rpc_manager.clear()  # pyrefly: ignore[missing-attribute] (the SDK's own kind of property)
    SETTINGS.outputs.clear()  # pyrefly: ignore[missing-attribute] (the SDK's own kind of property)


def stack_config(
    stack: str, root: Path = ROOT, settings: Mapping[str, object] | None = None
) -> dict[str, str]:
    """The configuration of a stack, as the CLI passes it, with some settings changed.

    Pulumi.yaml's defaults are under Pulumi.<stack>.yaml's values.
    """
    project = _project(root)
    own = _settings(root / f"Pulumi.{stack}.yaml")
    defaults = {
        f"{project['name']}:{key}": declared["default"]
        for key, declared in project.get("config", {}).items()
        if "default" in declared
    }
    changed = {f"{project['name']}:{key}": value for key, value in (settings or {}).items()}
    given = {**defaults, **own.get("config", {}), **changed}
    return {key: _as_text(value) for key, value in given.items()}


def _project(root: Path) -> Mapping[str, Any]:
    project = _settings(root / "Pulumi.yaml")
    if not project.get("name"):
        raise ValueError(f"{root / 'Pulumi.yaml'} has no name; take one, such as `name: ordermesh`")
    return project


def _settings(path: Path) -> Mapping[str, Any]:
    """What a project or stack file says; `ValueError` that names the file when it cannot be one."""
    try:
        content = _parsed(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    content = {} if content is None else content
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds no settings; take a mapping, such as `config: {{}}`")
    config = content.get("config")
    if config is not None and not isinstance(config, dict):
        raise ValueError(f"{path}: config is {config!r}; take a mapping of keys to values")
    return {**content, "config": config or {}}


@functools.cache
def _parsed(text: str) -> Mapping[str, Any]:
    # Read several times for one run, and slowly.
    return yaml.safe_load(text)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def declare(stack: str, *, preview: bool = False, root: Path = ROOT, **settings: object) -> Program:
    """All that the program in `root` declares for a stack, with some settings changed for this run.

    Raises what the program raises. `preview=True` is the first preview: nothing computed is known.
    """
    cloud = FirstPreview() if preview else Applied.of(stack_config(stack, root))
    return run_checkout(stack, cloud, settings, preview=preview, root=root)


def run_checkout(
    stack: str,
    cloud: Mocks,
    settings: Mapping[str, object],
    *,
    preview: bool = False,
    root: Path = ROOT,
) -> Program:
    """Run the program in `root` as a stack, with some settings changed for this run."""
    return run(
        # As a folder, as the CLI runs it: the program finds modules that lie beside it.
        lambda: runpy.run_path(str(root), run_name="__main__"),
        stack=stack,
        config=stack_config(stack, root, settings),
        cloud=cloud,
        project=_project(root)["name"],
        preview=preview,
    )
