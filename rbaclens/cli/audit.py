"""``rbaclens audit``: judge the policy by the catalogue of risks."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable, Collection, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import options as shared
from rbaclens.cli.attack import kube_version
from rbaclens.cli.completion import complete_namespace, complete_subject
from rbaclens.cli.outputs import outputs_option, take_outputs, write_file
from rbaclens.errors import PolicyFileError, UsageError

if TYPE_CHECKING:
    from rbaclens.analysis.holder import Principal
    from rbaclens.audit.baseline import Baseline
    from rbaclens.audit.catalogue import Catalogue
    from rbaclens.audit.judging import Judge
    from rbaclens.audit.rule import Rule
    from rbaclens.audit.run import Work
    from rbaclens.audit.settings import Settings
    from rbaclens.audit.verdict import Judged, Summary
    from rbaclens.index.engine import Engine

FORMATS = ("text", "table", "json", "jsonl", "sarif", "junit", "github", "gitlab", "markdown", "html", "csv")
LEVELS = ("critical", "high", "medium", "low", "info", "never")
DEFAULT_TIER = 2

HELP = """Judge the policy by the catalogue of risks: what everybody effectively holds, and what it gives away.

A finding names who holds it, where, by which binding, role and rule, and what to change. Exit code 1 when one of them is at or
above --fail-on. Settings, severities and waivers stand in rbaclens.toml under [audit] and in audit.yaml beside the policies; an
object waives by the annotation rbaclens.dev/waive: "RL1101 until 2027-06-30 by OWNER: reason". rbaclens rules shows the catalogue;
rules of your own are files named by --rules or under customRules in the settings (docs/custom-rules.md).

\b
Examples:
  rbaclens audit
  rbaclens audit -f policies/ -o sarif=audit.sarif -o markdown --fail-on medium
  rbaclens audit --rules docs/custom-rules
  rbaclens audit --only RL1101,RL1107 --subject sa:shop/deployer -o json
