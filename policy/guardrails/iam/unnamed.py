"""What a policy cannot name, and is narrowed to all the same.

A phone number has no ARN. The queues of Airflow's workers, and the keys of these queues, are in accounts of AWS's own.
"""

from collections.abc import Iterable, Sequence

from .actions import PERMISSIONS, Action, expand
from .arns import has_wildcard, is_arn, is_everything, segments
from .documents import Document

TEXTS = 'for text messages, which go to no topic, write "NotResource": "arn:aws:sns:*:*:*" instead of Resource'
_PUBLISH = "sns:Publish"
_QUEUES_OF_AIRFLOW = "airflow-celery-"
_BY_AIRFLOW = frozenset(
    f"sqs:{name}"
    for name in (
        *("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes"),
        *("GetQueueUrl", "ReceiveMessage", "SendMessage"),
    )
)
"""What AWS documents for the execution role of an Airflow environment."""


def sends_texts(actions: Iterable[Action]) -> bool:
    """Whether one of some actions can be done to a phone number."""
    return any(action.name == _PUBLISH for action in actions)


def denies_topics(document: Document) -> bool:
    """Whether a document lets nothing be published to any topic, whatever else it allows."""
    return any(
        not statement.allows
        and not statement.conditions
        and any(map(_is_every_topic, statement.resources))
        and any(sends_texts(expand(action)) for action in statement.actions)
        for statement in document.statements
    )


def may_exclude(action: Action, excluded: Iterable[str], keys: Sequence[str]) -> bool:
    """Whether an action can only be allowed on all but what is `excluded`, under conditions on some `keys`."""
    if action.name == _PUBLISH:
        return any(map(_is_every_topic, excluded))
    # Keys of other accounts; on "*" the same condition would do.
    through_service = any(key.lower() == "kms:viaservice" and action.knows(key) for key in keys)
    return through_service and action.access != PERMISSIONS


def by_airflow(resource: str) -> frozenset[str]:
    """The actions that Airflow does to its own queues, if a resource is no more than these; otherwise none."""
    _, _, service, region, _, name = segments(resource)
    of_airflow = service == "sqs" and name.startswith(_QUEUES_OF_AIRFLOW)
    return _BY_AIRFLOW if of_airflow and not has_wildcard(region) else frozenset()


def _is_every_topic(resource: str) -> bool:
    service, *rest = segments(resource)[2:]
    return is_arn(resource) and service == "sns" and all(map(is_everything, rest))
