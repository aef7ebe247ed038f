"""A program runs as it would on an engine: what an engine refuses is refused."""

import pulumi
import pytest
from pulumi_aws import sqs

from local.mocks import Applied
from local.program import Program, run


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
