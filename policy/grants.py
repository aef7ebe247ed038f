"""The reviewed snapshot of everything that the roles of each stack may do, whichever way its services are coordinated.

Run `python -m policy.grants` to write it anew; what a change of the program lets roles do is then seen in review.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from local.program import Declared

from .check import MODES, STACKS, declared
from .guardrails.aws import ROLE
from .guardrails.iam.documents import Statement
from .guardrails.policies import Kind, judgeable
from .guardrails.resource import Resource, Stack
from .guardrails.role_users import documents

SNAPSHOT = Path(__file__).parent / "grants.json"
REVIEWED = {"orchestrated": "", "choreographed": "choreographed"}
"""Each way to coordinate, which has roles of its own, to what `check.OPTIONS` calls it."""


def text() -> str:
    """The snapshot as the programs are now."""
    found = {
        stack: {
            coordination: snapshot(declared(stack, MODES[1], options))
            for coordination, options in REVIEWED.items()
        }
        for stack in STACKS
    }
    return json.dumps(found, indent=1) + "\n"


def snapshot(program: Sequence[Declared]) -> dict[str, dict[str, list[str]]]:
    """For each role of a program, who may assume it and what it may do, one line for each grant."""
    stack = Stack([_resource(each) for each in program])
    return {
        role.name: {
            "assumed by": sorted(
                name
                for document in judgeable(role, Kind.TRUST)
                for statement in document.allowing()
                for _, name in statement.principals
            ),
            "may": sorted(
                line
                for document in documents(role, stack)
                for statement in document.statements
                for line in _lines(statement)
            ),
        }
        for role in sorted(stack.of(ROLE), key=lambda role: role.name)
    }


def _lines(statement: Statement) -> Iterator[str]:
    effect = "" if statement.allows else "not "
    tests = sorted(
        f"{test.key} {test.operator} {', '.join(sorted(test.values))}"
        for test in statement.conditions
    )
    condition = f" if {' and '.join(tests)}" if tests else ""
    actions = statement.actions or [f"all but {', '.join(statement.not_actions)}"]
    resources = statement.resources or [f"all but {', '.join(statement.not_resources)}"]
    for action in actions:
        for resource in resources:
            yield f"{effect}{action} on {resource}{condition}"


def _resource(each: Declared) -> Resource:
    return Resource(
        type=each.type,
        name=each.name,
        urn=each.urn,
        props=each.inputs,
        depends_on=each.property_dependencies,
    )


if __name__ == "__main__":
    SNAPSHOT.write_text(text())
