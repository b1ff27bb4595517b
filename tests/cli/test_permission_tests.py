"""``rbaclens test``: exit codes, reports, and mutants, as a whole command."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

from rbaclens.cli.permission_tests import command
from rbaclens.errors import PolicyFileError, UsageError

ROOT = Path(__file__).resolve().parents[2]
POLICIES = [option for name in ("bob.jsonl", "oncall.yaml", "shop.yaml") for option in ("-f", str(ROOT / "policies" / name))]
SAMPLE = str(ROOT / "tests" / "data" / "examples" / "permissions.facts.yaml")
HOLDS = "- allow: bob get pods in projectCaribou\n"
FAILS = "- id: pipeline\n  deny: sa:shop/deployer get secrets in shop\n  why: no need to\n"
UNKNOWN = "- nobody can get pods in namespaces labelled env=prod\n"


@pytest.fixture
def run(tmp_path):
    """Runs the command on a text of facts, and gives the result."""

    def run(text, *options, quiet=True):
        file = tmp_path / "my.facts.yaml"
        file.write_text(text)
        arguments = [str(file), *POLICIES, *(["-q"] if quiet else []), *options]
        return CliRunner().invoke(command, arguments, catch_exceptions=False)

    return run


@pytest.mark.parametrize(("text", "code"), [(HOLDS, 0), (HOLDS + FAILS, 1), (HOLDS + UNKNOWN, 3), (FAILS + UNKNOWN, 1)])
def test_exit_codes(run, text, code):
    """0 all hold, 1 some fail, 3 some are unknown; a failure comes first."""
    assert run(text).exit_code == code


@pytest.mark.parametrize("text", ["- nobody cna get pods", "[", ""])
def test_unreadable(run, text):
    """What cannot be read is an error of exit code 2."""
    with pytest.raises(PolicyFileError) as caught:
        run(text)
    assert caught.value.exit_code == 2


def test_text(run):
    """A failure shows the request, who asks, and the evidence with its place; the last line counts."""
    output = run(HOLDS + FAILS + UNKNOWN).output
    assert "  ok      allow: bob get pods in projectCaribou\n" in output
    assert "  FAILED  pipeline: deny: sa:shop/deployer get secrets in shop\n" in output
    assert "because   no need to" in output
    assert "my.facts.yaml:2\n" in output
    assert "request   get secrets registry in namespace shop" in output
    assert "rule 2: get secrets named registry" in output
    assert "shop.yaml:44)" in output
    assert "  UNKNOWN nobody can get pods" in output
    assert output.endswith("3 facts: 1 hold, 1 fail, 1 unknown\n")


def test_what_is_missing_is_explained(run):
    """Of a permission that is not there, the near misses are shown, two at most."""
    output = run("- allow: bob delete pods in projectCaribou").output
    assert "the answer to this request is no:" in output
    assert "1. readonly: asked delete, held get, list, watch" in output
    assert "3. " not in output


def test_json(run):
    """Data with the counterexample as check gives it."""
    data = json.loads(run(HOLDS + FAILS + UNKNOWN, "-o", "json").output)
    assert data["schema"] == "rbaclens.test/v1"
    assert data["counts"] == {"holds": 1, "fails": 1, "unknown": 1}
    failed = data["facts"][1]
    assert (failed["id"], failed["why"], failed["outcome"], failed["at"]["line"]) == ("pipeline", "no need to", "fails", 2)
    assert failed["counterexample"]["answer"] == "yes"
    assert failed["counterexample"]["evidence"]["binding"]["name"] == "deployer"
    assert "no Namespace" in data["facts"][2]["doubts"][0]


def test_junit(run):
    """A suite for the file, a failure for what fails, an error for what is unknown; no character that XML does not know."""
    output = run(HOLDS + FAILS + UNKNOWN + '- fact: "deny: user:a\\x01b get pods"\n', "-o", "junit").output
    (suite,) = ET.fromstring(output)  # noqa: S314 - our own text
    assert {key: suite.get(key) for key in ("tests", "failures", "errors")} == {"tests": "4", "failures": "1", "errors": "1"}
    passed, failed, unknown, odd = suite
    assert (passed.get("name"), len(passed)) == ("allow: bob get pods in projectCaribou", 0)
    assert (failed.get("name"), failed.get("line"), failed[0].tag) == ("pipeline", "2", "failure")
    assert "rule 2: get secrets named registry" in failed[0].text
    assert unknown[0].tag == "error"
    assert odd.get("name") == "deny: user:a?b get pods"


def test_the_sample_holds():
    """The sample policies keep to the sample facts."""
    result = CliRunner().invoke(command, [SAMPLE, *POLICIES, "-q"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "FAILED" not in result.output


def test_warnings(run):
    """A namespace that nothing mentions may be a slip, and so may a verb that is not served."""
    result = run("- nobody can list pods/log in shpo", quiet=False)
    assert "nothing in the policy mentions the namespace shpo" in result.stderr
    assert "the API server does not serve list on pods/log" in result.stderr


def test_identities(run, tmp_path):
    """The groups of an identities file count."""
    file = tmp_path / "ids.yaml"
    file.write_text("alice: [devs]\n")
    text = "- allow: user:alice get pods in shop\n"
    assert run(text).exit_code == 1
    assert run(text, "--identities", str(file)).exit_code == 0


def test_mutants(run):
    """What no fact catches, by object and line, and the score."""
    output = run("- only sa:shop/deployer can get secrets\n- deny: sa:shop/deployer get secrets named other in shop", "--mutate").output
    assert "mutation score" in output
    assert "no fact catches these changes:" in output
    assert "on objects of any name" not in output
    assert "rule 2 of Role shop/deployer" in output


def test_mutants_as_data(run):
    """Score, counts and survivors; a sample is one of so many that are possible."""
    data = json.loads(run(HOLDS, "--mutate", "--mutate-limit", "10", "--seed", "3", "-o", "json").output)["mutation"]
    assert data["tried"] == 10 < data["possible"]
    assert data["caught"] + data["equivalent"] + len(data["survivors"]) == 10
    assert {"way", "where", "change", "at"} == set(data["survivors"][0])


def test_fail_under(run):
    """A score below what is asked for is exit code 1."""
    assert run(HOLDS, "--mutate", "--fail-under", "0").exit_code == 0
    assert run(HOLDS, "--mutate", "--fail-under", "99").exit_code == 1


def test_facts_that_fail_catch_nothing(run):
    """Only facts that hold are tried on mutants; how many are left out is said."""
    result = run(HOLDS + FAILS, "--mutate", quiet=False)
    assert "1 fact does not hold, and can catch nothing" in result.stderr
    assert "caught by 1 fact\n" in result.output


def test_options_that_do_not_fit(run):
    """How to mutate is said only with --mutate."""
    with pytest.raises(UsageError, match="--mutate-limit"):
        run(HOLDS, "--mutate-limit", "3")


def test_an_assumed_webhook_is_settled(run, tmp_path):
    """A webhook makes facts unknown, unless its answer is assumed."""
    config = tmp_path / "config.yaml"
    config.write_text(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers:\n- {type: RBAC, name: rbac}\n"
        "- type: Webhook\n  name: hook\n  webhook:\n    timeout: 3s\n    subjectAccessReviewVersion: v1\n"
        "    matchConditionSubjectAccessReviewVersion: v1\n    failurePolicy: NoOpinion\n"
        "    authorizedTTL: 30s\n    unauthorizedTTL: 30s\n"
        "    connectionInfo: {type: KubeConfigFile, kubeConfigFile: /hook.kubeconfig}\n"
    )
    options = ("--authorization-config", str(config))
    assert run("- nobody can delete secrets", *options).exit_code == 3
    assert run("- nobody can delete secrets", *options, "--webhook", "hook=no-opinion").exit_code == 0
    assert run("- nobody can delete secrets", *options, "--webhook", "hook=allow").exit_code == 1


def test_several_outputs(run, tmp_path):
    """One report is printed, the others are written; two are not printed into one another."""
    file = tmp_path / "tests.xml"
    assert run(HOLDS, "-o", f"junit={file}", "-o", "text").output.endswith("1 fact: 1 hold\n")
    assert ET.fromstring(file.read_text()).get("failures") == "0"  # noqa: S314 - our own text
    for words in (("-o", "json", "-o", "text"), ("-o", "pdf"), ("-o", f"junit={file}/a.xml")):
        with pytest.raises(UsageError):
            run(HOLDS, *words)
