"""The policy pack, as the Pulumi CLI runs it: constructing it starts its server."""

from pulumi_policy import PolicyPack

from guardrails.decoding import decode_once
from guardrails.pack import policies
from guardrails.rules import RULES

decode_once()
PolicyPack("guardrails", policies(RULES))
