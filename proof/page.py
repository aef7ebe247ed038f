"""The page about privileges: one row for each grant, with what shows that it is needed."""

import re
from collections.abc import Iterable, Mapping

from docs.generate.markdown import table
from local.program import ROOT
from proof.denials import Denials
from proof.grants import Grant

PAGE = ROOT / "docs" / "privileges.md"
HEADINGS = ("role", "may", "on", "because")
UNPROVEN = "**unproven**"
INTRODUCTION = """<!-- Written by `make prove`; changes to this file would be lost. -->

# Privileges

Every grant of every role, and what proves that it is neither missing nor too much. `make prove` deploys the program to an
embedded AWS with IAM enforced, runs the flows of `proof/flows.py` there, and writes this page; it fails if a row says **unproven**:

- **Enough.** Every flow passes, and no role is denied anything meanwhile.
- **Not more.** Each role calls, with its own credentials, everything that any role may do and it may not. Every call is denied.
- **Used.** Every grant is used by some flow, or by an AWS service that the embedded AWS does not ask for it; then the row says which
  service and what for, and the policy pack's rule `iam-grants-match-definition` derives the grant from what is declared.
- **Needed.** Each used grant is taken away, alone, while everything else stays. The flow that the row names then fails, after the
  role was denied just that. Grants for events are taken away one type of event at a time.

Resources are named without account, region and the stack's prefix."""
_ROW = re.compile(r"\| `([^`]*)` \| `([^`]*)` \| `([^`]*)`(?: of `([^`]*)`)? \| [^|]* \|")


def page(evidence: Mapping[Grant, str], denied: Iterable[Denials]) -> str:
    """The page's text."""
    counts = [[f"`{each.role}`", str(each.denied)] for each in denied]
    return "\n\n".join(
        [
            INTRODUCTION,
            "## Grants",
            table(HEADINGS, (_row(grant, evidence[grant]) for grant in sorted(evidence))),
            "## Calls that were denied",
            table(("role", "calls"), counts) + "\n",
        ]
    )


def rows(text: str) -> list[Grant]:
    """The grants that a page has a row for."""
    return [Grant(*(cell or "" for cell in found)) for found in _ROW.findall(text)]


def _row(grant: Grant, because: str) -> list[str]:
    kind = f" of `{grant.detail_type}`" if grant.detail_type else ""
    return [
        f"`{grant.role}`",
        f"`{grant.action}`",
        f"`{grant.resource}`{kind}",
        because or UNPROVEN,
    ]
