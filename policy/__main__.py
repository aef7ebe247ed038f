"""The policy pack, as the Pulumi CLI runs it: constructing it starts its server."""

import gc

from pulumi_policy import PolicyPack

from guardrails.pack import policies
from guardrails.rules import RULES
from guardrails.shortcuts import take_shortcuts

take_shortcuts()
# What is loaded stays, and so does a stack that is judged: to look for garbage among it takes as long as all rules do.
gc.freeze()
gc.set_threshold(100_000)
PolicyPack("guardrails", policies(RULES))
