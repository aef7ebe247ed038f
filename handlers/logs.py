"""The structured log of a function."""

from functools import cache

from aws_lambda_powertools import Logger


@cache
def logger() -> Logger:
    """The function's logger, named and levelled by its environment."""
    return Logger()
