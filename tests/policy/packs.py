"""Packs to ask: the SDK's own servicer without a server."""

from collections.abc import Iterable

import pytest
from pulumi_policy import EnforcementLevel
from pulumi_policy import policy as sdk
from pulumi_policy.policy import _PolicyAnalyzerServicer

from policy.guardrails.pack import policies
from policy.guardrails.rule import Rule
from policy.guardrails.rules import RULES
from policy.guardrails.shortcuts import SERVICER


class InProcess:
    """A pack with some rules, called as the server would."""

    def __init__(self, rules: Iterable[Rule] = RULES) -> None:
        self._servicer = _PolicyAnalyzerServicer(
            "guardrails", "0", policies(rules), EnforcementLevel.ADVISORY
        )

    def __getattr__(self, name: str):
        return lambda request: getattr(self._servicer, name)(request, None)


def restored_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the SDK be itself again after the test, whatever `take_shortcuts` changes about it."""
    names = "json_format", "deserialize_properties", "unknown_checking_proxy", "StackValidationArgs"
    for name in names:
        monkeypatch.setattr(sdk, name, getattr(sdk, name))
    for name in ("_get_resource_options", "Analyze", "AnalyzeStack"):
        monkeypatch.setattr(SERVICER, name, getattr(SERVICER, name))
