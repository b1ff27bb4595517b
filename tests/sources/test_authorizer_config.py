"""The authorization configuration, from a file and from flags."""

import json
from pathlib import Path
from typing import Any

import pytest

from rbaclens.authorizers.conditions import check_expression
from rbaclens.errors import AuthorizerConfigError
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry, WebhookSettings
from rbaclens.sources.authorizer_config import load_authorizer_config
from rbaclens.sources.authorizer_flags import config_from_flags

WEBHOOK: dict[str, Any] = {
    "timeout": "3s",
    "subjectAccessReviewVersion": "v1",
    "failurePolicy": "Deny",
    "connectionInfo": {"type": "KubeConfigFile", "kubeConfigFile": "hook.kubeconfig"},
}
HEAD = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthorizationConfiguration"}


def hook(name: str = "a", **changes: Any) -> dict[str, Any]:
    settings = {**WEBHOOK, **changes}
    return {"type": "Webhook", "name": name, "webhook": {key: value for key, value in settings.items() if value is not ...}}


def write(folder: Path, *authorizers: Any) -> Path:
    path = folder / "config.yaml"
    path.write_text(json.dumps({**HEAD, "authorizers": list(authorizers)}))
    return path


def problems(path: Path, check: Any = check_expression) -> tuple[str, ...]:
    with pytest.raises(AuthorizerConfigError) as caught:
        load_authorizer_config(path, check)
    assert caught.value.file == str(path)
    assert caught.value.problems
    for problem in caught.value.problems:
        assert problem in str(caught.value)
    return caught.value.problems


def load_text(folder: Path, text: str) -> tuple[str, ...]:
    path = folder / "config.yaml"
    path.write_bytes(text.encode())
    return problems(path)


@pytest.mark.parametrize("version", ["v1", "v1beta1", "v1alpha1"])
def test_yaml(tmp_path: Path, version: str) -> None:
    """All versions have the same shape (WH-21), the order of the list is kept (WH-25), the kubeconfig stands beside the file."""
    text = f"""
apiVersion: apiserver.config.k8s.io/{version}
kind: AuthorizationConfiguration
authorizers:
- type: Webhook
  name: first.example.com
  webhook:
    timeout: 1.5s
    subjectAccessReviewVersion: v1beta1
    matchConditionSubjectAccessReviewVersion: v1
    failurePolicy: NoOpinion
    cacheAuthorizedRequests: no
    connectionInfo:
      type: KubeConfigFile
      kubeConfigFile: hooks/bob.kubeconfig
    matchConditions:
    - expression: has(request.resourceAttributes)
- {{type: RBAC, name: rbac}}
"""
    path = tmp_path / "config.yaml"
    path.write_text(text)
    settings = WebhookSettings(
        str(tmp_path / "hooks" / "bob.kubeconfig"), "v1beta1", "NoOpinion", 1.5, ("has(request.resourceAttributes)",)
    )
    entries = (AuthorizerEntry("Webhook", "first.example.com", settings), AuthorizerEntry("RBAC", "rbac"))
    assert load_authorizer_config(path, check_expression) == AuthorizerConfig(entries, str(path))


@pytest.mark.parametrize(
    "authorizers",
    [
        [{"type": "Node", "name": "node"}, {"type": "RBAC", "name": "rbac"}],
        [hook("a"), hook("b")],
        [hook("a")],
        [{"type": name, "name": name.lower()} for name in ("AlwaysAllow", "AlwaysDeny", "ABAC", "RBAC", "Node")],
        [hook(timeout="30s", authorizedTTL="0s", unauthorizedTTL="1ns")],
        [hook(matchConditions=[], matchConditionSubjectAccessReviewVersion="")],
    ],
)
def test_valid(tmp_path: Path, authorizers: list[Any]) -> None:
    """Only webhooks may repeat, and a configuration may consist of them alone (WH-26, WH-28, examples WH-D)."""
    config = load_authorizer_config(write(tmp_path, *authorizers), check_expression)
    assert [entry.name for entry in config.authorizers] == [item["name"] for item in authorizers]


