"""Options that several commands share, and what they are turned into."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from rbaclens.errors import UsageError
from rbaclens.model.policy import PolicySet

if TYPE_CHECKING:
    from rbaclens.index.engine import Engine, WebhookFactory
    from rbaclens.model.authorizer_config import AuthorizerConfig
    from rbaclens.model.identities import Identities
    from rbaclens.requests.subjects import Identity

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
WEBHOOK_ANSWERS = ("allow", "deny", "no-opinion")


def together(*decorators: Decorator) -> Decorator:
    """Several option decorators as one, shown in the order given."""

    def apply(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


cluster_options = together(
    click.option("--context", metavar="NAME", help="Policy: the cluster of this kubeconfig context."),
    click.option("--kubeconfig", metavar="FILE", help="The kubeconfig file (default: $KUBECONFIG, then ~/.kube/config)."),
)

policy_options = together(
    click.option("-f", "--filename", "files", multiple=True, metavar="PATH", help="Policy: a file, a folder, or - for stdin. Repeatable."),
    click.option("--no-bootstrap", is_flag=True, help="Leave out the default roles and bindings that every cluster has."),
    click.option("--skip-bad-files", is_flag=True, help="Go on without files that cannot be read; a no becomes unknown."),
    cluster_options,
    click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors."),
)

authorizer_options = together(
    click.option("--authorization-mode", metavar="MODES", help="As the API server's: Node,RBAC ... in order."),
    click.option("--authorization-policy-file", metavar="FILE", help="The ABAC policy file."),
    click.option("--authorization-webhook-config-file", metavar="FILE", help="The webhook's kubeconfig, for mode Webhook."),
    click.option("--authorization-webhook-version", metavar="VERSION", help="v1beta1 (default) or v1."),
    click.option("--authorization-config", metavar="FILE", help="An AuthorizationConfiguration file."),
    click.option("--call-webhooks", is_flag=True, help="Really ask the webhooks; without it nothing touches the network."),
    click.option(
        "--webhook", "webhooks", multiple=True, metavar="NAME=ANSWER", help="Assume a webhook's answer: allow, deny or no-opinion."
    ),
)

config_option = click.option("--config", "config_file", metavar="FILE", help="Settings: TOML or YAML, instead of those that are found.")
rules_option = click.option(
    "--rules", "rule_files", multiple=True, metavar="FILE", help="Custom rules: a file, or a folder of them. Repeatable."
)

identities_option = click.option(
    "--identities", "identities_file", metavar="FILE", help="Who is in which group: YAML, JSON, CSV, or an aws-auth ConfigMap."
)

identity_options = together(
    identities_option,
    click.option("--as-group", "--group", "as_groups", multiple=True, metavar="GROUP", help="A group that the subject is in. Repeatable."),
    click.option("--exact-groups", is_flag=True, help="Judge with exactly the groups given: imply none."),
    click.option("--uid", default="", metavar="UID", help="The user's uid, for webhooks and match conditions."),
    click.option("--extra", "extras", multiple=True, metavar="KEY=VALUE", help="An extra attribute of the user. Repeatable."),
)


class AuthorizerOptions(NamedTuple):
    """The authorizer options as given."""

    mode: str | None
    policy_file: str | None
    webhook_config_file: str | None
    webhook_version: str | None
    config: str | None
    call_webhooks: bool
    webhooks: tuple[str, ...]


def take_authorizer_options(options: dict[str, Any]) -> AuthorizerOptions:
    """The authorizer options out of a command's arguments."""
    return AuthorizerOptions(
        mode=options.pop("authorization_mode"),
        policy_file=options.pop("authorization_policy_file"),
        webhook_config_file=options.pop("authorization_webhook_config_file"),
        webhook_version=options.pop("authorization_webhook_version"),
        config=options.pop("authorization_config"),
        call_webhooks=options.pop("call_webhooks"),
        webhooks=options.pop("webhooks"),
    )


def load_policy_from(given: Mapping[str, Any], authorizers: AuthorizerOptions | None = None, *, keep_bad_lines: bool = False) -> PolicySet:
    """The policy that a command's policy options describe: ``-f``, ``$RBACLENS_POLICIES``, ``./policies`` or the cluster.

    The first match wins, and stderr says which it was. ``--context`` and ``--kubeconfig`` mean the cluster. With
    ``keep_bad_lines`` an ABAC file is read without the lines with which the API server would not start.
    """
    abac_file = authorizers.policy_file if authorizers else None
    paths, which = _policy_paths(given, abac_file)
    if paths is None:
        policy, which = _policy_of_cluster(given)
    else:
        from rbaclens.sources import load

        policy = load(
            paths,
            stdin=_read_stdin,
            abac_file=abac_file,
            bootstrap=not given["no_bootstrap"],
            skip_bad_files=given["skip_bad_files"],
            keep_bad_lines=keep_bad_lines,
        )
    if not given["quiet"]:
        _tell(policy, which)
    return policy


def load_files(paths: tuple[str, ...], *, abac_file: str | None = None, bootstrap: bool = True, skip_bad_files: bool = False) -> PolicySet:
    """The policy in files; ``-`` is stdin."""
    from rbaclens import sources

    return sources.load(paths, stdin=_read_stdin, abac_file=abac_file, bootstrap=bootstrap, skip_bad_files=skip_bad_files)


def _policy_of_cluster(given: Mapping[str, Any]) -> tuple[PolicySet, str]:
    from rbaclens.cli.cluster import load_from_cluster

    namespace = given.get("namespace")
    namespaces = (namespace,) if namespace else ()
    return load_from_cluster(given["context"], given["kubeconfig"], namespaces=namespaces, quiet=given["quiet"])


