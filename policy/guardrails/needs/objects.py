"""What a call of S3 takes, which says in its arguments which bucket it is about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..iam.actions import takes
from ..iam.arns import is_arn
from .need import Need

_OBJECT = "/${ObjectName}"


def in_bucket(needs: Iterable[Need], arguments: Mapping[str, Any]) -> Iterator[Need]:
    """The needs of a call, those of S3 limited to the bucket that it names; of its keys, more than one may be used."""
    bucket = arguments.get("Bucket")
    # What is copied is in another one.
    known = isinstance(bucket, str) and "{%" not in bucket and not is_arn(bucket)
    if not known or "CopySource" in arguments:
        yield from needs
        return
    for need in needs:
        if need.action.startswith("s3:"):
            of_objects = any(form.text.endswith(_OBJECT) for form in takes(need.action))
            resources = (f"{bucket}/*" if of_objects else str(bucket),)
            yield replace(need, service="s3", resources=resources)
        else:
            yield need
