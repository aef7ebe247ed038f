"""Oversight of the pack itself: no rule stays quiet because of an error or of an exception nobody needs."""

import datetime as dt
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .exceptions import AnyException, apply
from .finding import Finding
from .plain import Reader
from .resource import Resource, Unreadable
from .rule import HIGH, MANDATORY, MEDIUM, Misconfigured, Rule, configured

RULE_RAN = Rule(
    id="rule-ran",
    level=MANDATORY,
    severity=HIGH,
    reference="WA SEC01-BP06",
    demand="Every rule could judge the resource.",
    remedy="Mend what the message names: a property, the configuration of a rule, or the rule itself.",
    types=frozenset(),
)
STACK_RULE_RAN = Rule(
    id="stack-rule-ran",
    level=MANDATORY,
    severity=HIGH,
    reference="WA SEC01-BP06",
    demand="Every rule could judge the stack.",
    remedy=RULE_RAN.remedy,
    types=frozenset(),
)
EXCEPTION_USED = Rule(
    id="exception-used",
    level=MANDATORY,
    severity=MEDIUM,
    reference="WA SEC03-BP04",
    demand="Every exception is still needed.",
    remedy="Remove the exception from the configuration of its rule.",
    types=frozenset(),
)
OVERSIGHT = (RULE_RAN, STACK_RULE_RAN, EXCEPTION_USED)


class Run:
    """What the policies of a pack tell each other in a run: which rules failed, which exceptions were needed."""

    def __init__(self) -> None:
        self.reader = Reader()
        self._call = threading.local()
        self._configured = dict[str, tuple[Any, Any]]()
        self._misconfigured = set[str]()
        self._granted = set[tuple[str, AnyException]]()
        self._used = set[tuple[str, AnyException]]()

    def settings(self, rule: Rule, given: Mapping[str, Any]) -> Any:
        """The settings of a rule, or nothing if they are wrong, which is told once in a run."""
        # A rule is given the same settings for each resource; reading them takes longer than most rules do.
        known, settings = self._configured.get(rule.id, (None, None))
        if known == given:
            return settings
        try:
            settings = configured(rule, given)
        except Misconfigured as error:
            if rule.id not in self._misconfigured:
                self._misconfigured.add(rule.id)
                self._failures().append(str(error))
            return None
        self._granted.update((rule.id, exception) for exception in settings.exceptions)
        self._configured[rule.id] = (given, settings)
        return settings

    def excused(
        self, rule: Rule, settings: Any, resource: Resource, findings: Sequence[Finding]
    ) -> Sequence[Finding]:
        """The findings that no exception covers."""
        if not settings.exceptions:
            return findings
        today = dt.datetime.now(dt.UTC).date()
        judged = apply(findings, settings.exceptions, _names(resource), today)
        self._used.update((rule.id, exception) for exception in judged.used)
        return judged.findings

    def failed(self, rule: Rule, resource: Resource, error: Exception) -> None:
        """Keep that a rule could not judge a resource, without the values that it was looking at."""
        reason = str(error) if isinstance(error, Unreadable) else _place(error)
        self._failures().append(f"{rule.id} could not judge {resource.name}: {reason}")

    def failures(self) -> list[str]:
        """What failed in this call; the SDK runs all policies of a call in one thread."""
        failed, self._call.failures = self._failures(), []
        return failed

    def unused(self) -> Iterator[str]:
        """The exceptions that nothing needed."""
        for rule, exception in sorted(self._granted - self._used, key=repr):
            yield f"nothing needs this exception to {rule}: {exception}"

    def _failures(self) -> list[str]:
        if not hasattr(self._call, "failures"):
            self._call.failures = []
        return self._call.failures


def _names(resource: Resource) -> frozenset[str]:
    texts = (resource.name, resource.props.get("name"), resource.props.get("role"))
    return frozenset(text for text in texts if isinstance(text, str))


def _place(error: Exception) -> str:
    """Where an error was raised; its text might hold a secret."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
