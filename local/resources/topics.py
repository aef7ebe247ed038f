"""SNS and SES: topics, subscriptions, and addresses that mail is sent from."""

from local.resources.declaration import Aws, Declaration, Made

ACCOUNT = "000000000000"


def topic(aws: Aws, declared: Declaration) -> Made:
    arn = aws("sns").create_topic(
        Name=declared.physical_name,
        Attributes=declared.capitalised("displayName", "kmsMasterKeyId", "policy"),
        Tags=declared.tags(),
    )["TopicArn"]
    return Made(arn, {"arn": arn, "name": declared.physical_name, "owner": ACCOUNT})


def topic_policy(aws: Aws, declared: Declaration) -> Made:
    aws("sns").set_topic_attributes(
        TopicArn=declared["arn"], AttributeName="Policy", AttributeValue=declared["policy"]
    )
    return Made(declared["arn"], {"owner": ACCOUNT})


def topic_subscription(aws: Aws, declared: Declaration) -> Made:
    attributes = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in declared.capitalised(
            "filterPolicy", "filterPolicyScope", "rawMessageDelivery", "redrivePolicy"
        ).items()
    }
    arn = aws("sns").subscribe(
        TopicArn=declared["topic"],
        Protocol=declared["protocol"],
        Endpoint=declared["endpoint"],
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Made(arn, {"arn": arn})


def sender(aws: Aws, declared: Declaration) -> Made:
    """An address of SES's first API; the embedded AWS verifies it without asking its owner."""
    aws("ses").verify_email_identity(EmailAddress=declared["email"])
    return Made(declared["email"], {"arn": _identity(aws, declared["email"])})


def email_identity(aws: Aws, declared: Declaration) -> Made:
    name = declared["emailIdentity"]
    found = aws("sesv2").create_email_identity(EmailIdentity=name, Tags=declared.tags())
    return Made(name, {"arn": _identity(aws, name), "identityType": found.get("IdentityType", "")})


def _identity(aws: Aws, name: str) -> str:
    return f"arn:aws:ses:{aws('ses').meta.region_name}:{ACCOUNT}:identity/{name}"


TYPES = {
    "aws:sns/topic:Topic": topic,
    "aws:sns/topicPolicy:TopicPolicy": topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": topic_subscription,
    "aws:ses/emailIdentity:EmailIdentity": sender,
    "aws:sesv2/emailIdentity:EmailIdentity": email_identity,
}
