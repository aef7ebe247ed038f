"""What GitHub runs, and what it may do meanwhile."""

import re
from typing import Any

import pytest
import yaml

from local.program import ROOT

FOLDER = ROOT / ".github/workflows"
WORKFLOWS = sorted(path.name for path in FOLDER.glob("*.yml"))
STACKS = ("dev", "prod")


def _workflow(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / name).read_text())


def _job(workflow: str, job: str) -> dict[str, Any]:
    return _workflow(workflow)["jobs"][job]


def _scripts(job: dict[str, Any]) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


PULUMI = [("pull-request.yml", "preview"), ("main.yml", "deploy")]


def test_there_is_one_workflow_for_pull_requests_and_one_for_main():
    assert WORKFLOWS == ["main.yml", "pull-request.yml"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read_unless_a_job_says_more(name: str):
    assert _workflow(name)["permissions"] == {"contents": "read"}


def test_a_job_gets_no_more_than_it_needs():
    asked = {
        f"{name} {job}": declared["permissions"]
        for name in WORKFLOWS
        for job, declared in _workflow(name)["jobs"].items()
        if "permissions" in declared
    }

    assert asked == {
        "main.yml deploy": {"contents": "read", "id-token": "write"},
        "pull-request.yml preview": {"contents": "read", "id-token": "write"},
        "pull-request.yml comment": {"pull-requests": "write"},
    }


def test_the_job_that_may_write_to_a_pull_request_runs_none_of_its_code():
    steps = _job("pull-request.yml", "comment")["steps"]

    used = [step["uses"].partition("@")[0] for step in steps if "uses" in step]
    assert used == ["actions/download-artifact"]
    assert "${{" not in _scripts(_job("pull-request.yml", "comment"))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_job_ends_in_time_and_uses_actions_that_no_tag_moves(name: str):
    jobs = _workflow(name)["jobs"].values()
    used = [step["uses"] for job in jobs for step in job["steps"] if "uses" in step]

    assert all(job["timeout-minutes"] <= 45 for job in jobs)
    assert [action for action in used if not re.search(r"@[0-9a-f]{40}$", action)] == []


@pytest.mark.parametrize(("workflow", "job"), [(name, "test") for name in WORKFLOWS])
def test_both_workflows_run_what_ci_runs(workflow: str, job: str):
    assert ".ci/run" in _scripts(_job(workflow, job)).splitlines()


@pytest.mark.parametrize(("workflow", "job"), PULUMI)
def test_pulumi_runs_under_the_policy_pack_after_the_layer_is_built(workflow: str, job: str):
    script = _scripts(_job(workflow, job)).replace("\\\n", "")
    [call] = re.findall(r"^pulumi .*", script, re.MULTILINE)

    assert re.search(r"--policy-pack policy --policy-pack-config \"?policy/config\.", call)
    assert script.index("make layer") < script.index(call)


def test_the_previewed_stacks_have_a_configuration_of_program_and_pack():
    matrix = _job("pull-request.yml", "preview")["strategy"]["matrix"]["include"]

    assert [entry["stack"] for entry in matrix] == list(STACKS)
    for stack in STACKS:
        assert (ROOT / f"Pulumi.{stack}.yaml").exists()
        assert (ROOT / f"policy/config.{stack}.json").exists()


@pytest.mark.parametrize(("workflow", "job"), PULUMI)
def test_the_cli_is_of_the_release_that_the_program_is_pinned_to(workflow: str, job: str):
    [cli] = [
        step["with"]["pulumi-version"]
        for step in _job(workflow, job)["steps"]
        if step.get("uses", "").startswith("pulumi/actions@")
    ]

    assert f"\npulumi=={cli} " in (ROOT / "requirements.txt").read_text()


def test_production_waits_for_its_environment_and_for_the_tests():
    deploy = _job("main.yml", "deploy")

    assert deploy["environment"] == "prod"
    assert deploy["needs"] == "test"
