"""The rules as policies of Pulumi: what the SDK calls, and what becomes of values that are not known yet."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from .aws import TWINS, type_of
from .finding import Finding, messages
from .oversight import EXCEPTION_USED, RULE_RAN, STACK_RULE_RAN, Run
from .resource import Resource, UnknownValue
from .rule import ResourceRule, Rule, StackRule, schema
from .shortcuts import TypedPolicy

FRAMEWORKS = {
    "FSBP": "AWS Foundational Security Best Practices",
    "WA": "AWS Well-Architected Framework",
}


def policies(rules: Iterable[Rule]) -> list[Policy]:
    """The rules as policies, and those that watch over them."""
    run = Run()
    return [
        *(_policy(rule, run) for rule in rules),
        ResourceValidationPolicy(
            **_described(RULE_RAN), validate=lambda _, report: _report(run.failures(), report)
        ),
        StackValidationPolicy(
            **_described(STACK_RULE_RAN), validate=lambda _, report: _report(run.failures(), report)
        ),
        StackValidationPolicy(
            **_described(EXCEPTION_USED), validate=lambda _, report: _report(run.unused(), report)
        ),
    ]


def _policy(rule: Rule, run: Run) -> Policy:
    if isinstance(rule, StackRule):
        return StackValidationPolicy(
            **_described(rule), validate=lambda args, report: _judge_stack(rule, run, args, report)
        )
    if isinstance(rule, ResourceRule):
        policy = TypedPolicy(
            **_described(rule), validate=lambda args, report: _judge(rule, run, args, report)
        )
        policy.types = rule.types.union(
            twin for twin, type_ in TWINS.items() if type_ in rule.types
        )
        return policy
    raise TypeError(f"{rule.id} checks nothing")


def _described(rule: Rule) -> dict[str, Any]:
    framework, control = rule.reference.split(" ")
    return {
        "name": rule.id,
        "description": rule.demand,
        "enforcement_level": EnforcementLevel(rule.level),
        "severity": Severity(rule.severity),
        "config_schema": PolicyConfigSchema(schema(rule)),
        "framework": PolicyComplianceFramework(name=FRAMEWORKS[framework], reference=control),
        "remediation_steps": rule.remedy,
    }


@dataclass(frozen=True)
class _Judging:
    """A rule at work in one call."""

    rule: Rule
    run: Run
    settings: Any
    report: ReportViolation

    def judge(self, resource: Resource, check: Callable[[], Iterator[Finding]]) -> str:
        """Report what the rule finds on a resource; returns the path of a value that it had to know and could not."""
        findings: list[Finding] = []
        unknown = ""
        try:
            findings.extend(check())
        except UnknownValue as error:
            unknown = error.path
        except Exception as error:  # noqa: BLE001 (an error in one rule may neither hide nor stop the others)
            self.run.failed(self.rule, resource, error)
        for message in messages(self.run.excused(self.rule, self.settings, resource, findings)):
            self.report(message, resource.urn)
        return unknown


def _judge(
    rule: ResourceRule, run: Run, args: ResourceValidationArgs, report: ReportViolation
) -> None:
    settings = run.settings(rule, args.get_config())
    if type_of(args.resource_type) not in rule.types:
        args.not_applicable(TypedPolicy.NOT_APPLICABLE)
    if settings is not None:
        resource = run.reader.resource(args)
        judging = _Judging(rule, run, settings, report)
        _tell_unknown(judging.judge(resource, partial(rule.check, resource, settings)))


def _judge_stack(
    rule: StackRule, run: Run, args: StackValidationArgs, report: ReportViolation
) -> None:
    settings = run.settings(rule, args.get_config())
    if settings is not None:
        stack = run.reader.stack(args.resources)
        judging = _Judging(rule, run, settings, report)
        unknown = [
            f"{resource.name}.{path}"
            for resource in stack.of(*sorted(rule.types))
            if (path := judging.judge(resource, partial(rule.check, resource, settings, stack)))
        ]
        _tell_unknown(", ".join(unknown))


def _tell_unknown(paths: str) -> None:
    """Let the SDK tell that a rule could not run in this preview."""
    if paths:
        raise UnknownValueError(UNKNOWN_STRING_VALUE, [paths])


def _report(texts: Iterable[str], report: ReportViolation) -> None:
    for text in texts:
        report(text, None)