def _tell(policy: PolicySet, which: str) -> None:
    click.echo(f"policy: {which}", err=True)
    for notice in policy.notices:
        where = f"{policy.locate(notice.origin)}: " if notice.origin else ""
        click.echo(f"warning: {where}{notice.message}", err=True)
    for gap in policy.gaps:
        click.echo(f"warning: {gap}", err=True)


def make_engine(policy: PolicySet, options: AuthorizerOptions) -> Engine:
    """The engine for ``policy`` with the chain that the options describe; what a question does not need is not prepared."""
    from rbaclens.index.engine import Engine

    config = _authorizer_config(options, policy)
    return Engine(policy, config, webhook=_webhook_factory(options, config), prepare=False)


def load_identities(given: dict[str, Any]) -> Identities:
    """Who is in which group, by ``--identities``; without it nobody is known to be in any."""
    from rbaclens.model.identities import Identities

    if given["identities_file"] is None:
        return Identities()
    from rbaclens.sources.identities import load_identities as load

    identities = load(given["identities_file"], stdin=_read_stdin)
    if not given["quiet"]:
        for notice in identities.notices:
            click.echo(f"warning: {f'{identities.locate(notice.origin)}: ' if notice.origin else ''}{notice.message}", err=True)
    return identities


def identity(given: dict[str, Any]) -> Identity:
    """Who asks, from a command's ``subject`` and the identity options."""
    from rbaclens.requests.closure import identity_closure

    return identity_closure(given["subject"], load_identities(given), groups=given["as_groups"], exact_groups=given["exact_groups"])


def parse_pairs(pairs: tuple[str, ...], option: str) -> list[tuple[str, str]]:
    """``KEY=VALUE`` arguments as pairs; raises UsageError."""
    for pair in pairs:
        if "=" not in pair or pair.startswith("="):
            raise UsageError(f'{option} takes KEY=VALUE, not "{pair}"')
    return [(key, value) for key, _, value in (pair.partition("=") for pair in pairs)]


def local_paths(files: tuple[str, ...], abac_file: str | None) -> tuple[tuple[str, ...] | None, str]:
    """The files to read and how to call them: ``-f``, ``$RBACLENS_POLICIES``, ``./policies``; ``None`` when there are none."""
    if files:
        return files, ", ".join("stdin" if name == "-" else name for name in files)
    variable = os.environ.get("RBACLENS_POLICIES")
    if variable:
        paths = tuple(part for part in variable.split(os.pathsep) if part)
        return paths, f"{', '.join(paths)} (from $RBACLENS_POLICIES)"
    if abac_file:
        return (), f"{abac_file} (ABAC)"
    return (("policies",), "./policies") if Path("policies").is_dir() else (None, "")


def _policy_paths(given: Mapping[str, Any], abac_file: str | None) -> tuple[tuple[str, ...] | None, str]:
    """The files to read and how to call them; ``None`` means the cluster."""
    if given["context"] or given["kubeconfig"]:
        if given["files"]:
            raise UsageError("-f and --context are two policies", "give one of them (rbaclens verify compares the two)")
        return None, ""
    paths, which = local_paths(given["files"], abac_file)
    if paths is None:
        from rbaclens.cli.cluster import has_cluster

        if not has_cluster():
            hint = "give -f FILE_OR_FOLDER, set $RBACLENS_POLICIES, run where ./policies is, or have a kubeconfig"
            raise UsageError("there is no policy to judge by", hint)
    return paths, which


def _read_stdin() -> bytes:
    return sys.stdin.buffer.read()


def _authorizer_config(options: AuthorizerOptions, policy: PolicySet) -> AuthorizerConfig | None:
    if not any(options[:5]):
        return None
    from rbaclens.authorizers.conditions import check_expression
    from rbaclens.sources.authorizer_flags import config_from_flags

    modes = options.mode
    if modes is None and options.config is None:
        # A policy file or a webhook's kubeconfig alone say which authorizers are meant: the default chain with them.
        modes = ",".join(
            ["Node", *(["ABAC"] if options.policy_file else []), "RBAC", *(["Webhook"] if options.webhook_config_file else [])]
        )
    policy_file = options.policy_file
    if policy_file is None and policy.abac is not None and (modes is None or "ABAC" in modes.split(",")):
        policy_file = "-f"  # the ABAC lines came with the other policy
    return config_from_flags(modes, policy_file, options.webhook_config_file, options.webhook_version, options.config, check_expression)


def _webhook_factory(options: AuthorizerOptions, config: AuthorizerConfig | None) -> WebhookFactory | None:
    if config is None or not any(entry.webhook for entry in config.authorizers):
        if options.webhooks or options.call_webhooks:
            raise UsageError("there is no webhook authorizer in the chain", "name it by --authorization-config or --authorization-mode")
        return None
    answers = _webhook_answers(options.webhooks, [entry.name for entry in config.authorizers if entry.webhook])
    from rbaclens.cli.webhooks import factory

    return factory(answers, call=options.call_webhooks)


def _webhook_answers(pairs: tuple[str, ...], names: list[str]) -> Mapping[str, str]:
    answers = dict(parse_pairs(pairs, "--webhook"))
    for name, answer in answers.items():
        if name not in names:
            raise UsageError(f'no webhook of the chain is called "{name}"', f"they are called {', '.join(names)}")
        if answer not in WEBHOOK_ANSWERS:
            raise UsageError(f'"{answer}" is no answer of a webhook', f"write one of {', '.join(WEBHOOK_ANSWERS)}")
    return answers
