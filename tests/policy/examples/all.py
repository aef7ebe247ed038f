"""All examples."""

from tests.policy.examples import documents, grants, logs

EXAMPLES = (*grants.EXAMPLES, *documents.EXAMPLES, *logs.EXAMPLES)