"""


@click.command("audit", help=HELP, short_help="Judge the policy by the catalogue of risks.")
@click.option("--only", multiple=True, metavar="ID[,ID]", help="Only these rules. Repeatable.")
@click.option("--skip", multiple=True, metavar="ID[,ID]", help="Not these rules. Repeatable.")
@click.option("--tier", type=click.IntRange(1, 3), default=DEFAULT_TIER, show_default=True, help="Rules up to this tier; 3 is chatty.")
@click.option("-n", "--namespace", metavar="NAMESPACE", shell_complete=complete_namespace, help="Only findings in this namespace.")
@click.option("--subject", metavar="SUBJECT", shell_complete=complete_subject, help="Only findings of this subject and its groups.")
@click.option("--fail-on", type=click.Choice(LEVELS), help="The least severity that fails (default: high).")
@click.option("--kube-version", metavar="VERSION", help="The API server's version (default: 1.36).")
@click.option("--baseline", metavar="FILE", help="Findings that are known: only new ones fail.")
@click.option("--write-baseline", is_flag=True, help="Write the findings of today to the baseline file, and pass.")
@click.option("--anonymous-auth", type=bool, metavar="BOOL", help="As the API server's: requests without credentials, true or false.")
@click.option("--authentication-config", metavar="FILE", help="The API server's AuthenticationConfiguration file.")
@click.option("--audit-log", metavar="FILE", help="An API server's audit log (- is stdin): also tell what nobody needed.")
@shared.config_option
@click.option("--all", "everything", is_flag=True, help="Also narrower findings, waived and known ones, one by one.")
@shared.rules_option
@shared.identities_option
@shared.policy_options
@shared.authorizer_options
@outputs_option(FORMATS)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    from rbaclens import beside
    from rbaclens.audit.judging import Judge
    from rbaclens.cli.audit_settings import load_settings

    # With a list to keep things in, the process is ours; otherwise somebody called this from a program of their own.
    beside.allowed = isinstance(ctx.obj, list)
    outputs = take_outputs(given["outputs"], FORMATS)
    settings, catalogue = load_settings(given["config_file"], given["files"], given["rule_files"])
    baseline_file = given["baseline"] or settings.baseline
    if given["write_baseline"] and not baseline_file:
        raise UsageError("--write-baseline needs to know where", "give --baseline FILE")
    rules = _rules(given, settings, catalogue)
    authorizers = shared.take_authorizer_options(given)
    engine = shared.make_engine(shared.load_policy_from(given, authorizers, keep_bad_lines=True), authorizers)
    policy = engine.policy
    work = _work(engine, rules, settings, given)
    today = datetime.datetime.now(tz=datetime.UTC).date()
    judge = Judge(settings, policy, today, _baseline(baseline_file, given["write_baseline"]), catalogue.ids)
    if given["write_baseline"]:
        _write_baseline(baseline_file, work, judge, given)
        return
    summary = _report(outputs, work, judge, given, kept=ctx.obj if isinstance(ctx.obj, list) else [])
    ctx.exit(1 if summary.failing else 3 if policy.gaps or summary.doubts else 0)


def _rules(given: dict[str, Any], settings: Settings, catalogue: Catalogue) -> tuple[Rule, ...]:
    only, skip = _ids(given["only"]), _ids(given["skip"])
    for rule in (*only, *skip):
        catalogue.rule(rule)
    if only:
        return tuple(rule for rule in catalogue if rule.id in only and rule.id not in skip)
    off = {rule for rule, own in settings.rules.items() if not own.enabled}
    return tuple(rule for rule in catalogue if rule.tier <= given["tier"] and rule.id not in skip and rule.id not in off)


def _ids(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.strip().upper() for text in given for one in text.split(",") if one.strip())


def _work(engine: Engine, rules: tuple[Rule, ...], settings: Settings, given: dict[str, Any]) -> Work:
    from rbaclens.audit.run import work
    from rbaclens.cli.audit_surroundings import surroundings_of
    from rbaclens.sources import Objects, assemble

    version = kube_version(given["kube_version"] or settings.kube_version)
    identities = shared.load_identities(given)
    return work(
        engine,
        assemble(Objects()),
        rules,
        version=version,
        identities=identities.groups_by_user,
        surroundings=surroundings_of(engine, identities, given),
    )


def _progress(quiet: bool) -> Callable[[int, int], None] | None:
    """A bar on stderr, where a person looks at it."""
    if quiet or not sys.stderr.isatty():
        return None
    width = 30

    def show(done: int, total: int) -> None:
        filled = width * done // max(total, 1)
        end = "\r\x1b[K" if done >= total else ""
        sys.stderr.write(f"\rauditing [{'=' * filled}{' ' * (width - filled)}] {done}/{total}{end}")
        sys.stderr.flush()

    return show


def _baseline(file: str, writing: bool) -> Baseline | None:
    from rbaclens.audit.baseline import read_baseline

    if not file or writing:
        return None
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        message = f"cannot be read: {os.strerror(error.errno or 0)}"
        raise PolicyFileError(message, "write one with --write-baseline", file=file) from None
    return read_baseline(data, file)


def _write_baseline(file: str, work: Work, judge: Judge, given: dict[str, Any]) -> None:
    from rbaclens.audit.baseline import write_baseline
    from rbaclens.audit.gathering import Gathering
    from rbaclens.beside import Kept

    kept: Kept[Sequence[Judged]] = Kept()
    work.gather(Gathering(judge, [kept]), _progress(given["quiet"]))
    _warn(work)
    findings = [one.finding for one in chain.from_iterable(kept.found) if one.state == "open"]
    write_file(file, [write_baseline(findings)])
    if not given["quiet"]:
        click.echo(f"{file}: {len(findings)} findings are known from now on", err=True)


def _report(outputs: list[tuple[str, str]], work: Work, judge: Judge, given: dict[str, Any], kept: list[object]) -> Summary:
    """Do the work, and write the reports. What takes long to give back is ``kept``."""
    from rbaclens.audit.gathering import Gathering
    from rbaclens.audit.verdict import locator
    from rbaclens.cli.audit_reports import report_of, write
    from rbaclens.reports.findings_text import summary_text

    locate = locator(work.context.policy)
    reports = [report_of(name, work, locate, everything=given["everything"]) for name, _ in outputs]
    gathering = Gathering(judge, reports, _wanted(given))
    kept += (work, gathering)
    work.gather(gathering, _progress(given["quiet"]))
    gathering.tell(len(work.jobs), judge.about(work.rules))
    _warn(work)
    gone, doubts = judge.gone(work.rules), work.context.doubts
    summary = gathering.tally.summary(judge.fail_on(given["fail_on"] or ""), gone, judge.has_baseline, doubts)
    for report, (_, file) in zip(reports, outputs, strict=True):
        write(report.pieces(summary), file)
    if not given["quiet"]:
        click.echo(summary_text(summary), err=True)
    return summary


def _warn(work: Work) -> None:
    for doubt in work.context.doubts:
        click.echo(f"warning: {doubt}", err=True)


def _wanted(given: dict[str, Any]) -> Callable[[Judged], bool] | None:
    """Which findings -n and --subject leave; ``None`` for all of them."""
    namespace, subject = given["namespace"], given["subject"]
    if not (namespace or subject):
        return None
    wanted: Collection[Principal | None] = ()
    if subject:
        from rbaclens.analysis.holder import Principal
        from rbaclens.requests.closure import identity_closure

        who = identity_closure(subject, shared.load_identities({**given, "quiet": True}))
        wanted = {Principal.of_group(group) for group in who.groups} | ({Principal.of_user(who.user)} if who.user else set())

    def is_wanted(one: Judged) -> bool:
        finding = one.finding
        return (not namespace or namespace in finding.scopes) and (not subject or finding.principal in wanted)

    return is_wanted
