import pytest

from policy import check
from policy.guardrails.server import serving


@pytest.fixture(scope="session")
def server():
    """The real pack, answering as it answers the Pulumi engine."""
    with serving(check.PACK) as pack:
        yield pack
