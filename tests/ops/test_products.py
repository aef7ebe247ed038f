import json

import pytest

from ops import products


def test_a_stock_list_is_read(tmp_path):
    file = tmp_path / "stock.json"
    file.write_text(
        json.dumps([{"productId": "p", "name": "Pen", "price": "1.50", "available": 3}])
    )

    [product] = products.read(file)

    assert product == products.Product(product_id="p", name="Pen", price="1.50", available=3)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"price": "1.5"}, r"\$\[0\]\.price"),
        ({"available": -1}, r"\$\[0\]\.available"),
        ({"available": 10**9}, r"\$\[0\]\.available"),
        ({"colour": "red"}, "colour"),
        ({"productId": ""}, r"\$\[0\]\.productId"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, entry, complaint):
    file = tmp_path / "stock.json"
    good = {"productId": "p", "name": "Pen", "price": "1.50", "available": 3}
    file.write_text(json.dumps([good | entry]))

    with pytest.raises(ValueError, match=complaint):
        products.read(file)


def test_a_product_that_is_listed_twice_is_named(tmp_path):
    file = tmp_path / "stock.json"
    pen = {"productId": "p", "name": "Pen", "price": "1.50", "available": 3}
    file.write_text(json.dumps([pen, pen | {"productId": "q"}, pen | {"available": 4}]))

    with pytest.raises(ValueError, match=r"stock\.json: \['p'\] are listed more than once"):
        products.read(file)


def test_a_missing_stock_list_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"missing\.json"):
        products.read(tmp_path / "missing.json")
