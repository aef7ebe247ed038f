"""Notifications: tells customers what became of their orders, by e-mail and to subscribers, and welcomes users."""

import json
from collections.abc import Sequence

import pulumi
from pulumi_aws import ses, sns

from components.bus import Bus
from components.link import Link
from components.platform import Platform, arn, physical_name, topic_arn
from components.service import Service
from events.catalogue import (
    OrderCancelled,
    OrderConfirmed,
    OrderFulfilled,
    OrderPaid,
    OrderShipped,
    UserRegistered,
)

TOPIC = "notifications-topic"
ALWAYS = (OrderPaid, OrderCancelled, OrderShipped, OrderFulfilled, UserRegistered)
TOLD_OF = {"orchestrated": ALWAYS, "choreographed": (OrderConfirmed, *ALWAYS)}
"""Events that people are told about; a saga tells them itself that an order is confirmed."""


class Notifications(Service):
    """Owns what was sent to whom."""

    def __init__(
        self,
        platform: Platform,
        bus: Bus,
        sender_email: str,
        subscribers: Sequence[str],
        *,
        coordination: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("notifications", {"platform": platform, "bus": bus, "key": "id"}, opts)
        topic = sns.Topic(
            TOPIC,
            name=physical_name(platform, TOPIC),
            kms_master_key_id=platform.get("key_arn"),
            opts=self._child,
        )
        sns.TopicPolicy(
            f"{TOPIC}-policy",
            arn=topic.arn,
            policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "TlsOnly",
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "sns:Publish",
                            "Resource": topic_arn(platform, TOPIC),
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        }
                    ],
                }
            ),
            opts=self._child,
        )
        for each in subscribers:
            sns.TopicSubscription(
                f"{TOPIC}-{each}",
                topic=topic.arn,
                protocol="email" if "@" in each else "sms",
                endpoint=each,
                opts=self._child,
            )
        ses.EmailIdentity(f"{self.name}-sender", email=sender_email, opts=self._child)
        publishing: Link = {
            "environment": {"TOPIC_ARN": topic_arn(platform, TOPIC)},
            "actions": ["sns:Publish"],
            "resources": [topic_arn(platform, TOPIC)],
        }
        mailing: Link = {
            "environment": {"SENDER_EMAIL": sender_email},
            "actions": ["ses:SendEmail"],
            "resources": [arn(platform, "ses", f"identity/{sender_email}")],
        }
        self._participating = (
            self.table.allowing("NOTIFICATIONS_TABLE", "GetItem", "PutItem", "UpdateItem"),
            publishing,
            mailing,
        )
        self.listener(
            "notify-customer",
            "notify.handler",
            TOLD_OF[coordination],
            *self._participating,
        )
        self.topic_arn = topic.arn
        self.register_outputs({})
