"""What the reports on findings have in common: counts, scopes and evidence in words."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Grant
from rbaclens.audit.finding import Finding, Related
from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Judged, Summary
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.reports.evidence import Data, abac_text, rule_text


def summary_data(summary: Summary) -> Data:
    """How many there are of what."""
    return {
        "failOn": summary.fail_on.title.lower() if summary.fail_on is not None else "never",
        "failing": summary.failing,
        "open": {level.title.lower(): summary.open[level] for level in sorted(Severity, reverse=True)},
        "waived": summary.waived,
        "known": summary.known,
        "gone": len(summary.gone),
    }


def waiver_text(judged: Judged) -> str:
    """``reason (owner, until 2027-06-30)``; empty for what is not waived."""
    waiver = judged.waiver
    if waiver is None:
        return ""
    terms = [waiver.owner] * bool(waiver.owner) + ([f"until {waiver.expires}"] if waiver.expires else [])
    return waiver.reason + (f" ({', '.join(terms)})" if terms else "")


def where_text(scopes: tuple[str, ...], most: int = 3) -> str:
    """Scopes in words; empty for what has none."""
    if not scopes:
        return ""
    if "*" in scopes:
        return "everywhere"
    return ", ".join(scopes) if len(scopes) <= most else f"{len(scopes)} namespaces"


def chain(finding: Finding, most: int | None = None) -> Iterator[Related]:
    """The evidence as places with words: binding, then rule, of each grant; after ``most`` grants the others are left out."""
    for grant in finding.evidence[:most]:
        yield from links(grant)


def links(grant: Grant) -> Iterator[Related]:
    """One grant: the binding, then the rule; or the ABAC line."""
    if isinstance(grant, AbacGrant):
        yield Related(grant.policy.origin, f"ABAC: {abac_text(grant.policy)}")
        return
    binding, role = grant.binding, grant.role
    name = f"{binding.namespace}/{binding.name}" if binding.namespace else binding.name
    yield Related(binding.origin, f"{binding.kind} {name} binds {_subject(grant)} to {role.kind} {role.name}")
    yield Related(role.rule_origin(grant.rule_index), f"{role.kind} {role.name}: {rule_text(grant.rule)}")


def _subject(grant: RbacGrant) -> str:
    subject = grant.subject
    if subject.kind == "ServiceAccount":
        return f"ServiceAccount {subject.namespace or grant.binding.namespace}/{subject.name}"
    return f"{subject.kind} {subject.name}"
