"""The rules of the saga as a reference: what has to run, and how it has to end, when something goes wrong.

It knows nothing of States Language; it reads like docs/saga.md and follows one step after the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.saga_steps import Parallel, Plan, Step, members

REFUSES, PASSED = "refuses", "has passed"
"""The two ways to go wrong that are answers; everything else is a failure."""
Trouble = Mapping[str, str]
"""What goes wrong in one execution: the name of a step, an undo or another task, and how."""


@dataclass
class Run:
    """What an execution did, or has to do."""

    tasks: list[str] = field(default_factory=list)
    """Stages, undos and all other tasks, in order."""
    parked: list[str] = field(default_factory=list)
    end: str = ""
    """`completed`, a refusal's name, `Compensated` or `Parked`."""


def wrong_members(stage: Step | Parallel, trouble: Trouble) -> list[str]:
    """The steps of a stage that go wrong."""
    return [step.name for step in members(stage) if step.name in trouble]


def demanded(plan: Plan, trouble: Trouble, refusal: str) -> Run:
    """What the rules demand of a saga; `refusal` is how it ends when a step refuses."""
    return _Following(plan, trouble, refusal).follow()


class _Following:
    """One execution, step by step."""

    def __init__(self, plan: Plan, trouble: Trouble, refusal: str) -> None:
        self._plan, self._trouble, self._refusal = plan, trouble, refusal
        self._run = Run()

    def follow(self) -> Run:
        return self._forward(0)

    def _forward(self, start: int) -> Run:
        for position in range(start, len(self._plan.steps)):
            stage = self._plan.steps[position]
            self._run.tasks.append(stage.name)
            if wrong := wrong_members(stage, self._trouble):
                refused = self._trouble[wrong[0]] == REFUSES
                return self._left(position, refused=refused)
        self._run.end = "completed"
        return self._run

    def _left(self, position: int, *, refused: bool) -> Run:
        """Rules 1, 2 and 5: where to, when a stage has gone wrong."""
        stage, pivot = self._plan.steps[position], self._pivot()
        if position > self._plan.pivot:
            self._park(stage.name)
            return self._end("")
        if pivot and pivot.undo and not (refused and stage is pivot):
            withdrawal = f"Undo{pivot.name}"
            self._run.tasks.append(withdrawal)
            if self._trouble.get(withdrawal) == PASSED:
                return self._forward(self._plan.pivot + 1)
            if withdrawal in self._trouble:
                self._park(withdrawal)
                return self._end("")
        # A step that refuses alone had no effect; the members of a group may have had theirs.
        had_effect = not refused or isinstance(stage, Parallel)
        self._undo(position if had_effect else position - 1)
        return self._end(self._refusal if refused else "Compensated")

    def _pivot(self) -> Step | None:
        steps = [step for stage in self._plan.steps for step in members(stage) if step.pivot]
        return steps[0] if steps else None

    def _undo(self, last: int) -> None:
        """Rules 2, 4 and 6: in reverse order, and what cannot be undone is parked."""
        for stage in reversed(self._plan.steps[: last + 1]):
            for step in reversed(members(stage)):
                if step.undo and not step.pivot:
                    self._attempt(f"Undo{step.name}")

    def _end(self, end: str) -> Run:
        if self._plan.settle:
            self._attempt("Settle")
        self._run.end = "Parked" if self._run.parked else end
        return self._run

    def _attempt(self, name: str) -> None:
        self._run.tasks.append(name)
        if name in self._trouble:
            self._park(name)

    def _park(self, name: str) -> None:
        self._run.tasks.append(f"Park{name}")
        self._run.parked.append(name)
