"""``rbaclens check``: may somebody do something, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rbaclens.analysis.gates import not_authenticated
from rbaclens.cli import options as shared
from rbaclens.cli.completion import complete_namespace, complete_subject, complete_words
from rbaclens.errors import UsageError
from rbaclens.model.decision import Answer
from rbaclens.model.identity import ANONYMOUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rbaclens.analysis.verify import Comparison
    from rbaclens.index.engine import Engine
    from rbaclens.model.decision import Decision
    from rbaclens.model.policy import PolicySet
    from rbaclens.model.request import Request
    from rbaclens.requests.subjects import Identity

EXIT_CODES = {Answer.YES: 0, Answer.NO: 1, Answer.UNKNOWN: 3}

HELP = """May SUBJECT do this? Answers yes, no or unknown, with the evidence.

SUBJECT is bob, user:bob, group:devs, sa:NAMESPACE/NAME, node:NAME or anonymous. What to do is said in words
(VERB RESOURCE [NAME], VERB RESOURCE/SUBRESOURCE, VERB /path), as an HTTP line (--http), as a kubectl command
(-- kubectl ...), or as access reviews (--requests FILE; one JSON object a line, YAML documents or a List; - is stdin).

\b
Examples:
  rbaclens check bob get pods -n projectCaribou
  rbaclens check sa:shop/deployer get secrets registry -n shop --explain
  rbaclens check bob delete pods -n projectCaribou --why --suggest
  rbaclens check bob --http 'GET /api/v1/namespaces/projectCaribou/pods?watch=true'
  rbaclens check group:devs -- kubectl scale deploy web --replicas=2 -n shop
  rbaclens check --requests reviews.jsonl -o jsonl
