"""The page about privileges: one row for each grant, with what shows that it is needed in each way to coordinate."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from docs.generate.markdown import table
from local.program import ROOT
from proof.flows import FLOWS
from proof.grants import Grant
from proof.proof import Proof

PAGE = ROOT / "docs" / "privileges.md"
UNPROVEN, NOT_GRANTED = "**unproven**", "-"
INTRODUCTION = """<!-- Written by `make prove`; changes to this file would be lost. -->

# Privileges

Every grant of every role, and what proves that it is neither missing nor too much. `make prove` deploys the program to an
embedded AWS with IAM enforced, once for each way to coordinate its services, runs the flows of `proof/flows` there, and writes
this page; it fails if a row says **unproven**. A column says what was shown with the services coordinated like that, or `-`
where there is no such grant.

- **Enough.** Every flow passes, and no role is denied anything meanwhile.
- **Not more.** Each role calls, with its own credentials, everything that any role may do and it may not. Every call is denied.
- **Used.** Every grant is used by some flow, or by an AWS service that the embedded AWS does not ask for it; then the row says which
  service and what for, and the policy pack's rule `iam-grants-match-definition` derives the grant from what is declared.
- **Needed.** Each used grant is taken away, alone, while everything else stays. The flow that the row names then fails, after the
  role was denied just that. Grants for events are taken away one type of event at a time.

Many roles do not depend on how services are coordinated: the same policy, of the same function with the same code and variables, called
by the same events through the same queue or stream. What they need is shown by taking it away once, in the first of the columns, and
is only seen to be `used` in the other. Where any of that differs, it is taken away in both.

Resources are named without account, region and the stack's prefix."""
_ROW = re.compile(
    r"\| `([^`]*)` \| `([^`]*)` \| `([^`]*)`(?: of `([^`]*)`)? \| ([^|]*) \| ([^|]*) \|"
)

Proofs = Mapping[str, Proof]
"""What was shown, by the way to coordinate."""


def page(proofs: Proofs) -> str:
    """The page's text."""
    grants = sorted({grant for proof in proofs.values() for grant in proof.evidence})
    return "\n\n".join(
        [
            INTRODUCTION,
            "## Grants",
            table(("role", "may", "on", *proofs), (_row(grant, proofs) for grant in grants)),
            "## Calls that were denied",
            table(("role", *proofs), _denied(proofs)) + "\n",
        ]
    )


def rows(text: str) -> dict[str, dict[Grant, str]]:
    """The grants that a page shows to be needed, each with what shows it, by the way to coordinate."""
    found = [(Grant(*row[:4]), row[4:]) for row in _ROW.findall(text)]
    return {
        coordination: {
            grant: shown[column]
            for grant, shown in found
            if shown[column] not in {NOT_GRANTED, UNPROVEN}
        }
        for column, coordination in enumerate(FLOWS)
    }


def _row(grant: Grant, proofs: Proofs) -> list[str]:
    kind = f" of `{grant.detail_type}`" if grant.detail_type else ""
    found = (proof.evidence.get(grant, NOT_GRANTED) or UNPROVEN for proof in proofs.values())
    return [f"`{grant.role}`", f"`{grant.action}`", f"`{grant.resource}`{kind}", *found]


def _denied(proofs: Proofs) -> Iterator[list[str]]:
    calls = defaultdict[str, dict[str, int]](dict)
    for coordination, proof in proofs.items():
        for each in proof.denials:
            calls[each.role][coordination] = each.denied
    for role, counts in sorted(calls.items()):
        yield [f"`{role}`", *(str(counts.get(way, NOT_GRANTED)) for way in proofs)]
