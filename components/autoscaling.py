"""Autoscaling of provisioned DynamoDB capacity."""

import pulumi
from pulumi_aws import appautoscaling

from components.platform import Capacity

TARGET_UTILISATION_PERCENT = 70
"""AWS's own default for DynamoDB."""
READ_UNITS = WRITE_UNITS = 5
MOST_UNITS = 100


def autoscale(
    name: str, resource_id: str, capacity: Capacity, opts: pulumi.ResourceOptions
) -> None:
    """Let the read and write units of a table, or of an index of it, follow the load.

    `resource_id` is Application Auto Scaling's: `table/NAME` or `table/NAME/index/NAME`. Nothing in it says
    that the table must exist before, so `opts` has to.
    """
    level = "index" if "/index/" in resource_id else "table"
    least = {
        "Read": capacity.get("read", READ_UNITS),
        "Write": capacity.get("write", WRITE_UNITS),
    }
    most = capacity.get("max", MOST_UNITS)
    for verb, units in least.items():
        if units > most:
            raise ValueError(
                f"{resource_id} has {verb.lower()} capacity of {units} units; "
                f"that must not exceed max, which is {most}"
            )
        label = f"{name}-{level}-{verb.lower()}"
        target = appautoscaling.Target(
            f"{label}-units",
            service_namespace="dynamodb",
            resource_id=resource_id,
            scalable_dimension=f"dynamodb:{level}:{verb}CapacityUnits",
            min_capacity=units,
            max_capacity=most,
            opts=opts,
        )
        appautoscaling.Policy(
            f"{label}-scaling",
            name=f"{label}-scaling",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            target_tracking_scaling_policy_configuration={
                "target_value": TARGET_UTILISATION_PERCENT,
                "predefined_metric_specification": {
                    "predefined_metric_type": f"DynamoDB{verb}CapacityUtilization"
                },
            },
            opts=opts,
        )
