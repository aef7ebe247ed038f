"""A question about a product gets its own answer, or none in time."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.catalogue import AvailabilityAnswered, AvailabilityRequested
from events.envelope import Envelope, encode, wrap
from handlers.clients import client
from handlers.inventory import answering
from handlers.inventory.store import stock
from handlers.orders import answers as answers_module
from handlers.orders import availability
from handlers.orders.answers import Stock, answers
from handlers.orders.asking import Clock, Line, UnansweredError, ask
from handlers.publishing import publish
from tests.handlers import asking
from tests.handlers.given import METADATA, Context, created, envelope, message, sent

FULL = Stock(available=True, in_stock=7)


class Time:
    """A clock that only moves while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Inventory:
    """Answers each question `after` seconds, which is when the asker can see it."""

    def __init__(self, time: Time, after: float = 0.0, stock: Stock = FULL) -> None:
        self.asked: list[Envelope[Any]] = []
        self._time, self._after, self._stock = time, after, stock
        self._due: dict[str, float] = {}

    def publish(self, question: Envelope[Any]) -> None:
        self.asked.append(question)
        self._due[question.id] = self._time.now + self._after

    def to(self, question_id: str) -> Stock | None:
        due = self._due.get(question_id)
        return self._stock if due is not None and self._time.now >= due else None


def line(time: Time, inventory: Inventory, patience: float = 5.0) -> Line:
    return Line(inventory.publish, inventory, Clock(time.monotonic, time.sleep), patience)


def test_a_question_says_who_waits_for_its_answer_and_until_when():
    time = Time()
    inventory = Inventory(time)

    assert ask(line(time, inventory), "lamp", 3, METADATA) == FULL

    [question] = inventory.asked
    assert (question.type, question.source) == ("inventory.check.requested", "orders")
    assert (question.data.product_id, question.data.quantity) == ("lamp", 3)
    assert question.data.reply_to == "orders"
    assert question.data.answer_by > question.time
    assert question.metadata == METADATA


@given(after=st.floats(0, 4.9), patience=st.just(5.0))
def test_an_answer_in_time_is_given_soon_after_it_came(after, patience):
    time = Time()

    assert ask(line(time, Inventory(time, after), patience), "lamp", 1, METADATA) == FULL
    assert sum(time.slept) <= min(patience, after * 1.5 + 0.25) + 1e-9


@given(late=st.floats(0.001, 60), patience=st.floats(0.01, 20))
def test_nobody_waits_longer_than_they_said(late, patience):
    time = Time()

    with pytest.raises(UnansweredError, match=r"^inventory did not answer within .* s; ask again"):
        ask(line(time, Inventory(time, patience + late), patience), "lamp", 1, METADATA)

    assert sum(time.slept) == pytest.approx(patience)


def test_waiting_for_five_seconds_takes_few_reads():
    time = Time()

    with pytest.raises(UnansweredError):
        ask(line(time, Inventory(time, after=60)), "lamp", 1, METADATA)

    assert len(time.slept) < 30


@pytest.mark.parametrize(("quantity", "available"), [(4, True), (5, True), (6, False)])
def test_as_many_as_are_in_stock_are_available(quantity, available):
    question = AvailabilityRequested(
        product_id="lamp", quantity=quantity, reply_to="orders", answer_by="2026-01-01T00:00:00Z"
    )

    assert answering.answer(question, {"lamp": 5}.__getitem__) == AvailabilityAnswered(
        product_id="lamp", sufficient=available, in_stock=5, reply_to="orders"
    )


def request(path: str, query: dict[str, str] | None = None, method: str = "GET") -> Any:
    answer = asking.ask(availability.handler, method, path, query=query)
    return answer.status, answer.body


