"""Application Auto Scaling: what follows the load, and how."""

from local.resources.declaration import Aws, Declaration, Made, pascal


def target(aws: Aws, declared: Declaration) -> Made:
    arn = aws("application-autoscaling").register_scalable_target(
        **declared.capitalised("serviceNamespace", "resourceId", "scalableDimension"),
        **declared.capitalised("minCapacity", "maxCapacity"),
    )["ScalableTargetARN"]
    return Made(declared["resourceId"], {"arn": arn})


def policy(aws: Aws, declared: Declaration) -> Made:
    name = declared.physical_name
    arn = aws("application-autoscaling").put_scaling_policy(
        PolicyName=name,
        PolicyType=declared.get("policyType", "StepScaling"),
        **declared.capitalised("serviceNamespace", "resourceId", "scalableDimension"),
        TargetTrackingScalingPolicyConfiguration=pascal(
            declared["targetTrackingScalingPolicyConfiguration"]
        ),
    )["PolicyARN"]
    return Made(name, {"arn": arn, "name": name})


TYPES = {
    "aws:appautoscaling/target:Target": target,
    "aws:appautoscaling/policy:Policy": policy,
}
