"""Alarms: each component raises its own, so that nothing can be deployed without them."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch

from components.platform import Platform, physical_name, topic_arn

ALARM_TOPIC = "alarms"
"""Name of the topic that every alarm of a stack notifies; `Observability` makes it."""
LONGEST_ALARM_NAME = 255
"""Characters: CloudWatch's limit. An alarm is named after what it watches, and so has a longer name than that."""


class AlarmArgs(TypedDict):
    """When to wake somebody."""

    platform: Platform
    """What the stack's components share."""
    description: str
    """What happened and what to do, for the person who is woken."""
    namespace: str
    """CloudWatch namespace of the metric."""
    metric: str
    """CloudWatch name of the metric."""
    dimensions: Mapping[str, pulumi.Input[str]]
    """Which resource is watched."""
    threshold: NotRequired[float]
    """The alarm goes off at this value or above. Default: 1."""
    statistic: NotRequired[str]
    """How a period is summed up. Default: Sum."""
    period_seconds: NotRequired[int]
    """Length of a period. Default: 60."""
    periods: NotRequired[int]
    """Periods in a row at the threshold. Default: 1."""


def alarm(name: str, args: AlarmArgs, parent: pulumi.Resource) -> cloudwatch.MetricAlarm:
    """Declare an alarm that notifies the stack's alarm topic when it goes off and when it is over."""
    platform = args["platform"]
    topic = topic_arn(platform, ALARM_TOPIC)
    return cloudwatch.MetricAlarm(
        name,
        name=physical_name(platform, name, LONGEST_ALARM_NAME),
        alarm_description=args["description"],
        namespace=args["namespace"],
        metric_name=args["metric"],
        dimensions=args["dimensions"],
        statistic=args.get("statistic", "Sum"),
        period=args.get("period_seconds", 60),
        evaluation_periods=args.get("periods", 1),
        threshold=args.get("threshold", 1),
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=[topic],
        ok_actions=[topic],
        opts=pulumi.ResourceOptions(parent=parent),
    )
