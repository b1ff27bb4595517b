"""``rbaclens can-apply``: may somebody create or change these roles and bindings?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import options as shared
from rbaclens.errors import PolicyFileError, RequestError, UsageError
from rbaclens.model.decision import Answer

if TYPE_CHECKING:
    from rbaclens.analysis.escalation import EscalationChecker
    from rbaclens.index.engine import Engine
    from rbaclens.model.decision import Decision
    from rbaclens.model.location import Location
    from rbaclens.model.objects import Role
    from rbaclens.model.policy import PolicySet
    from rbaclens.model.request import Extra, Request
    from rbaclens.model.rules import PolicyRule
    from rbaclens.model.validation import Submission
    from rbaclens.reports.apply import Judged
    from rbaclens.requests.subjects import Identity

HELP = """May a user create or change these roles and bindings? Answers as the API server's dry run: its code and
message, the rules that the user would grant without holding them, and what would help.

OBJECT is a manifest file or folder (- is stdin); what is no Role, ClusterRole, RoleBinding or ClusterRoleBinding is passed
over. -f is the policy to judge by, as everywhere. Without any OBJECT it is read as kubectl's: the -f files are what is to be
applied, and the policy comes from $RBACLENS_POLICIES, ./policies, or is the default one of every cluster.

An object that the policy holds already is an update. A binding may refer to a role that stands before it; otherwise each
object is judged for itself.

--requests FILE answers lines of {"user", "groups", "object"} in bulk: each a create, with exactly the groups of the line (and
the one that the server itself adds).

\b
Examples:
  rbaclens can-apply -f policies/oncall.yaml --as alice
  rbaclens can-apply -f policies --as sa:shop/deployer policies/shop.yaml
  rbaclens can-apply -f policies --as root --as-group system:masters policies/oncall.yaml -o json
"""


@click.command("can-apply", help=HELP, short_help="May a user create or change these roles and bindings.")
@click.argument("objects", nargs=-1, metavar="[OBJECT]...")
@click.option("--as", "subject", metavar="USER", help="Who applies: bob, sa:NAMESPACE/NAME.")
@click.option("-n", "--namespace", metavar="NAMESPACE", help="The namespace of objects that name none (default: default).")
@click.option("--requests", "requests_file", metavar="FILE", help="Lines of user, groups and object to answer, in bulk.")
@shared.identity_options
@shared.policy_options
@shared.authorizer_options
@click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json", "yaml", "jsonl", "name"]),
    default=None,
    help="Default: text; jsonl with --requests.",
)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    authorizers = shared.take_authorizer_options(given)
    if given["requests_file"] is not None:
        ctx.exit(_bulk(given, authorizers))
    if not given["subject"]:
        raise UsageError("say who applies: --as USER", "for example: rbaclens can-apply -f policies --as bob role.yaml")
    if not given["objects"] and not given["files"]:
        raise UsageError("say what to apply", "for example: rbaclens can-apply -f policies --as bob role.yaml")
    objects, files = (given["objects"], given["files"]) if given["objects"] else (given["files"], ())
    if "-" in objects and "-" in files:
        raise UsageError("stdin cannot be both the policy and the objects", "give a file for one of them")
    who = shared.identity(given)
    if not who.user:
        raise UsageError(f'"{given["subject"]}" is a group, and only a user applies anything', "give --as USER --as-group GROUP")
    items = list(_read_objects(objects, given["namespace"], given["quiet"]))
    if not items:
        raise UsageError("there is no role or binding to apply", "a manifest of rbac.authorization.k8s.io/v1 is expected")
    policy = _policy(given, files, authorizers)
    judged = list(_judge(policy, authorizers, given, who, items))
    click.echo(_report(judged, given["output"], who))
    ctx.exit(_exit_code(judged))


def _policy(given: dict[str, Any], files: tuple[str, ...], authorizers: shared.AuthorizerOptions) -> PolicySet:
    try:
        return shared.load_policy_from({**given, "files": files}, authorizers)
    except UsageError:
        if given["objects"] or given["requests_file"] is not None:
            raise
    # -f holds the objects and nobody said a policy: what every cluster has.
    from rbaclens import sources

    if not given["quiet"]:
        click.echo("policy: the default roles and bindings alone", err=True)
    return sources.load((), bootstrap=not given["no_bootstrap"])


def _read_objects(paths: Iterable[str], namespace: str | None, quiet: bool) -> Iterator[tuple[Submission, Location]]:
    """Every RBAC object in files and folders, as sent, with where it stands. Raises PolicyFileError."""
    from rbaclens.cli.manifests import documents
    from rbaclens.model.objects import RBAC_GROUP
    from rbaclens.sources.strict import decode_object

    for path in paths:
        for document in documents(path):
            if document.group != RBAC_GROUP:
                if not quiet:
                    click.echo(f"{document.at}: {document.kind or 'something without a kind'} is passed over", err=True)
                continue
            try:
                yield decode_object(document.raw, namespace=namespace), document.at
            except RequestError as error:
                raise PolicyFileError(error.message, error.help, file=document.at.file, line=document.at.line or None) from error


def _judge(
    policy: PolicySet,
    authorizers: shared.AuthorizerOptions,
    given: dict[str, Any],
    who: Identity,
    items: list[tuple[Submission, Location]],
) -> Iterator[Judged]:
    """The answers in order. What is not to be found is looked for among the roles that would be stored before it."""
    from rbaclens.analysis.escalation import Operation
    from rbaclens.analysis.suggest import extended
    from rbaclens.authorizers.rbac import role_key
    from rbaclens.model.objects import Binding, Role
    from rbaclens.reports.apply import Judged

    check = _checker(policy, authorizers, given)
    objects: list[Role | Binding] = [*policy.roles, *policy.bindings]
    there = {(item.kind, item.namespace, item.name) for item in objects}
    before: dict[Any, Role] = {}
    for sent, at in items:
        operation = Operation.APPLY if (sent.kind, sent.namespace, sent.name) in there else Operation.CREATE
        verdict = check.check_submission(who.user, who.groups, sent, operation=operation)
        role = before.get(role_key(sent.content)) if isinstance(sent.content, Binding) and verdict.code == 404 else None
        after = ""
        if role is not None:
            later = _checker(extended(policy, [role]), authorizers, given)
            verdict = later.check_submission(who.user, who.groups, sent, operation=operation)
            after = f"{role.kind} {role.namespace}/{role.name}" if role.namespace else f"{role.kind} {role.name}"
        if verdict.stored and isinstance(sent.content, Role):
            before[sent.kind, sent.namespace, sent.name] = sent.content
        yield Judged(sent, operation, verdict, at, after)


def _checker(policy: PolicySet, authorizers: shared.AuthorizerOptions, given: dict[str, Any]) -> EscalationChecker:
    from rbaclens.analysis.escalation import EscalationChecker

    engine = shared.make_engine(policy, authorizers)
    return EscalationChecker(policy, _WithExtra(engine, given["uid"], _extra(given["extras"])))


def _extra(pairs: tuple[str, ...]) -> Extra:
    found: Extra = {}
    for key, value in shared.parse_pairs(pairs, "--extra"):
        found[key] = (*found.get(key, ()), value)
    return found


class _WithExtra:
    """The engine, with the user's uid and extra attributes in each request, for webhooks and match conditions."""

    def __init__(self, engine: Engine, uid: str, extra: Extra) -> None:
        self._engine, self._uid, self._extra = engine, uid, extra

    def decide(self, request: Request) -> Decision:
        import msgspec

        return self._engine.decide(msgspec.structs.replace(request, uid=self._uid, extra=self._extra))

    def rules_for(self, user: str, groups: tuple[str, ...], namespace: str) -> tuple[tuple[PolicyRule, ...], tuple[str, ...]]:
        return self._engine.rules_for(user, groups, namespace)


