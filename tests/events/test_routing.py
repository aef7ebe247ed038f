"""A route matches some event and looks at fields that it has; an event reaches somebody."""

import json
from typing import Any, ClassVar

import pytest
from ministack.services import eventbridge

from events.catalogue import CATALOGUE
from events.envelope import Event, Metadata, encode, wrap
from events.matchers import accepts
from events.routing import check_routes, matched
from events.wiring import pattern
from tests.events.catalogues import Closed, Item, Sold

EVENTS = (Sold, Closed)
SOLD = Sold(receipt_id="r-1", items=(Item(product_id="p-1", price=2.5),))


def test_a_route_for_every_event_passes():
    check_routes(EVENTS, {"count": pattern(Sold), "night": pattern(Closed)})


def test_an_event_that_nobody_consumes_is_refused_unless_it_is_terminal():
    with pytest.raises(ValueError, match="consumed by nobody") as refused:
        check_routes(EVENTS, {})

    assert str(refused.value) == (
        "event shop.sold is consumed by nobody; give it a route, or declare it terminal"
    )


def test_to_be_kept_with_all_others_is_not_to_be_consumed():
    routes = {"keep": {"source": ["shop"]}, "night": pattern(Closed)}

    check_routes(EVENTS, routes)
    with pytest.raises(ValueError, match="consumed by nobody") as refused:
        check_routes(EVENTS, routes, keeping=["keep"])

    assert str(refused.value) == (
        "event shop.sold is consumed by nobody, only kept by keep; give it a route, or declare it terminal"
    )


@pytest.mark.parametrize(
    "missing",
    [
        {"source": ["shop"], "detail-type": ["shop.sold.out"]},
        {"source": ["customers"], "detail-type": ["shop.sold"]},
        {"source": ["shop"], "detail": {"type": ["shop.opened"]}},
        {"source": ["shop"], "detail": {"version": ["2"]}},
        {"$or": [{"source": ["till"]}, {"detail-type": [{"suffix": ".failed"}]}]},
    ],
)
def test_a_route_that_no_event_matches_is_refused(missing: dict[str, Any]):
    with pytest.raises(ValueError, match="route 'late' matches no event") as refused:
        check_routes([Closed, Sold], {"count": pattern(Sold), "late": missing})

    assert str(refused.value) == (
        f"route 'late' matches no event: {json.dumps(missing)}; "
        "events are ['shop: shop.closed', 'shop: shop.sold']"
    )


@pytest.mark.parametrize(
    ("wanted", "field", "fields"),
    [
        (
            {"detail": {"data": {"total": ["1"]}}},
            "detail.data.total",
            "['customerName', 'items', 'receiptId', 'status', 'tillId']",
        ),
        (
            {"detail": {"data": {"items": {"amount": [1]}}}},
            "detail.data.items.amount",
            "['price', 'productId']",
        ),
        (
            {"$or": [{"detail": {"data": {"status": {"code": [1]}}}}]},
            "detail.data.status.code",
            "[]",
        ),
        ({"detail": {"metadata": {"orderId": ["1"]}}}, "detail.metadata.orderId", "['causationId'"),
        ({"detailType": ["shop.sold"]}, "detailType", "['account'"),
    ],
)
def test_a_pattern_on_a_field_that_its_event_lacks_is_refused(
    wanted: dict[str, Any], field: str, fields: str
):
    only_sold = {"detail-type": ["shop.sold"], **wanted}

    with pytest.raises(ValueError, match="has no field") as refused:
        check_routes(EVENTS, {"count": only_sold})

    assert f"route 'count': shop.sold has no field '{field}'" in str(refused.value)
    assert f"its fields there are {fields}" in str(refused.value)


@pytest.mark.parametrize(
    ("wanted", "flaw"),
    [
        ({}, "the pattern asks for nothing; leave it out, or name what has to match"),
        ({"detail": {}}, "detail asks for nothing; leave it out, or name what has to match"),
        ({"source": "shop"}, 'source must be a list of what may match, not "shop"'),
        ({"source": []}, "source must be a list of what may match, not []"),
        ({"source": [{"prefx": "sh"}]}, 'source {"prefx": "sh"} is no matcher; take one of'),
        ({"source": [{}]}, "source {} is no matcher; take one of"),
        (
            {"$or": [{"detail": {"type": [{"numeric": 1, "exists": True}]}}]},
            'detail.type {"numeric": 1, "exists": true} is no matcher',
        ),
    ],
)
def test_a_pattern_that_asks_for_nothing_that_there_can_be_is_refused(
    wanted: dict[str, Any], flaw: str
):
    with pytest.raises(ValueError, match="route 'count': ") as refused:
        check_routes([Closed], {"count": wanted})

    assert str(refused.value).startswith(f"route 'count': {flaw}")


@pytest.mark.parametrize(
    ("field", "matcher", "types"),
    [
        ("receiptId", {"numeric": [">", 5]}, "string"),
        ("receiptId", 5, "string"),
        ("receiptId", None, "string"),
        ("customerName", True, "null or string"),
        ("customerName", {"numeric": ["=", 1]}, "null or string"),
    ],
)
def test_a_matcher_that_matches_no_value_of_a_field_is_refused(field, matcher, types):
    with pytest.raises(ValueError, match="never matches") as refused:
        check_routes(EVENTS, {"count": pattern(Sold, where={field: ["x", matcher]})})

    assert str(refused.value).splitlines() == [
        f"route 'count': shop.sold's detail.data.{field} is {types}, which {json.dumps(matcher)} never matches"
    ]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (
            {"source": [{"prefx": "sh"}, {"sufix": "p"}]},
            ['source {"prefx": "sh"} is no matcher', 'source {"sufix": "p"} is no matcher'],
        ),
        (
            {"source": ["shop"], "detail": {"data": {"hour": ["9", 9, {"prefix": "1"}]}}},
            [
                """shop.closed's detail.data.hour is number, which "9" never matches""",
                """shop.closed's detail.data.hour is number, which {"prefix": "1"} never matches""",
            ],
        ),
        (
            {"$or": [{"sauce": ["shop"]}], "detail": {"date": {"hour": [9]}}},
            ["shop.closed has no field 'sauce'", "shop.closed has no field 'detail.date'"],
        ),
    ],
)
def test_all_that_is_wrong_is_told_at_once(wanted: dict[str, Any], told: list[str]):
    with pytest.raises(ValueError, match="route 'count': ") as refused:
        check_routes([Closed], {"count": wanted})

    said = [line.partition(";")[0] for line in str(refused.value).splitlines()]
    assert said == [f"route 'count': {one}" for one in told]