def test_absolute_kubeconfig(tmp_path: Path) -> None:
    """An absolute path stays as it is, and the file need not exist while nothing is called."""
    connection = {"type": "KubeConfigFile", "kubeConfigFile": "/nowhere/hook.kubeconfig"}
    entry = load_authorizer_config(write(tmp_path, hook(connectionInfo=connection))).authorizers[0]
    assert entry.webhook is not None
    assert entry.webhook.kubeconfig == "/nowhere/hook.kubeconfig"


NAME_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
TYPES = '"ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"'
CONNECTION = "authorizers[0].connectionInfo"
CONDITIONS = {"matchConditionSubjectAccessReviewVersion": "v1"}
RBAC = {"type": "RBAC", "name": "rbac"}


def condition(*expressions: str, **changes: Any) -> dict[str, Any]:
    return hook(**{**CONDITIONS, "matchConditions": [{"expression": text} for text in expressions], **changes})


def connection(**fields: Any) -> dict[str, Any]:
    return hook(connectionInfo=fields)


@pytest.mark.parametrize(
    ("authorizers", "expected"),
    [
        ([], ["authorizers: Required value: at least one authorization mode must be defined"]),
        ([{"name": "a"}], ["authorizers[0].type: Required value"]),
        ([{"type": "rbac"}], [f'authorizers[0].type: Unsupported value: "rbac": supported values: {TYPES}']),
        ([RBAC, {"type": "RBAC", "name": "b"}], ['authorizers[1].type: Duplicate value: "RBAC"']),
        ([{"type": "RBAC"}], ["authorizers[0].name: Required value"]),
        ([hook(), hook()], ['authorizers[1].name: Duplicate value: "a"']),
        ([hook("A_b")], [f'authorizers[0].name: Invalid value: "A_b": authorizer name is invalid: {NAME_RULE}']),
        ([{"type": "Webhook", "name": "a"}], ["authorizers[0].webhook: Required value: required when type=Webhook"]),
        (
            [{**RBAC, "webhook": {}}],
            ['authorizers[0].webhook: Invalid value: "non-null": may only be specified when type=Webhook'],
        ),
        ([hook(timeout=...)], ["authorizers[0].timeout: Required value"]),
        ([hook(timeout="0s")], ["authorizers[0].timeout: Required value"]),
        ([hook(timeout="1m")], ['authorizers[0].timeout: Invalid value: "1m0s": must be > 0s and <= 30s']),
        ([hook(timeout="-1s")], ['authorizers[0].timeout: Invalid value: "-1s": must be > 0s and <= 30s']),
        ([hook(authorizedTTL="-1s")], ['authorizers[0].authorizedTTL: Invalid value: "-1s": must be > 0s']),
        ([hook(unauthorizedTTL="-1m")], ['authorizers[0].unauthorizedTTL: Invalid value: "-1m0s": must be > 0s']),
        ([hook(subjectAccessReviewVersion=...)], ["authorizers[0].subjectAccessReviewVersion: Required value"]),
        (
            [hook(subjectAccessReviewVersion="v2")],
            ['authorizers[0].subjectAccessReviewVersion: Unsupported value: "v2": supported values: "v1", "v1beta1"'],
        ),
        (
            [condition("true", matchConditionSubjectAccessReviewVersion=...)],
            ["authorizers[0].matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified"],
        ),
        (
            [hook(matchConditionSubjectAccessReviewVersion="v1beta1")],
            ['authorizers[0].matchConditionSubjectAccessReviewVersion: Unsupported value: "v1beta1": supported values: "v1"'],
        ),
        ([hook(failurePolicy=...)], ["authorizers[0].failurePolicy: Required value"]),
        (
            [hook(failurePolicy="Fail")],
            ['authorizers[0].failurePolicy: Unsupported value: "Fail": supported values: "NoOpinion", "Deny"'],
        ),
        ([hook(connectionInfo=...)], [f"{CONNECTION}.type: Required value"]),
        (
            [connection(type="Other")],
            [f'{CONNECTION}.type: Unsupported value: "Other": supported values: "InClusterConfig", "KubeConfigFile"'],
        ),
        (
            [connection(type="InClusterConfig", kubeConfigFile="")],
            [f'{CONNECTION}.kubeConfigFile: Invalid value: "": can only be set when type=KubeConfigFile'],
        ),
        (
            [connection(type="InClusterConfig")],
            [f'{CONNECTION}.type: Invalid value: "InClusterConfig": kube-apiserver needs type=KubeConfigFile'],
        ),
        ([connection(type="KubeConfigFile")], [f"{CONNECTION}.kubeConfigFile: Required value"]),
        ([connection(type="KubeConfigFile", kubeConfigFile="")], [f"{CONNECTION}.kubeConfigFile: Required value"]),
        (
            [connection(type="KubeConfigFile", kubeConfigFile=".")],
            [f'{CONNECTION}.kubeConfigFile: Invalid value: ".": must be a regular file'],
        ),
        (
            [condition(*(f"{n} == {n}" for n in range(65)))],
            ["authorizers[0].matchConditions: Too many: 65: must have at most 64 items"],
        ),
        ([condition("true", " \n")], ["authorizers[0].matchConditions[1].expression: Required value"]),
        ([condition("true", "true")], ['authorizers[0].matchConditions[1].expression: Duplicate value: "true"']),
        (
            [condition("request.user")],
            ['authorizers[0].matchConditions[0].expression: Invalid value: "request.user": must evaluate to bool but got string'],
        ),
        ([{"type": "RBAC", "name": "my-rbac"}], ["expected name rbac for authorizer RBAC instead of my-rbac"]),
        (
            [{"type": "AlwaysDeny", "name": "x"}, hook(timeout="1m"), {"name": "y"}],
            [
                'authorizers[1].timeout: Invalid value: "1m0s": must be > 0s and <= 30s',
                "authorizers[2].type: Required value",
                "expected name alwaysdeny for authorizer AlwaysDeny instead of x",
            ],
        ),
    ],
)
def test_validation_table(tmp_path: Path, authorizers: list[Any], expected: list[str]) -> None:
    """Every row of the validation table, in the server's words, and all of a file's faults at once (WH-27 to WH-29)."""
    assert list(problems(write(tmp_path, *authorizers))) == expected