@pytest.mark.usefixtures("aws")
class TestAsking:
    """GET /products/{productId}/availability"""

    @pytest.fixture(autouse=True)
    def patience(self, monkeypatch):
        monkeypatch.setenv("ANSWER_SECONDS", "0.05")

    def test_what_nobody_answers_in_time_is_a_problem(self):
        status, body = request("/products/lamp/availability")

        assert status == 504
        assert body == {
            "type": "about:blank",
            "title": "Gateway Timeout",
            "status": 504,
            "detail": "inventory did not answer within 0.05 s; ask again later",
            "instance": "/products/lamp/availability",
        }

    @pytest.mark.parametrize("product", ["desk", "a%20b", "x" * 3000])
    def test_what_is_not_for_sale_is_not_asked_for(self, product):
        status, body = request(f"/products/{product}/availability")

        assert (status, body["title"]) == (404, "Not Found")
        assert body["detail"].startswith("there is no product '")

    @pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "ten", "", "10001", "9" * 5000, "٣"])
    def test_a_quantity_is_a_whole_number(self, quantity):
        status, body = request("/products/lamp/availability", {"quantity": quantity})

        assert (status, [wrong["field"] for wrong in body["errors"]]) == (400, ["quantity"])
        assert "must be a whole number from 1 to 10000" in body["detail"]

    def test_an_unknown_parameter_is_refused(self):
        status, body = request("/products/lamp/availability", {"colour": "red"})

        assert (status, body["errors"]) == (
            400,
            [{"field": "colour", "detail": "is unknown; the only parameter is quantity"}],
        )

    def test_it_can_only_be_asked(self):
        assert request("/products/lamp/availability", method="POST")[0] == 405


@pytest.mark.usefixtures("aws")
def test_an_answer_is_kept_for_its_question_alone():
    question = envelope(
        AvailabilityRequested(
            product_id="lamp", quantity=1, reply_to="orders", answer_by="2026-01-01T00:00:00Z"
        )
    )
    answered = wrap(
        AvailabilityAnswered(product_id="lamp", sufficient=True, in_stock=7, reply_to="orders"),
        question.causes(),
    )

    taken = {"Records": [message(json.loads(encode(answered)))] * 2}
    assert answers_module.handler(taken, Context()) == {"batchItemFailures": []}

    assert answers().to(question.id) == FULL
    assert answers().to(METADATA.correlation_id) is None
    assert answers().to(answered.id) is None


def test_an_answer_is_kept_for_minutes(aws):
    answered = AvailabilityAnswered(product_id="p", sufficient=True, in_stock=7, reply_to="orders")
    told = wrap(answered, envelope(answered).causes())

    answers().keep(told)

    key = {"questionId": {"S": told.metadata.causation_id}}
    kept = aws("dynamodb").get_item(TableName="answers", Key=key)["Item"]
    left = int(kept["expiresAt"]["N"]) - time.time()
    assert answers_module.KEPT_SECONDS - 60 < left <= answers_module.KEPT_SECONDS


@pytest.mark.usefixtures("aws")
def test_a_question_that_nobody_waits_for_any_more_is_not_answered(logged):
    late = AvailabilityRequested(
        product_id="lamp", quantity=1, reply_to="orders", answer_by="2026-01-01T00:00:00.000Z"
    )

    taken = answering.handler({"Records": [message(sent(late))]}, Context())

    assert taken == {"batchItemFailures": []}
    assert [line["message"] for line in logged()] == ["nobody waits for this answer any more"]


@pytest.mark.parametrize("answer_by", ["soon", "", "2026-01-01T00:00:00"])
@pytest.mark.usefixtures("aws")
def test_a_question_without_a_moment_is_set_aside_at_once(logged, answer_by):
    bad = AvailabilityRequested(
        product_id="lamp", quantity=1, reply_to="orders", answer_by=answer_by
    )

    taken = answering.handler({"Records": [message(sent(bad))]}, Context())

    assert taken == {"batchItemFailures": []}
    [line] = logged()
    assert line["message"] == "unparsable message"
    assert line["reason"].startswith(f"answerBy is {answer_by!r}; it must be a time with its zone")


@pytest.mark.usefixtures("aws")
def test_what_was_never_in_stock_is_not_available():
    client("dynamodb").put_item(
        TableName="stock",
        Item={"id": {"S": "product#sofa"}, "available": {"N": "3"}, "productId": {"S": "sofa"}},
    )

    assert (stock().available("sofa"), stock().available("nothing")) == (3, 0)


def test_what_tells_of_a_change_is_not_published_past_the_outbox():
    with pytest.raises(ValueError, match=r"^order.created tells of a change; put it into the"):
        publish(envelope(created()))