def _report(judged: list[Judged], output: str | None, who: Identity) -> str:
    from rbaclens.reports.apply import apply_data, apply_text, object_answer
    from rbaclens.reports.data import render

    if output in {"json", "yaml"}:
        return render(apply_data(judged, who.user, who.groups), output)
    if output == "jsonl":
        return "\n".join(render(object_answer(one), output) for one in judged)
    if output == "name":
        return "\n".join(one.answer.value for one in judged)
    return "\n".join(apply_text(judged))


def _exit_code(judged: list[Judged]) -> int:
    answers = {one.answer for one in judged}
    return 1 if Answer.NO in answers else 3 if Answer.UNKNOWN in answers else 0


def _bulk(given: dict[str, Any], authorizers: shared.AuthorizerOptions) -> int:
    """Answer every line of the file in order; the exit code of the bulk contract."""
    if given["objects"] or given["subject"] or given["as_groups"] or given["output"] not in {None, "jsonl"}:
        raise UsageError("--requests says who and what, and writes jsonl", "leave out OBJECT, --as, --as-group and other formats")
    import functools

    from rbaclens.analysis.apply_line import apply_line
    from rbaclens.cli.bulk import read_input
    from rbaclens.sources.strict import decode_object

    file = given["requests_file"]
    check = _checker(_policy(given, given["files"], authorizers), authorizers, given)
    decode = functools.partial(decode_object, namespace=given["namespace"])
    out = sys.stdout.buffer
    bad = unknown = 0
    for number, line in enumerate(read_input(file).split(b"\n"), 1):
        if not line or line.isspace():
            continue
        try:
            answer = apply_line(line, check, decode)
            unknown += b',"unknown":' in answer  # no text holds this: the quote would be escaped
        except RequestError as error:
            bad += 1
            answer = _error_line(str(error), number)
            click.echo(f"error: {'stdin' if file == '-' else file}:{number}: {error}", err=True)
        out.write(answer + b"\n")
    return 2 if bad else 3 if unknown else 0


def _error_line(message: str, number: int) -> bytes:
    import msgspec

    return msgspec.json.encode({"error": message, "line": number})
