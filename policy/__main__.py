"""The policy pack, as the Pulumi CLI runs it: constructing it starts its server."""

from pulumi_policy import PolicyPack

from guardrails.pack import policies
from guardrails.rules import RULES
from guardrails.shortcuts import take_shortcuts

take_shortcuts()
PolicyPack("guardrails", policies(RULES))
