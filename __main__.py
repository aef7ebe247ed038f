"""The order system on one page: settings, components, wires, exports."""

import pulumi

from components.api import Api
from components.bus import Bus
from components.foundation import Foundation
from components.observability import Observability, failure_queues, routes
from components.route import Route
from components.saga import Saga
from components.service import endpoints
from components.services.analytics import Analytics
from components.services.inventory import Inventory
from components.services.journal import Journal
from components.services.notifications import Notifications
from components.services.order_choreography import choreograph
from components.services.order_saga import order_steps
from components.services.orders import Orders
from components.services.payments import Payments
from components.services.shipping import Shipping
from components.services.users import Users
from events.catalogue import CATALOGUE, OrderCreated
from events.contract import check_catalogue, published
from events.routing import check_routes
from events.schema import schema_texts
from events.wiring import pattern
from settings import Settings

settings = Settings.load()
check_catalogue(CATALOGUE, published())
platform = Foundation(
    "foundation",
    {
        "platform": settings.platform(),
        "customer_key": settings.customer_key,
        "private": settings.vpc,
    },
).platform

bus = Bus(
    "bus",
    {
        "platform": platform,
        "archive_days": settings.archive_days,
        "schemas": schema_texts(CATALOGUE),
    },
)
orders = Orders(platform, bus, settings.coordination)
inventory = Inventory(platform, bus)
payments = Payments(platform, bus, settings.payment_success_rate)
shipping = Shipping(platform, bus)
notifications = Notifications(
    platform,
    bus,
    settings.sender_email,
    settings.notification_subscribers,
    coordination=settings.coordination,
)
users = Users(platform, bus)
journal = Journal(platform, bus)
analytics = Analytics(platform, bus, settings.analytics_buffer, settings.analytics_buffer_seconds)

if settings.coordination == "orchestrated":
    saga = Saga(
        "order-saga",
        {
            "platform": platform,
            "steps": order_steps(orders, inventory, payments, shipping, notifications),
            "settle_arn": orders.task("settle-order", "settle"),
        },
    )
    start = Route(
        "start-saga",
        {
            "platform": platform,
            "bus": bus.name,
            "bus_name": bus.bus_name,
            "pattern": pattern(OrderCreated),
            "targets": [{"arn": saga.static_arn, "input_path": "$.detail"}],
        },
    )
    coordination = [saga, start]
    pulumi.export("sagaArn", saga.machine_arn)
    pulumi.export("sagaResumeArn", saga.resume_arn)
    pulumi.export("parkedTableName", saga.parked_table_name)
else:
    choreograph(orders, inventory, payments, shipping)
    coordination = []

services = [orders, inventory, payments, shipping, notifications, journal, users]
api = Api("api", {"platform": platform, "endpoints": endpoints(services), "firewall": settings.waf})

parts = [bus, *services, analytics, *coordination, api]
check_routes(CATALOGUE, routes(parts), keeping=routes([journal, analytics]))
overview = Observability(
    "overview", {"platform": platform, "watched": parts, "alarm_email": settings.alarm_email}
)

pulumi.export("apiUrl", api.url)
pulumi.export("eventBusName", bus.bus_name)
pulumi.export("eventBusArn", bus.bus_arn)
pulumi.export("ordersTableName", orders.table.table_name)
pulumi.export("productsTableName", orders.products.table_name)
pulumi.export("inventoryTableName", inventory.table.table_name)
pulumi.export("paymentsTableName", payments.table.table_name)
pulumi.export("shipmentsTableName", shipping.table.table_name)
pulumi.export("notificationsTableName", notifications.table.table_name)
pulumi.export("usersTableName", users.table.table_name)
pulumi.export("journalTableName", journal.table.table_name)
pulumi.export("analyticsBucketName", analytics.bucket_name)
pulumi.export("analyticsDatabaseName", analytics.database_name)
pulumi.export("athenaWorkgroupName", analytics.workgroup_name)
pulumi.export("notificationTopicArn", notifications.topic_arn)
pulumi.export("alarmTopicArn", overview.alarm_topic_arn)
pulumi.export("dashboardName", overview.dashboard_name)
pulumi.export("orderServiceName", orders.api.function_name)
pulumi.export("failureQueues", failure_queues(parts))
