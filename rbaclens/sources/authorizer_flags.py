"""The API server's authorization flags, with or without a configuration file (WH-32 to WH-36)."""

from __future__ import annotations

from rbaclens.errors import AuthorizerConfigError
from rbaclens.model.authorizer_config import AUTHORIZER_TYPES, AuthorizerConfig, AuthorizerEntry, AuthorizerType, WebhookSettings
from rbaclens.model.decision import quote
from rbaclens.sources.authorizer_config import ExpressionCheck, load_authorizer_config

_TYPES: dict[str, AuthorizerType] = {name: name for name in AUTHORIZER_TYPES}
_REVIEW_VERSIONS = ("v1", "v1beta1")


def config_from_flags(
    modes: str | None = None,
    policy_file: str | None = None,
    webhook_config_file: str | None = None,
    webhook_version: str | None = None,
    config_file: str | None = None,
    check: ExpressionCheck | None = None,
) -> AuthorizerConfig:
    """The chain that these flags configure; ``None`` is a flag that was not given.

    ``modes`` is the comma-separated list of ``--authorization-mode``. Without it and without ``config_file`` the server
    allows everything (WH-32). ``webhook_version`` (``v1beta1`` when not given) is the review's version. ``check`` is handed
    to :func:`load_authorizer_config`. Raises :class:`AuthorizerConfigError` with every problem in the server's words.
    """
    if config_file is not None:
        if modes is not None or webhook_config_file is not None or webhook_version is not None:
            text = "--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined"
            raise _refused([text])
        config = load_authorizer_config(config_file, check)
        if policy_file is None and any(entry.type == "ABAC" for entry in config.authorizers):
            raise _refused(["authorizer ABAC needs a policy file (--authorization-policy-file)"])
        return config
    names = ["AlwaysAllow"] if modes is None else modes.split(",") if modes else []
    problems = _mode_problems(names, policy_file, webhook_config_file)
    if webhook_version not in (None, *_REVIEW_VERSIONS):
        shown = f"{quote(webhook_version or '')}, supported versions are {quote('v1')}, {quote('v1beta1')}"
        problems.append(f"unsupported webhook authorizer version {shown}")
    if problems:
        raise _refused(problems)
    return AuthorizerConfig(tuple(_entry(_TYPES[name], webhook_config_file or "", webhook_version) for name in names))


def _mode_problems(names: list[str], policy_file: str | None, webhook_config_file: str | None) -> list[str]:
    problems = [] if names else ["at least one authorization-mode must be passed"]
    for name in names:
        if name not in _TYPES:
            problems.append(f"authorization-mode {quote(name)} is not a valid mode")
        if name == "ABAC" and not policy_file:
            problems.append("authorization-mode ABAC's authorization policy file not passed")
        if name == "Webhook" and not webhook_config_file:
            problems.append("authorization-mode Webhook's authorization config file not passed")
    if policy_file and "ABAC" not in names:
        problems.append("cannot specify --authorization-policy-file without mode ABAC")
    if webhook_config_file and "Webhook" not in names:
        problems.append("cannot specify --authorization-webhook-config-file without mode Webhook")
    if len(set(names)) < len(names):
        shown = " ".join(quote(name) for name in names)
        problems.append(f"authorization-mode [{shown}] has mode specified more than once")
    return problems


def _entry(kind: AuthorizerType, kubeconfig: str, version: str | None) -> AuthorizerEntry:
    if kind != "Webhook":
        return AuthorizerEntry(kind, kind.lower())
    # WH-35; timeout, failure policy and conditions are those that WebhookSettings has without being told.
    return AuthorizerEntry(kind, "default", WebhookSettings(kubeconfig, "v1" if version == "v1" else "v1beta1"))


def _refused(problems: list[str]) -> AuthorizerConfigError:
    message = problems[0] if len(problems) == 1 else "\n  ".join([f"{len(problems)} problems", *problems])
    return AuthorizerConfigError(message, "the API server would not start with these flags", problems=tuple(problems))