def test_expressions_are_left_alone_without_a_check(tmp_path: Path) -> None:
    """Who hands in no compiler gets the configuration without looking into expressions."""
    config = load_authorizer_config(write(tmp_path, condition("request.user")))
    assert config.authorizers[0].webhook is not None
    assert config.authorizers[0].webhook.match_conditions == ("request.user",)


LOAD = "failed to load AuthorizationConfiguration from file: "


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "authorizers: Required value: at least one authorization mode must be defined"),
        ("# nothing\n", LOAD + "Object 'Kind' is missing"),
        (json.dumps({"apiVersion": HEAD["apiVersion"]}), LOAD + "Object 'Kind' is missing"),
        (json.dumps({"kind": HEAD["kind"]}), LOAD + "Object 'apiVersion' is missing"),
        (
            json.dumps({**HEAD, "apiVersion": "apiserver.config.k8s.io/v99"}),
            LOAD + 'no kind "AuthorizationConfiguration" is registered for version "apiserver.config.k8s.io/v99"',
        ),
        (
            json.dumps({**HEAD, "apiVersion": "apps/v1"}),
            LOAD + 'no kind "AuthorizationConfiguration" is registered for version "apps/v1"',
        ),
        (
            json.dumps({**HEAD, "kind": "SomeConfiguration"}),
            LOAD + 'no kind "SomeConfiguration" is registered for version "apiserver.config.k8s.io/v1"',
        ),
        (json.dumps({**HEAD, "authorzers": []}), LOAD + 'strict decoding error: unknown field "authorzers"'),
        (
            json.dumps({**HEAD, "authorizers": [{"foo": "bar"}, hook(x=1)]}),
            LOAD + 'strict decoding error: unknown field "authorizers[0].foo", unknown field "authorizers[1].webhook.x"',
        ),
        (
            f'{{"apiVersion": "{HEAD["apiVersion"]}", "kind": "{HEAD["kind"]}", "authorizers": [{{"name": "a", "name": "b"}}]}}',
            LOAD + 'strict decoding error: duplicate field "authorizers[0].name"',
        ),
        (
            f"apiVersion: {HEAD['apiVersion']}\nkind: {HEAD['kind']}\nauthorizers:\n- name: a\n  name: b\n",
            LOAD + 'strict decoding error: yaml: unmarshal errors:\n  line 5: key "name" already set in map',
        ),
        (
            json.dumps({**HEAD, "authorizers": {"type": "RBAC"}}),
            LOAD + "json: cannot unmarshal object into Go struct field AuthorizationConfiguration.authorizers of type list",
        ),
        (
            json.dumps({**HEAD, "authorizers": ["RBAC"]}),
            LOAD + "json: cannot unmarshal string into Go struct field AuthorizationConfiguration.authorizers[0] of type object",
        ),
        (
            json.dumps({**HEAD, "authorizers": [{"type": True}]}),
            LOAD + "json: cannot unmarshal bool into Go struct field AuthorizationConfiguration.authorizers[0].type of type string",
        ),
        (
            json.dumps({**HEAD, "authorizers": [hook(cacheAuthorizedRequests=[])]}),
            LOAD + "json: cannot unmarshal array into Go struct field "
            "AuthorizationConfiguration.authorizers[0].webhook.cacheAuthorizedRequests of type bool",
        ),
        (
            json.dumps({**HEAD, "authorizers": [hook(timeout=5)]}),
            LOAD
            + "json: cannot unmarshal number into Go struct field AuthorizationConfiguration.authorizers[0].webhook.timeout of type string",
        ),
        (json.dumps({**HEAD, "authorizers": [hook(timeout="5")]}), LOAD + 'time: missing unit in duration "5"'),
        (json.dumps({**HEAD, "authorizers": [hook(timeout=None)]}), LOAD + 'time: invalid duration ""'),
        ("- a\n", LOAD + "couldn't get version/kind; json parse error: the document is not an object"),
        ("a: &a [*a]\n", LOAD + "error converting YAML to JSON: yaml: an anchor contains itself"),
        ("? [a]\n: b\n", LOAD + "error converting YAML to JSON: yaml: line 1: a key must be a plain value"),
    ],
)
def test_decoding(tmp_path: Path, text: str, problem: str) -> None:
    """Decoding is strict, and its faults are told before any validation (WH-21, WH-28, examples WH-D)."""
    assert load_text(tmp_path, text) == (problem,)


