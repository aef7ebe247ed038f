"""A request to place an order is read leniently and checked completely."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.catalogue import PricedLine
from handlers import fields
from handlers.orders import pricing, request
from handlers.reading import MOST_COMPLAINTS, InvalidRequestError, Reading

PRICES = {"lamp": Decimal("29.99"), "chair": Decimal("49.99"), "gold": Decimal("999999999.99")}


def body(**changes):
    """A request that is right, with changes; None leaves a field out."""
    right = {
        "customerId": "customer-1",
        "items": [{"productId": "lamp", "quantity": 2}],
        "card": "tok_approved",
    }
    return {name: value for name, value in (right | changes).items() if value is not None}


def line(**changes):
    return {"productId": "lamp", "quantity": 2} | changes


def checked(given_body) -> Reading:
    reading = request.read(given_body)
    pricing.compare(reading, PRICES)
    return reading


def wrong(given_body) -> dict[str, str]:
    return checked(given_body).wrong


def test_the_least_that_an_order_needs_is_enough():
    read = request.request(checked(body()))

    assert read.customer_id == "customer-1"
    assert read.lines == (request.RequestedLine("lamp", 2, None),)
    assert (read.total, read.card, read.email, read.faults) == (None, "tok_approved", None, {})


def test_everything_that_may_be_said_is_understood():
    read = request.request(
        checked(
            body(items=[line(price="29.99")], totalAmount=Decimal("59.98"), email="me@example.com")
        )
    )

    assert read.lines[0].price == Decimal("29.99")
    assert (read.total, read.email) == (Decimal("59.98"), "me@example.com")


@pytest.mark.parametrize("optional", ["totalAmount", "email"])
def test_null_is_the_same_as_nothing(optional):
    assert wrong(body() | {optional: None}) == {}


@pytest.mark.parametrize("required", ["customerId", "items", "card"])
def test_what_is_required_is_asked_for(required):
    assert wrong(body(**{required: None})) == {f"/{required}": "is required"}
    assert wrong(body() | {required: None}) == {f"/{required}": "is required"}


@pytest.mark.parametrize("required", ["productId", "quantity"])
def test_what_a_line_requires_is_asked_for(required):
    assert wrong(body(items=[line(**{required: None})])) == {f"/items/0/{required}": "is required"}


@pytest.mark.parametrize("given_body", [None, [], "text", 7, True])
def test_a_body_is_an_object(given_body):
    assert wrong(given_body) == {"": "must be a JSON object"}


@pytest.mark.parametrize("items", [[], {}, "lamp", 7, True, [line()] * 41])
def test_items_are_a_list_of_some_lines(items):
    assert wrong(body(items=items)) == {"/items": "must be a list of 1 to 40 lines"}


def test_forty_lines_are_read():
    items = [line(productId=f"p{number}") for number in range(40)]

    assert len(request.lines(request.read(body(items=items)))) == 40


def test_a_line_is_an_object():
    assert wrong(body(items=[line(), 7])) == {"/items/1": "must be a JSON object"}


def test_unknown_fields_are_refused_each_by_name():
    found = wrong(body(coupon="A", items=[line(colour="red")], **{"a/b~c": 1}))

    assert list(found) == ["/coupon", "/a~1b~0c", "/items/0/colour"]
    assert found["/coupon"] == (
        "is unknown; the fields are customerId, items, totalAmount, card, email"
    )
    assert found["/items/0/colour"] == "is unknown; the fields are productId, quantity, price"


def test_a_product_has_one_line():
    found = wrong(body(items=[line(), line(productId="chair"), line(quantity=1)]))

    assert found == {"/items/2/productId": "'lamp' is in an earlier line too; make it one line"}


def test_a_field_that_is_wrong_twice_has_one_entry():
    found = wrong(body(items=[line(productId="none"), line(productId="none")]))

    assert found["/items/0/productId"] == "there is no product 'none'"
    assert found["/items/1/productId"].startswith("'none' is in an earlier line too")


def test_everything_that_is_wrong_is_said_at_once():
    found = wrong(
        {
            "customerId": "",
            "items": [
                line(quantity=0),
                {"productId": "nothing", "quantity": 1, "price": "1.999"},
                line(productId="chair", price="1.00"),
            ],
            "totalAmount": -1,
            "card": "4111 1111 1111 1111",
            "email": "nobody",
            "extra": 1,
        }
    )

    assert set(found) == {
        "/extra",
        "/customerId",
        "/items/0/quantity",
        "/items/1/price",
        "/items/1/productId",
        "/items/2/price",
        "/totalAmount",
        "/card",
        "/email",
    }
    with pytest.raises(InvalidRequestError) as refusal:
        request.request(checked({"customerId": ""}))
    assert "/card is required; " in f"{refusal.value}; "


@pytest.mark.parametrize("good", ["a", "A1", "customer-1", "x@y.z", "a" * 128, "9._:@+-"])
def test_identifiers_are_short_and_plain(good):
    assert fields.identifier(good) == good


@pytest.mark.parametrize(
    "bad", ["", "a" * 129, "-a", "a b", "a/b", "outbox#1", "é", "\ud800", "a\n", 7, None, ["a"]]
)
def test_other_identifiers_are_refused(bad):
    with pytest.raises(ValueError, match="must be a text of 1 to 128 characters") as refusal:
        fields.identifier(bad)
    assert str(refusal.value).isascii()


@pytest.mark.parametrize(
    ("given_quantity", "read"), [(1, 1), (10_000, 10_000), (Decimal("2.0"), 2), (3.0, 3)]
)
def test_quantities_are_whole_numbers(given_quantity, read):
    quantity = fields.quantity(given_quantity)

    assert quantity == read
    assert type(quantity) is int


@pytest.mark.parametrize(
    "bad",
    [
        0,
        -1,
        10_001,
        Decimal("1.5"),
        Decimal("1e999999"),
        float("nan"),
        float("inf"),
        "2",
        True,
        None,
        [1],
    ],
)
def test_other_quantities_are_refused(bad):
    with pytest.raises(ValueError, match="must be a whole number from 1 to 10000"):
        fields.quantity(bad)


@pytest.mark.parametrize(
    ("given_amount", "read"),
    [
        ("29.99", "29.99"),
        ("29.9", "29.90"),
        ("29", "29.00"),
        ("0", "0.00"),
        (29, "29.00"),
        (29.9, "29.90"),
        (Decimal("29.990"), "29.99"),
        (Decimal("-0.0"), "0.00"),
        ("999999999.99", "999999999.99"),
    ],
)
def test_amounts_are_numbers_or_text(given_amount, read):
    assert str(fields.money(given_amount)) == read


@pytest.mark.parametrize(
    "bad",
    [
        "29.999",
        Decimal("29.999"),
        -1,
        "-1",
        "1,00",
        "1e2",
        " 1",
        "",
        "1.",
        ".5",
        "\N{ARABIC-INDIC DIGIT ONE}",
        1_000_000_000,
        "1000000000",
        Decimal("1e999999999"),
        Decimal("1e-999999999"),
        Decimal("NaN"),
        float("nan"),
        float("inf"),
        True,
        None,
        [],
    ],
)
def test_other_amounts_are_refused(bad):
    with pytest.raises(ValueError, match=r"must be an amount from 0\.00 to 999999999\.99"):
        fields.money(bad)


@given(st.integers(0, 99_999_999_999))
def test_every_amount_of_cents_survives_being_a_number(cents):
    exact = Decimal(cents) / 100

    assert fields.money(float(exact)) == fields.money(str(exact)) == exact


@pytest.mark.parametrize(
    "good", ["tok_approved", "tok_visa", "a", "A" * 64, "1234", "4111a11111111111"]
)
def test_a_card_is_a_token(good):
    assert fields.card(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "4111111111111111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111 1111 1111 1111",
        "123456789012",
        "1234567890123456789",
        "",
        "a" * 65,
        "_tok",
        7,
        None,
    ],
)
def test_a_card_number_is_refused_and_never_repeated(bad):
    with pytest.raises(ValueError, match="must be a payment token, never a card number") as refusal:
        fields.card(bad)
    assert not str(bad) or str(bad) == "7" or str(bad) not in str(refusal.value)


@pytest.mark.parametrize(
    "good",
    ["me@example.com", "a+b@c", "a@b-c.d", f"{'a' * 64}@{'.'.join(['b' * 63] * 2)}.{'c' * 61}"],
)
def test_an_address_has_two_sides(good):
    assert fields.email(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "me",
        "@b",
        "a@",
        "a@b@c",
        "a b@c",
        "a@b\nBcc: all@example.com",
        "a\x00@b",
        f"{'a' * 65}@b",
        f"a@{'b' * 64}",
        f"{'a' * 64}@{'.'.join(['b' * 63] * 2)}.{'c' * 62}",
        "a@b,c@d",
        "a@b, c",
        "<a@b>",
        "a@-b",
        "a@b..c",
        "ä@b",
        "a@ü.de",
        7,
        None,
    ],
)
def test_other_addresses_are_refused_and_never_repeated(bad):
    with pytest.raises(
        ValueError, match=r"^must be an e-mail address of at most 254 ASCII characters$"
    ):
        fields.email(bad)


def test_long_values_are_not_repeated_in_full():
    with pytest.raises(ValueError, match=r"is 'x{59}\.\.\.; must be"):
        fields.identifier("x" * 10_000)
    assert set(wrong({"x" * 60: 1, "y" * 61: 1})) >= {"/" + "x" * 60, "/" + "y" * 60 + "..."}


def test_a_number_is_shown_as_it_was_written():
    with pytest.raises(ValueError, match=r"^is 1\.50; must be a whole number"):
        fields.quantity(Decimal("1.50"))


def test_an_answer_to_a_request_that_is_all_wrong_is_short():
    unknown = {"/" * 50_000: 1, **{f"field-{number}": 1 for number in range(50_000)}}

    complaints = wrong(unknown)

    assert len(complaints) == MOST_COMPLAINTS
    assert max(map(len, complaints)) < 200
    assert list(complaints)[1] == "/field-0"


def test_faults_are_unknown_unless_they_may_be_provoked(monkeypatch):
    monkeypatch.delenv("FAULT_INJECTION", raising=False)
    given_body = body(faults={"ReserveStock": "crash-before:once"})

    assert "is unknown" in wrong(given_body)["/faults"]
    monkeypatch.setenv("FAULT_INJECTION", "true")
    assert request.request(checked(given_body)).faults == {"ReserveStock": "crash-before:once"}


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        ({"ReserveStock": "explode"}, "fault 'explode' is not <kind>:<when>"),
        ({"ReserveStock": 7}, "fault 7 is not <kind>:<when>"),
        ([], "must be a JSON object from the name of a step or listener to <kind>:<when>"),
    ],
)
def test_faults_that_cannot_be_read_are_refused(monkeypatch, faults, says):
    monkeypatch.setenv("FAULT_INJECTION", "true")

    assert says in wrong(body(faults=faults))["/faults"]


def test_prices_and_total_are_compared_with_the_catalogue():
    found = wrong(body(items=[line(price="1.00")], totalAmount="2.00"))

    assert found == {
        "/items/0/price": "is 1.00; 'lamp' costs 29.99",
        "/totalAmount": "is 2.00; the items cost 59.98",
    }


def test_the_total_is_compared_only_when_it_can_be_known():
    for item in ({"productId": "none", "quantity": 1}, line(productId="chair", quantity=0)):
        assert "/totalAmount" not in wrong(body(items=[line(), item], totalAmount="2.00"))


def test_an_order_can_be_too_dear():
    found = wrong(body(items=[line(productId="gold", quantity=2)], totalAmount="1.00"))

    assert found == {"/items": "cost 1999999999.98 together; the most is 999999999.99"}
    assert wrong(body(items=[line(productId="gold", quantity=1)])) == {}


def test_lines_are_sold_at_the_catalogues_prices():
    read = request.request(checked(body(items=[line(), line(productId="chair", quantity=1)])))

    priced = pricing.priced(read, PRICES)

    assert priced == (
        PricedLine(product_id="lamp", quantity=2, price="29.99"),
        PricedLine(product_id="chair", quantity=1, price="49.99"),
    )
    assert pricing.total_of(priced) == "109.97"


def test_a_price_without_decimals_is_sold_with_two():
    read = request.request(request.read(body()))

    priced = pricing.priced(read, {"lamp": Decimal(30)})

    assert priced[0].price == "30.00"
    assert pricing.total_of(priced) == "60.00"


def fingerprint(given_body) -> str:
    return request.request(request.read(given_body)).fingerprint()


def test_the_same_request_has_one_fingerprint_however_it_is_written():
    first = body(items=[line(price="29.90")], totalAmount=59.8)
    second = dict(reversed(body(items=[line(price=29.9)], totalAmount="59.80").items()))

    assert fingerprint(first) == fingerprint(second)


@pytest.mark.parametrize(
    "changes",
    [
        {"customerId": "customer-2"},
        {"items": [line(quantity=3)]},
        {"items": [line(price="29.99")]},
        {"items": [line(productId="chair")]},
        {"totalAmount": "59.98"},
        {"card": "tok_other"},
        {"email": "me@example.com"},
    ],
)
def test_another_request_has_another_fingerprint(changes):
    assert fingerprint(body(**changes)) != fingerprint(body())
