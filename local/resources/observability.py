"""CloudWatch: log groups and streams, alarms and dashboards."""

from local.resources.declaration import Aws, Declaration, Made


def log_group(aws: Aws, declared: Declaration) -> Made:
    logs, name = aws("logs"), declared.physical_name
    logs.create_log_group(
        logGroupName=name,
        tags=declared.get("tags", {}),
        **declared.same("kmsKeyId", "logGroupClass"),
    )
    if days := declared.get("retentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    arn = f"arn:aws:logs:{logs.meta.region_name}:000000000000:log-group:{name}"
    return Made(name, {"arn": arn, "name": name})


def log_stream(aws: Aws, declared: Declaration) -> Made:
    logs, group, name = aws("logs"), declared["logGroupName"], declared.physical_name
    logs.create_log_stream(logGroupName=group, logStreamName=name)
    arn = f"arn:aws:logs:{logs.meta.region_name}:000000000000:log-group:{group}:log-stream:{name}"
    return Made(name, {"arn": arn, "name": name})


def metric_alarm(aws: Aws, declared: Declaration) -> Made:
    name, cloudwatch = declared.physical_name, aws("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Dimensions=[
            {"Name": key, "Value": value} for key, value in declared.get("dimensions", {}).items()
        ],
        Tags=declared.tags(),
        **declared.renamed(
            OKActions="okActions",
            AlarmActions="alarmActions",
            ExtendedStatistic="extendedStatistic",
        ),
        **declared.capitalised("alarmDescription", "metricName", "namespace", "statistic"),
        **declared.capitalised("period", "evaluationPeriods", "datapointsToAlarm", "threshold"),
        **declared.capitalised("comparisonOperator", "treatMissingData", "actionsEnabled", "unit"),
    )
    arn = f"arn:aws:cloudwatch:{cloudwatch.meta.region_name}:000000000000:alarm:{name}"
    return Made(name, {"arn": arn, "name": name})


def dashboard(aws: Aws, declared: Declaration) -> Made:
    name = declared["dashboardName"]
    aws("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=declared["dashboardBody"])
    return Made(name, {"dashboardArn": f"arn:aws:cloudwatch::000000000000:dashboard/{name}"})


TYPES = {
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws:cloudwatch/logStream:LogStream": log_stream,
    "aws:cloudwatch/metricAlarm:MetricAlarm": metric_alarm,
    "aws:cloudwatch/dashboard:Dashboard": dashboard,
}
