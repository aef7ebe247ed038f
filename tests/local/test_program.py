"""A program runs as it would on an engine: what an engine refuses is refused."""

import signal
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import MockResourceArgs
from pulumi_aws import sqs

from local.mocks import Applied
from local.program import Program, run, stack_config

DEADLINE_SECONDS = 5.0
MANY = 100
"""More than are made at the same time."""


class Shelf(pulumi.ComponentResource):
    """Holds a queue."""

    def __init__(self, name: str, queue: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("shop:index:Shelf", name, {}, opts)
        sqs.Queue(queue, opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


class Rack(pulumi.ComponentResource):
    """Holds a shelf."""

    def __init__(self, name: str, queue: str) -> None:
        super().__init__("shop:index:Rack", name, {})
        Shelf(name, queue, pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def declared(*makers) -> Program:
    def program() -> None:
        for make in makers:
            make()

    return run(program, stack="dev", config={}, cloud=Applied())


def test_a_resource_is_known_by_all_that_it_is_part_of():
    program = declared(lambda: Rack("rack", "deep"), lambda: sqs.Queue("top"))

    deep, top = program.of("aws:sqs/queue:Queue")
    assert deep.urn == (
        "urn:pulumi:dev::ordermesh::shop:index:Rack$shop:index:Shelf$aws:sqs/queue:Queue::deep"
    )
    assert top.urn == "urn:pulumi:dev::ordermesh::aws:sqs/queue:Queue::top"


@pytest.mark.parametrize(
    "again",
    [lambda: Shelf("other", "books"), lambda: Shelf("shelf", "more")],
    ids=["in another component of its type", "a component"],
)
def test_a_resource_that_is_declared_twice_is_refused(again):
    with pytest.raises(ValueError, match=r"'(books|shelf)' is declared twice; names of a type"):
        declared(lambda: Shelf("shelf", "books"), again)


def test_resources_of_one_name_differ_by_what_they_are_part_of():
    program = declared(lambda: Shelf("shelf", "books"), lambda: sqs.Queue("books"))

    assert len(program.of("aws:sqs/queue:Queue")) == 2


class Slow(Applied):
    """Answers nothing until it is let go on; the first that it is asked for gives the run up."""

    def __init__(self, give_up: Callable[[], object]) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.workers = set[threading.Thread]()
        self.asked: list[str] = []
        self._give_up = give_up

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.asked.append(args.name)
        self.workers.add(threading.current_thread())
        if len(self.asked) == 1:
            # Until the others wait for their turn.
            self.go_on.wait(1)
            self._give_up()
        self.go_on.wait(DEADLINE_SECONDS)
        return super().new_resource(args)


@pytest.fixture
def _ending_when_told() -> Iterator[None]:
    """SIGTERM as the commands take it, for one test."""
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("_ending_when_told")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_what_waits_for_its_turn_is_not_made_once_a_run_is_interrupted(told: signal.Signals):
    main = threading.main_thread()
    assert main.ident
    cloud = Slow(partial(signal.pthread_kill, main.ident, told))

    with pytest.raises(KeyboardInterrupt):
        run(
            lambda: [sqs.Queue(f"queue-{number}") for number in range(MANY)],
            stack="dev",
            config={},
            cloud=cloud,
        )

    cloud.go_on.set()
    for worker in cloud.workers:
        worker.join(DEADLINE_SECONDS)
    assert len(cloud.asked) == len(cloud.workers) < MANY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("config: [", "cannot be read: while parsing"),
        ("- one", "holds no settings; take a mapping"),
        ("config: text", "config is 'text'; take a mapping"),
        ("config: [1]", r"config is \[1\]; take a mapping"),
        (None, "cannot be read: .*No such file"),
    ],
)
def test_a_stack_file_that_is_none_is_named(tmp_path: Path, text: str | None, said: str):
    (tmp_path / "Pulumi.yaml").write_text("name: shop")
    if text is not None:
        (tmp_path / "Pulumi.dev.yaml").write_text(text)

    with pytest.raises(ValueError, match=rf"Pulumi\.dev\.yaml:? {said}"):
        stack_config("dev", tmp_path)


def test_a_project_without_a_name_is_named(tmp_path: Path):
    (tmp_path / "Pulumi.yaml").write_text("config: {}")
    (tmp_path / "Pulumi.dev.yaml").write_text("")

    with pytest.raises(ValueError, match=r"Pulumi\.yaml has no name; take one, such as `name: "):
        stack_config("dev", tmp_path)


@pytest.mark.parametrize("text", ["", "config:"])
def test_a_stack_file_may_leave_everything_as_it_is(tmp_path: Path, text: str):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nconfig: {size: {default: 3}}")
    (tmp_path / "Pulumi.dev.yaml").write_text(text)

    assert stack_config("dev", tmp_path) == {"shop:size": "3"}
