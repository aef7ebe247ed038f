"""Whether the policies of queues and topics let in what sends to them."""

from .aws import QUEUE, QUEUE_POLICY, TOPIC_POLICY
from .function_permissions import means
from .iam.actions import expand
from .iam.documents import Document, Statement
from .iam.principals import service_name
from .policies import Kind, held, judgeable
from .resource import Resource, Stack

_DELIVERS = frozenset({"sqs:SendMessage", "sns:Publish"})


def is_let_in(
    destination: Resource, service: str, kind: str, name: str | None, stack: Stack
) -> bool:
    """Whether the policies of a queue or topic let a service in for a resource of a type and name; none if it has none yet."""
    queue = destination.type == QUEUE
    type_, property_ = (QUEUE_POLICY, "queueUrl") if queue else (TOPIC_POLICY, "arn")
    holding = [
        destination,
        *(
            policy
            for policy in stack.of(type_)
            if destination
            in stack.named_by(policy, property_, policy.get(property_), destination.type)
        ),
    ]
    judged = [found for holder in holding for found in judgeable(holder, Kind.RESOURCE)]
    # A policy that cannot be judged is reported by iam-document-known.
    unjudged = any(list(held(holder)) for holder in holding) and not judged
    return unjudged or any(_admits(document, service, kind, name) for document in judged)


def _admits(document: Document, service: str, kind: str, name: str | None) -> bool:
    return any(
        any(each == "*" or service_name(each) == service for _, each in statement.principals)
        and any(found.name in _DELIVERS for action in statement.actions for found in expand(action))
        and _names(statement, kind, name)
        for statement in document.allowing()
    )


def _names(statement: Statement, kind: str, name: str | None) -> bool:
    """Whether a statement is about what sends, as far as its name is known; one without a source is about all."""
    sources = [test.values for test in statement.conditions if test.key.lower() == "aws:sourcearn"]
    return (
        not sources
        or name is None
        or any(means(value, kind, name) for values in sources for value in values)
    )
