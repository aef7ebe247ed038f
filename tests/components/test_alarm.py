import pulumi

from components.alarm import AlarmArgs, alarm
from tests.programs import PLATFORM, declared_by

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:shop-test-alarms"
ARGS: AlarmArgs = {
    "platform": PLATFORM,
    "description": "stock runs low. Order more.",
    "namespace": "AWS/SQS",
    "metric": "Depth",
    "dimensions": {"QueueName": "stock"},
}
DECLARED = {
    "name": "shop-test-stock-low",
    "alarmDescription": "stock runs low. Order more.",
    "namespace": "AWS/SQS",
    "metricName": "Depth",
    "dimensions": {"QueueName": "stock"},
    "statistic": "Sum",
    "period": 60,
    "evaluationPeriods": 1,
    "threshold": 1,
    "comparisonOperator": "GreaterThanOrEqualToThreshold",
    "treatMissingData": "notBreaching",
    "alarmActions": [TOPIC],
    "okActions": [TOPIC],
}


def declared(args: AlarmArgs):
    def build() -> None:
        alarm("stock-low", args, parent=pulumi.ComponentResource("test:index:Shop", "shop"))

    return declared_by(build).only(ALARM)


def test_an_alarm_goes_off_at_the_first_occurrence_in_a_minute():
    assert declared(ARGS).inputs == DECLARED


def test_an_alarm_can_wait_for_several_periods_at_a_threshold():
    args: AlarmArgs = {
        **ARGS,
        "threshold": 80,
        "statistic": "Maximum",
        "period_seconds": 300,
        "periods": 3,
    }

    assert declared(args).inputs == DECLARED | {
        "threshold": 80,
        "statistic": "Maximum",
        "period": 300,
        "evaluationPeriods": 3,
    }


def test_an_alarm_belongs_to_what_it_watches():
    assert declared(ARGS).parent.endswith("test:index:Shop::shop")