"""


@click.command("check", help=HELP, short_help="May SUBJECT do this, and why.")
@click.argument("subject", required=False, shell_complete=complete_subject)
@click.argument("words", nargs=-1, metavar="[VERB RESOURCE [NAME]]", shell_complete=complete_words)
@click.option(
    "-n", "--namespace", metavar="NAMESPACE", shell_complete=complete_namespace, help="The namespace of the request (default: default)."
)
@click.option("-A", "--all-namespaces", is_flag=True, help="Ask across all namespaces.")
@click.option("--subresource", default="", metavar="NAME", help="The subresource, such as log.")
@click.option("--http", "http_line", metavar="'METHOD URL'", help="The request as an HTTP line.")
@click.option("--requests", "requests_file", metavar="FILE", help="Access reviews to answer, in bulk.")
@click.option("--all-grants", is_flag=True, help="With --requests: add every reason that the server could have given.")
@click.option("--explain", is_flag=True, help="Show the way through authentication, every authorizer, and admission.")
@click.option("--why", is_flag=True, help="For a no: the grants that nearly matched, and what each fails on.")
@click.option("--suggest", is_flag=True, help="For a no: the smallest role and binding that would allow it, as YAML.")
@click.option("--verify", is_flag=True, help="Ask the cluster the same, and compare (exit 1 if it answers differently).")
@click.option("--force", is_flag=True, help="Ask even for a resource or verb that nothing knows.")
@click.option("--no-anonymous-auth", is_flag=True, help="As an API server that runs with --anonymous-auth=false.")
@shared.identity_options
@shared.policy_options
@shared.authorizer_options
@click.option("-o", "--output", type=click.Choice(["text", "json", "yaml", "jsonl", "name"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    authorizers = shared.take_authorizer_options(given)
    if given["requests_file"] is None and given["subject"] is None:
        raise click.UsageError("say who: rbaclens check SUBJECT VERB RESOURCE, or --requests FILE", ctx)
    # With --verify, -f and --context are the two sides of the comparison.
    files_only = {"context": None, "kubeconfig": None} if given["verify"] and given["files"] else {}
    policy = shared.load_policy_from({**given, **files_only}, authorizers)
    engine = shared.make_engine(policy, authorizers)
    if given["requests_file"] is not None:
        from rbaclens.cli.bulk import answer_reviews

        ctx.exit(answer_reviews(engine, given, calling=authorizers.call_webhooks))
    identity = shared.identity(given)
    if given["words"][:1] == ("kubectl",):
        from rbaclens.cli.kubectl import check_kubectl

        ctx.exit(check_kubectl(engine, identity, given))
    ctx.exit(_check_one(policy, engine, identity, given))


def _check_one(policy: PolicySet, engine: Engine, identity: Identity, given: dict[str, Any]) -> int:
    request, notes = _request(policy, identity, given)
    refused = given["no_anonymous_auth"] and request.user == ANONYMOUS
    decision = not_authenticated(request) if refused else engine.decide(request)
    notes = (*identity.notes, *_telling(notes, engine, decision))
    problems = engine.problems(request) if decision.allowed else ()
    compared = _compare(engine, decision, given) if given["verify"] else None
    click.echo(_report(engine, decision, identity, {**given, "compared": compared}, (notes, problems)))
    return EXIT_CODES[decision.answer] if compared is None else _exit_code(compared)


def _compare(engine: Engine, decision: Decision, given: dict[str, Any]) -> Comparison:
    from rbaclens.cli.cluster import open_connection
    from rbaclens.cli.cross_check import verify_one

    with open_connection(given["context"], given["kubeconfig"], quiet=given["quiet"]) as connection:
        return verify_one(engine, connection, decision.request)


def _exit_code(compared: Comparison) -> int:
    """Of a comparison: 0 the same answer, 1 another, 3 not known or not asked."""
    from rbaclens.analysis.verify import Outcome

    return {Outcome.AGREE: 0, Outcome.DISAGREE: 1}.get(compared.outcome, 3)


def _telling(notes: tuple[str, ...], engine: Engine, decision: Decision) -> tuple[str, ...]:
    """The notes, without the one on get and list where both have the same answer."""
    if not notes:
        return ()
    import msgspec

    from rbaclens.requests.words import GET_WITHOUT_NAME

    if GET_WITHOUT_NAME not in notes:
        return notes
    listing = engine.decide(msgspec.structs.replace(decision.request, verb="list"))
    others = tuple(note for note in notes if note != GET_WITHOUT_NAME)
    if listing.answer is decision.answer:
        return others
    return (*others, f"a real GET without a name is a list, and the answer to list is {listing.answer.value}")


def _request(policy: PolicySet, identity: Identity, given: dict[str, Any]) -> tuple[Request, tuple[str, ...]]:
    import msgspec

    extra: dict[str, tuple[str, ...]] = {}
    for key, value in shared.parse_pairs(given["extras"], "--extra"):
        extra[key] = (*extra.get(key, ()), value)
    who = {"user": identity.user, "groups": identity.groups, "uid": given["uid"], "extra": extra}
    words = given["words"]
    if given["http_line"] is not None:
        if words or given["namespace"] or given["subresource"]:
            raise UsageError("--http says the whole request", "leave out the words, -n and --subresource")
        from rbaclens.requests.http import parse_http_line, request_from_http

        method, target = parse_http_line(given["http_line"])
        return msgspec.structs.replace(request_from_http(method, target), **who), ()
    if len(words) not in {2, 3}:
        raise UsageError("say what: VERB RESOURCE [NAME], or VERB /path", "for example: rbaclens check bob get pods -n demo")
    from rbaclens.requests.resources import ResourceCatalogue
    from rbaclens.requests.words import request_from_words

    phrase = request_from_words(
        words[0],
        words[1],
        words[2] if len(words) == 3 else "",
        namespace=given["namespace"],
        all_namespaces=given["all_namespaces"],
        subresource=given["subresource"],
        catalogue=ResourceCatalogue(policy),
        force=given["force"],
    )
    return msgspec.structs.replace(phrase.request, **who), phrase.notes


def _report(
    engine: Engine, decision: Decision, identity: Identity, given: dict[str, Any], remarks: tuple[tuple[str, ...], tuple[str, ...]]
) -> str:
    if given["output"] == "name":
        return decision.answer.value
    if given["output"] == "text":
        return "\n".join(_text(engine, decision, identity, given, remarks))
    from rbaclens.reports.data import render

    return render(_data(engine, decision, identity, given, remarks), given["output"])


def _text(
    engine: Engine, decision: Decision, identity: Identity, given: dict[str, Any], remarks: tuple[tuple[str, ...], tuple[str, ...]]
) -> Iterator[str]:
    from rbaclens.reports.decision import decision_text

    notes, problems = remarks
    yield from decision_text(decision, engine.policy.locate, problems, notes)
    if given["explain"]:
        from rbaclens.reports.explain import explain_text

        yield from explain_text(engine, decision, identity)
    if given["why"]:
        from rbaclens.reports.why import why_text

        yield from why_text(engine, decision)
    if given["suggest"] and not decision.allowed:
        from rbaclens.reports.why import suggestion_text

        yield from suggestion_text(engine, decision)
    if given["compared"] is not None:
        from rbaclens.reports.verify import one_text

        yield from one_text(given["compared"])


def _data(
    engine: Engine, decision: Decision, identity: Identity, given: dict[str, Any], remarks: tuple[tuple[str, ...], tuple[str, ...]]
) -> dict[str, Any]:
    from rbaclens.reports.decision import decision_data

    notes, problems = remarks
    data = decision_data(decision, engine.policy.locate, problems, notes)
    if given["explain"]:
        from rbaclens.reports.explain import explain_data

        data.update(explain_data(engine, decision, identity))
    if given["why"]:
        from rbaclens.reports.why import why_data

        data.update(why_data(engine, decision))
    if given["suggest"] and not decision.allowed:
        from rbaclens.reports.why import suggestion_data

        data.update(suggestion_data(engine, decision))
    if given["compared"] is not None:
        from rbaclens.reports.verify import comparison_data

        data["verified"] = comparison_data(given["compared"], engine.policy.locate)
    return data