@pytest.mark.parametrize(
    "text", ["{", '{"a": }', "a: [", "a: b: c", "\t- x", "!!python/object:os.system {}", "[" * 20000, '{"a":' + "[" * 20000]
)
def test_broken_text(tmp_path: Path, text: str) -> None:
    """Text that is no document is an error with a clear message, whatever is wrong with it."""
    assert load_text(tmp_path, text)[0].startswith(LOAD)


def test_unreadable(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are errors that name the file."""
    missing = tmp_path / "missing.yaml"
    assert problems(missing) == (f"{LOAD}open {missing}: no such file or directory",)
    assert problems(tmp_path) == (f"{LOAD}open {tmp_path}: is a directory",)
    (tmp_path / "latin").write_bytes(b"\xff\xfe\xff")
    assert problems(tmp_path / "latin") == (f"{LOAD}the file is not UTF-8 text",)


def test_null_fields_are_empty(tmp_path: Path) -> None:
    """Go's null is the empty value."""
    assert problems(write(tmp_path, {"type": "RBAC", "name": None, "webhook": None})) == ("authorizers[0].name: Required value",)


def test_half_surrogate_pairs(tmp_path: Path) -> None:
    """What is no Unicode becomes the replacement character, as in Go."""
    assert problems(write(tmp_path, {"type": "\ud800"}))[0].startswith('authorizers[0].type: Unsupported value: "\ufffd"')


def test_alias_bomb_is_read_once(tmp_path: Path) -> None:
    """Aliases are shared, not unfolded."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    text = f"apiVersion: {HEAD['apiVersion']}\nkind: {HEAD['kind']}\n" + "\n".join(lines) + "\n"
    assert load_text(tmp_path, text)[0].startswith(LOAD + 'strict decoding error: unknown field "a0"')


def entries(*types: Any) -> tuple[AuthorizerEntry, ...]:
    return tuple(AuthorizerEntry(kind, kind.lower()) for kind in types)


def test_flags() -> None:
    """Modes keep their order, any order is legal, and no mode at all allows everything (WH-32, WH-36)."""
    assert config_from_flags().authorizers == entries("AlwaysAllow")
    assert config_from_flags("AlwaysDeny,RBAC").authorizers == entries("AlwaysDeny", "RBAC")
    assert config_from_flags("RBAC,ABAC,Node", policy_file="p").authorizers == entries("RBAC", "ABAC", "Node")


def test_legacy_webhook() -> None:
    """The flags' webhook is called default and has fixed settings (WH-35)."""
    entry = AuthorizerEntry("Webhook", "default", WebhookSettings("k", "v1beta1", "NoOpinion", 30.0, ()))
    assert config_from_flags("Webhook", webhook_config_file="k").authorizers == (entry,)
    changed = config_from_flags("Webhook", webhook_config_file="k", webhook_version="v1").authorizers[0].webhook
    assert changed is not None
    assert changed.review_version == "v1"


BOTH = "--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"modes": ""}, ["at least one authorization-mode must be passed"]),
        ({"modes": "X"}, ['authorization-mode "X" is not a valid mode']),
        ({"modes": "RBAC, Node"}, ['authorization-mode " Node" is not a valid mode']),
        ({"modes": "ABAC"}, ["authorization-mode ABAC's authorization policy file not passed"]),
        ({"modes": "Webhook"}, ["authorization-mode Webhook's authorization config file not passed"]),
        ({"modes": "RBAC", "policy_file": "p"}, ["cannot specify --authorization-policy-file without mode ABAC"]),
        ({"policy_file": "p"}, ["cannot specify --authorization-policy-file without mode ABAC"]),
        (
            {"modes": "RBAC", "webhook_config_file": "k"},
            ["cannot specify --authorization-webhook-config-file without mode Webhook"],
        ),
        ({"modes": "RBAC,RBAC"}, ['authorization-mode ["RBAC" "RBAC"] has mode specified more than once']),
        (
            {"modes": "RBAC", "webhook_version": "v2"},
            ['unsupported webhook authorizer version "v2", supported versions are "v1", "v1beta1"'],
        ),
        (
            {"modes": "X,ABAC,Webhook,ABAC"},
            [
                'authorization-mode "X" is not a valid mode',
                "authorization-mode ABAC's authorization policy file not passed",
                "authorization-mode Webhook's authorization config file not passed",
                "authorization-mode ABAC's authorization policy file not passed",
                'authorization-mode ["X" "ABAC" "Webhook" "ABAC"] has mode specified more than once',
            ],
        ),
        ({"config_file": "c", "modes": "RBAC"}, [BOTH]),
        ({"config_file": "c", "webhook_config_file": "k"}, [BOTH]),
        ({"config_file": "c", "webhook_version": "v1"}, [BOTH]),
    ],
)
def test_flag_errors(flags: dict[str, str], expected: list[str]) -> None:
    """All flag errors are collected, in the server's words (WH-33, WH-34)."""
    with pytest.raises(AuthorizerConfigError) as caught:
        config_from_flags(**flags)
    assert list(caught.value.problems) == expected


def test_flags_with_a_configuration(tmp_path: Path) -> None:
    """A policy file may be combined with a configuration, and ABAC in it needs one (WH-28, WH-33)."""
    path = str(write(tmp_path, {"type": "ABAC", "name": "abac"}))
    assert config_from_flags(config_file=path, policy_file="p").authorizers == entries("ABAC")
    with pytest.raises(AuthorizerConfigError, match="needs a policy file"):
        config_from_flags(config_file=path)
