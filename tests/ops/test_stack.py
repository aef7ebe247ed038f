import json

import pytest

from ops.stack import Stack


def test_outputs_of_the_embedded_aws_name_their_endpoint(tmp_path):
    file = tmp_path / "outputs.json"
    file.write_text(
        json.dumps(
            {"endpoint": "http://127.0.0.1:4566", "region": "eu-west-1", "outputs": {"a": "b"}}
        )
    )

    stack = Stack.read(file)

    assert (stack.endpoint, stack.region, stack.output("a")) == (
        "http://127.0.0.1:4566",
        "eu-west-1",
        "b",
    )


def test_outputs_as_pulumi_prints_them_are_of_aws(tmp_path):
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps({"sagaArn": "arn"}))

    stack = Stack.read(file, region="eu-west-1")

    assert (stack.endpoint, stack.region, stack.output("sagaArn")) == (None, "eu-west-1", "arn")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "must be a JSON object"),
        ('{"endpoint": "e", "region": "r", "outputs": []}', "must be a JSON object"),
    ],
)
def test_a_file_that_holds_no_outputs_is_refused(tmp_path, text, complaint):
    file = tmp_path / "outputs.json"
    file.write_text(text)

    with pytest.raises(ValueError, match=complaint):
        Stack.read(file)


def test_bytes_that_are_no_text_are_no_json(tmp_path):
    file = tmp_path / "outputs.json"
    file.write_bytes(b"\xff")

    with pytest.raises(ValueError, match=r"outputs\.json is no JSON: "):
        Stack.read(file)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValueError, match=f"^{tmp_path} cannot be read: Is a directory$"):
        Stack.read(tmp_path)


def test_an_output_that_is_called_endpoint_makes_a_stack_no_embedded_one(tmp_path):
    file = tmp_path / "outputs.json"
    file.write_text(json.dumps({"endpoint": "https://example.com"}))

    assert Stack.read(file).endpoint is None


def test_a_missing_file_tells_how_to_get_one(tmp_path):
    with pytest.raises(ValueError, match="run `make up`, or `pulumi stack output"):
        Stack.read(tmp_path / "outputs.json")


def test_a_missing_output_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"no output 'x'; it has \['a', 'b'\]"):
        Stack({"b": 1, "a": 2}, "us-east-1").output("x")
