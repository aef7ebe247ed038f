"""Clients of AWS, made on first use and kept for the life of the process."""

from functools import cache
from typing import Any


@cache
def client(service: str) -> Any:
    """The client of one AWS service, which gives up well before the function's own time does."""
    # Importing boto3 is most of a cold start, and validation errors are found without it.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=2,
        read_timeout=4,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    return boto3.client(service, config=config)  # pyrefly: ignore[no-matching-overload] (any name that boto3 knows)
