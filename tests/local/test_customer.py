"""A customer asks again when there was no answer, but only for what may be asked twice."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3

from local import customer
from local.customer import Answer, Customer


class Api(ThreadingHTTPServer):
    """Answers with these statuses, one after the other, and then with the last one."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses = [200]
        self.pages: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, str | None]] = []


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        api = self.server
        assert isinstance(api, Api)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        api.asked.append((self.command, self.path, self.headers.get("Idempotency-Key")))
        status = api.statuses.pop(0) if len(api.statuses) > 1 else api.statuses[0]
        body = json.dumps(api.pages.pop(0) if api.pages else {"status": status}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 (the name is the protocol's)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing."""


@pytest.fixture
def api(monkeypatch) -> Iterator[Api]:
    monkeypatch.setattr(customer, "AGAIN", customer.AGAIN.new(backoff_factor=0))
    with Api() as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def asking(api) -> Customer:
    return Customer(f"http://127.0.0.1:{api.server_port}")


def test_an_order_with_a_key_is_sent_again_until_it_is_answered(api, asking):
    api.statuses = [502, 504, 429, 202]

    assert asking.place({}, key="k-1") == Answer(202, {"status": 202})
    assert api.asked == [("POST", "/orders", "k-1")] * 4


def test_an_order_without_a_key_is_sent_once(api, asking):
    api.statuses = [502, 202]

    assert asking.place({}).status == 502
    assert len(api.asked) == 1


@pytest.mark.parametrize("status", [404, 409, 422])
def test_an_answer_is_an_answer_even_if_it_is_no(api, asking, status):
    api.statuses = [status, 200]

    assert asking.cancel("order-1").status == status
    assert len(api.asked) == 1


def test_what_is_never_answered_is_given_up(api, asking):
    api.statuses = [503]

    assert asking.look_up("order-1") == Answer(503, {"status": 503})
    assert len(api.asked) == 1 + (customer.AGAIN.total or 0)


def test_a_stack_that_is_gone_is_no_answer_at_all(api, asking):
    api.server_close()

    with pytest.raises(urllib3.exceptions.HTTPError):
        asking.look_up("order-1")


def test_all_pages_of_a_customers_orders_are_read(api, asking):
    first, second = {"orderId": "order-2"}, {"orderId": "order-1"}
    api.pages = [{"orders": [first], "cursor": "next"}, {"orders": [second]}]

    assert list(asking.orders("ada")) == [first, second]
    path = "/customers/ada/orders?limit=100"
    assert [asked for _, asked, _ in api.asked] == [path, f"{path}&cursor=next"]


def test_orders_that_are_refused_are_none(api, asking):
    api.statuses = [500]

    assert list(asking.orders("ada")) == []