class Delivered(Closed, frozen=True, kw_only=True, rename="camel"):
    """Something was brought to somebody."""

    name: ClassVar[str] = "shop.delivered"

    item: Item | None = None


@pytest.mark.parametrize(
    "data",
    [
        {"hour": [{"numeric": [">", 8]}, 7]},
        {"hour": [{"exists": True}, {"anything-but": 3}]},
        {"item": {"productId": ["pen", {"prefix": "p"}], "price": [2.5]}},
    ],
)
def test_a_pattern_may_ask_for_what_a_field_can_be(data):
    wanted = {"detail-type": ["shop.delivered"], "detail": {"data": data}}

    check_routes([Delivered], {"count": wanted})


@pytest.mark.parametrize(
    "where",
    [
        {"items": {"price": [{"prefix": "2"}]}},
        {"items": {"price": ["2"]}},
    ],
)
def test_a_matcher_of_texts_matches_no_number(where):
    wanted = {"source": ["shop"], "detail-type": ["shop.sold"], "detail": {"data": where}}

    with pytest.raises(
        ValueError, match=r"shop\.sold's detail\.data\.items\.price is number, which"
    ):
        check_routes(EVENTS, {"count": wanted})


def test_a_pattern_may_look_at_any_field_that_there_is():
    wanted = {
        "account": ["123456789012"],
        "detail-type": ["shop.sold"],
        "detail": {
            "metadata": {"userId": ["c-1"], "faults": {"any": ["crash"]}},
            "data": {"items": {"price": [{"numeric": [">", 2]}]}, "customerName": [None, "Ada"]},
        },
    }

    check_routes(EVENTS, {"count": wanted})

    assert matched(wanted, EVENTS) == (Sold,)


PATTERNS: list[dict[str, Any]] = [
    {"source": ["shop"]},
    {"source": ["till", "shop"], "detail-type": ["shop.sold"]},
    {"source": ["till"]},
    {"detail-type": [{"prefix": "shop."}]},
    {"detail-type": [{"prefix": {"equals-ignore-case": "SHOP.S"}}]},
    {"detail-type": [{"prefix": "Shop."}]},
    {"detail-type": [{"suffix": ".sold"}]},
    {"detail-type": [{"suffix": {"equals-ignore-case": ".SOLD"}}]},
    {"detail-type": [{"suffix": ".failed"}]},
    {"detail-type": [{"equals-ignore-case": "Shop.Sold"}]},
    {"detail-type": [{"wildcard": "sh*.*d"}]},
    {"detail-type": [{"wildcard": "shop.\\*"}]},
    {"detail-type": [{"wildcard": "*.closed"}]},
    {"detail-type": [{"anything-but": "shop.sold"}]},
    {"detail-type": [{"anything-but": ["shop.closed", "shop.opened"]}]},
    {"detail-type": [{"anything-but": {"prefix": "shop."}}]},
    {"detail-type": [{"anything-but": {"suffix": [".opened", ".closed"]}}]},
    {"detail-type": [{"anything-but": {"wildcard": "*.s*"}}]},
    {"detail-type": [{"exists": True}]},
    {"detail-type": [{"exists": False}]},
    {"detail-type": [{"numeric": [">", 1]}]},
    {"source": [{"cidr": "10.0.0.0/8"}]},
    {"$or": [{"source": ["till"]}, {"detail-type": ["shop.sold"]}]},
    {"source": ["shop"], "$or": [{"detail-type": ["a"]}, {"detail-type": ["b"]}]},
    {"detail": {"type": ["shop.sold"], "version": ["1"]}},
    {"detail": {"$or": [{"type": ["shop.opened"]}, {"source": [{"prefix": "sh"}]}]}},
    {"detail": {"source": ["till"]}},
]


@pytest.mark.parametrize("wanted", PATTERNS, ids=json.dumps)
def test_an_event_matches_here_as_it_does_on_a_bus(wanted: dict[str, Any]):
    metadata = Metadata(correlation_id="c-1", causation_id="c-1", user_id="u-1")
    on_a_bus = {
        "Source": Sold.source,
        "DetailType": Sold.name,
        "Detail": encode(wrap(SOLD, metadata)),
    }

    delivered = eventbridge._matches_pattern(json.dumps(wanted), on_a_bus)

    assert (matched(wanted, [Sold]) == (Sold,)) is delivered


@pytest.mark.parametrize("matcher", [{"like": "shop"}, {"prefix": "a", "suffix": "b"}])
def test_what_is_no_matcher_is_refused(matcher: dict[str, str]):
    with pytest.raises(ValueError, match=r"is no matcher; take one of \['anything-but', 'cidr'"):
        accepts(matcher, "shop.sold")


@pytest.mark.parametrize("event", CATALOGUE, ids=lambda event: event.name)
def test_the_pattern_of_an_event_matches_that_event_alone(event: type[Event]):
    assert matched(pattern(event), CATALOGUE) == (event,)
