"""The rules, one module for each family."""

from ..rule import Rule
from . import documents, grants, logs

RULES: tuple[Rule, ...] = (*grants.RULES, *documents.RULES, *logs.RULES)
"""All rules, in the order of the documentation."""
