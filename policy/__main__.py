"""The policy pack, as the Pulumi CLI runs it: constructing it starts its server."""

from pulumi_policy import PolicyPack

from guardrails.pack import policies
from guardrails.rules import RULES

PolicyPack("guardrails", policies(RULES))
