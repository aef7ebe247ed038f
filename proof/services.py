"""Grants that AWS services use by themselves, and for which the embedded AWS never asks the role.

The policy pack's rule `iam-grants-match-definition` derives them from what is declared: none may be missing, none too many.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from proof.grants import Grant


@dataclass(frozen=True)
class Reason:
    """Who uses an action, and what for."""

    action: str
    """The action, or a pattern for several."""
    why: str
    resource: str = "*"
    """The resource, or a pattern for several."""

    def covers(self, grant: Grant) -> bool:
        """Whether this is why a grant is needed."""
        return fnmatchcase(grant.action, self.action) and fnmatchcase(grant.resource, self.resource)


REASONS = (
    Reason("logs:CreateLogStream", "Lambda opens a log stream for each process of a function"),
    Reason("logs:PutLogEvents", "Lambda writes what a function logs", "log-group:/aws/lambda/*"),
    Reason(
        "logs:PutLogEvents",
        "Firehose writes why it could not deliver",
        "log-group:/aws/kinesisfirehose/*",
    ),
    Reason("logs:*LogDeliver*", "Step Functions sets up where a machine's log goes"),
    Reason("logs:DescribeLogGroups", "Step Functions looks for the machine's log group"),
    Reason("logs:*ResourcePolic*", "Step Functions lets itself write to the machine's log group"),
    Reason(
        "s3:*", "Firehose writes batches of events into the bucket, and completes or drops uploads"
    ),
    Reason("firehose:PutRecord", "EventBridge hands events to the delivery stream"),
    Reason("xray:Put*", "the service that runs a traced function or machine reports to X-Ray"),
    Reason("xray:GetSampling*", "Step Functions asks X-Ray which executions to trace"),
)
"""Whoever adds one says who does it on AWS; a grant that our own code uses does not belong here."""


def reason(grant: Grant) -> Reason | None:
    """Why no flow can show that a grant is needed; none for a grant that some flow has to need."""
    return next((reason for reason in REASONS if reason.covers(grant)), None)
