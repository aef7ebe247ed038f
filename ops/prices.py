"""Unit prices: AWS's list prices of us-east-1 in USD, before any free tier or discount."""

from dataclasses import dataclass
from decimal import Decimal

AS_OF = "2025-01"
"""When these were the list prices; compare with their sources before you plan a budget by them."""


@dataclass(frozen=True)
class Price:
    """What so many of something cost."""

    unit: str
    usd: Decimal
    """For one `per`."""
    source: str
    per: int = 1

    def of(self, quantity: Decimal) -> Decimal:
        """What a quantity costs."""
        return quantity * self.usd / self.per


MILLION = 1_000_000
AWS = "https://aws.amazon.com"

TRANSITION = Price("state transition", Decimal(25), f"{AWS}/step-functions/pricing/", MILLION)
EVENT = Price("event of up to 64 KB", Decimal(1), f"{AWS}/eventbridge/pricing/", MILLION)
CALL = Price("function call", Decimal("0.20"), f"{AWS}/lambda/pricing/", MILLION)
COMPUTE = Price("GB-second on arm64", Decimal("0.0000133334"), f"{AWS}/lambda/pricing/")
QUEUE_REQUEST = Price("queue request", Decimal("0.40"), f"{AWS}/sqs/pricing/", MILLION)
WRITE = Price("write of 1 KB", Decimal("0.625"), f"{AWS}/dynamodb/pricing/on-demand/", MILLION)
READ = Price("read of 4 KB", Decimal("0.125"), f"{AWS}/dynamodb/pricing/on-demand/", MILLION)
API_REQUEST = Price("REST request", Decimal("3.50"), f"{AWS}/api-gateway/pricing/", MILLION)
TOPIC_REQUEST = Price("published message", Decimal("0.50"), f"{AWS}/sns/pricing/", MILLION)
EMAIL = Price("e-mail", Decimal(100), f"{AWS}/ses/pricing/", MILLION)
LOGS = Price("GB of logs", Decimal("0.50"), f"{AWS}/cloudwatch/pricing/")
ALARM = Price("alarm", Decimal("0.10"), f"{AWS}/cloudwatch/pricing/")
DASHBOARD = Price("dashboard", Decimal(3), f"{AWS}/cloudwatch/pricing/")
KEY = Price("customer key", Decimal(1), f"{AWS}/kms/pricing/")
READ_HOUR = Price("read unit-hour", Decimal("0.00013"), f"{AWS}/dynamodb/pricing/provisioned/")
WRITE_HOUR = Price("write unit-hour", Decimal("0.00065"), f"{AWS}/dynamodb/pricing/provisioned/")
SHARD_HOUR = Price("shard-hour", Decimal("0.015"), f"{AWS}/kinesis/data-streams/pricing/")
STREAM_HOUR = Price("stream-hour", Decimal("0.04"), f"{AWS}/kinesis/data-streams/pricing/")
STREAMED = Price("GB into a stream", Decimal("0.08"), f"{AWS}/kinesis/data-streams/pricing/")
STREAM_READ = Price("GB out of a stream", Decimal("0.04"), f"{AWS}/kinesis/data-streams/pricing/")
DELIVERED = Price("GB delivered", Decimal("0.029"), f"{AWS}/firehose/pricing/")
ENDPOINT_HOUR = Price("interface endpoint-hour", Decimal("0.01"), f"{AWS}/privatelink/pricing/")
GATEWAY_HOUR = Price("NAT gateway-hour", Decimal("0.045"), f"{AWS}/vpc/pricing/")
WEB_ACL = Price("web ACL", Decimal(5), f"{AWS}/waf/pricing/")
WEB_ACL_RULE = Price("web ACL rule", Decimal(1), f"{AWS}/waf/pricing/")
FILTERED_REQUEST = Price("filtered request", Decimal("0.60"), f"{AWS}/waf/pricing/", MILLION)
