"""The catalogue of rules: in a terminal, as data, and as sections of ``docs/rules.md``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbaclens.analysis.capability import words
from rbaclens.audit.rule import NP, C, CapabilityRule, N, Rule
from rbaclens.audit.severity import severity_of
from rbaclens.reports.evidence import Data
from rbaclens.reports.tables import Column, Table, text_cell

_SCOPES = {C: "cluster", N: "namespace", NP: "privileged namespace"}
_IN = {"cluster": "the cluster", "namespace": "a namespace", "privileged namespace": "a privileged namespace"}


def rule_data(rule: Rule) -> Data:
    """A rule as data; empty fields are left out."""
    data: Data = {
        "schema": "rbaclens.rule/v1",
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity.title.lower(),
        "score": rule.top_score,
        "scopes": scope_scores(rule),
        "confidence": rule.confidence,
        "tier": rule.tier,
        "condition": condition(rule).replace("**", "").replace("`", ""),
        "gives": rule.gives,
        "fix": rule.fix,
        "since": version_text(rule.since),
        "until": version_text(rule.until),
        "cis": list(rule.cis),
        "attack": list(rule.attack),
        "microsoft": list(rule.microsoft),
        "owasp": list(rule.owasp),
        "links": list(rule.links),
        "source": rule.source,
    }
    return {key: value for key, value in data.items() if value not in ("", [], {})}


def scope_scores(rule: Rule) -> dict[str, float]:
    """The score by scope, of a rule for which it differs."""
    if not isinstance(rule, CapabilityRule):
        return {}
    return {_SCOPES[scope]: score for scope, score in sorted(rule.scores.items(), key=lambda item: list(_SCOPES).index(item[0]))}


def condition(rule: Rule) -> str:
    """When the rule speaks, in Markdown."""
    if not isinstance(rule, CapabilityRule):
        return str(getattr(rule, "condition", ""))
    text = words(rule.trigger)
    if rule.unless is not None:
        text += f", unless also {words(rule.unless)}"
    if rule.when:
        text += f", when `{rule.when}`"
    return f"{text}; a grant limited to names counts a level less" if rule.named else text


def version_text(version: tuple[int, int]) -> str:
    """``1.35``; empty for a bound that is none."""
    return "" if version in {(0, 0), (99, 99)} else ".".join(map(str, version))


def rule_text(rule: Rule) -> str:
    """One rule in full, for a terminal."""
    return "\n".join(_lines(rule))


def _lines(rule: Rule) -> Iterator[str]:
    yield f"{rule.id} {rule.title}"
    scores = scope_scores(rule)
    if scores:
        shown = [f"{severity_of(score).title} ({score}) in {_IN[scope]}" for scope, score in scores.items()]
        yield f"  severity:   {', '.join(shown)}"
    else:
        yield f"  severity:   {rule.severity.title} ({rule.top_score})"
    yield f"  confidence: {rule.confidence}; tier {rule.tier}"
    yield f"  when:       {condition(rule).replace('**', '').replace('`', '')}"
    yield f"  gives:      {rule.gives}"
    yield f"  fix:        {rule.fix}"
    bounds = [f"{word} {version_text(one)}" for word, one in (("from", rule.since), ("up to", rule.until)) if version_text(one)]
    if bounds:
        yield f"  kubernetes: {' '.join(bounds)}"
    if mappings(rule):
        yield f"  maps to:    {mappings(rule)}"
    if rule.links:
        yield f"  see:        {', '.join(rule.links)}"
    if rule.source:
        yield f"  from:       {rule.source}"


def mappings(rule: Rule) -> str:
    """The ids in other catalogues."""
    parts = [f"{name} {', '.join(ids)}" for name, ids in _mapped(rule) if ids]
    return " · ".join(parts)


def _mapped(rule: Rule) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("CIS", rule.cis), ("ATT&CK", rule.attack), ("Microsoft", rule.microsoft), ("OWASP", rule.owasp))


def rules_table(rules: Sequence[Rule]) -> Table:
    """The catalogue as a table."""
    rows = [{**rule_data(rule), "maps": mappings(rule)} for rule in rules]
    columns = [
        Column("ID", text_cell("id")),
        Column("Severity", text_cell("severity")),
        Column("Tier", text_cell("tier")),
        Column("Title", text_cell("title")),
        Column("When", text_cell("condition"), wide=True),
        Column("Gives", text_cell("gives"), wide=True),
        Column("Maps to", text_cell("maps"), wide=True),
    ]
    if any(rule.source for rule in rules):
        columns.append(Column("From", text_cell("source")))
    return Table("rbaclens.rules/v1", "rules", tuple(columns), rows, lambda row: str(row["id"]))
