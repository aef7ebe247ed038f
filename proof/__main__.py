"""`python -m proof`: prove on the embedded AWS that every role may do what it needs, and nothing else."""

import argparse
import sys
from contextlib import ExitStack

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local.cloud import CloudError
from local.emulator import EmulatorError
from proof.alike import settled
from proof.flows import FLOWS
from proof.page import PAGE, Proofs, page
from proof.proof import Proof, prove
from proof.subject import Subject, deployed

SIDE_BY_SIDE = 2


def main() -> int:
    """Make the proof and write the page; 1, with a line for each, when something is left unproven."""
    arguments = _arguments()
    console = Console(soft_wrap=True)
    try:
        proofs = _proofs(console, arguments.side_by_side)
    except (EmulatorError, CloudError) as error:
        console.print(f"[red]No proof:[/] {error}", markup=True, highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("[red]The proof was interrupted;[/] nothing was written or left running.")
        return 130
    # What is not proven stands on the page as such.
    PAGE.write_text(page(proofs))
    return conclude(console, proofs)


def conclude(console: Console, proofs: Proofs) -> int:
    """Say what came of each way to coordinate; 1 when anything is left unproven in any."""
    for coordination, proof in proofs.items():
        for line in proof.unproven:
            console.print(f"[red]unproven:[/] {coordination}: {line}", highlight=False)
    if any(proof.unproven for proof in proofs.values()):
        return 1
    for coordination, proof in proofs.items():
        denied = sum(each.denied for each in proof.denials)
        console.print(
            f"[green]Proven,[/] {coordination}: {len(proof.evidence)} grants of {len(proof.denials)} roles; "
            f"{denied} calls beyond them were denied."
        )
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument(
        "--side-by-side",
        type=int,
        choices=range(1, 9),
        default=SIDE_BY_SIDE,
        help="embedded AWSs; in each, one grant at a time is taken away (default: %(default)s)",
    )
    return parser.parse_args()


def _proofs(console: Console, side_by_side: int) -> dict[str, Proof]:
    proofs = dict[str, Proof]()
    for coordination, flows in FLOWS.items():
        console.print(f"The services are {coordination}.")
        again = settled(coordination, proofs)
        with ExitStack() as stack, _progress(console) as progress:
            bar = progress.add_task("deployed", total=side_by_side)
            subjects = list[Subject]()
            for _ in range(side_by_side):
                subjects.append(stack.enter_context(deployed(coordination)))
                progress.advance(bar)
            say = console.print if progress.disable else (lambda _: None)
            proofs[coordination] = prove(subjects, flows, progress, say, settled=again)
    return proofs


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description:<32}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal)


if __name__ == "__main__":
    sys.exit(main())
