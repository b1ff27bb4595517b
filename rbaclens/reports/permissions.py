"""What somebody holds: as a table with where it comes from, as data, and as kubectl prints it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rbaclens.analysis.coverage import break_down, compact
from rbaclens.index.permissions import HeldRule, RulesReview
from rbaclens.model.decision import Evidence, RbacGrant
from rbaclens.model.rules import PolicyRule
from rbaclens.reports.data import render
from rbaclens.reports.evidence import Data, Locate, evidence_data, rule_data
from rbaclens.reports.tables import Column, Table, csv_text, markdown_text, text_cell

SCHEMA = "rbaclens.permissions/v1"
CLUSTER_SCOPE = "(cluster)"
"""How the scope of an ABAC line without namespace is shown: requests without a namespace only (ABAC-20)."""

_HEADINGS = ("Resources", "Non-Resource URLs", "Resource Names", "Verbs")


def permissions_table(held: Iterable[HeldRule], subject: Data, unknown: Sequence[str], problems: Sequence[str], locate: Locate) -> Table:
    """The held rules, one a row; ``subject`` and what is not known stand beside them in JSON and YAML.

    What only a review can ask for, and no real request, is in the data alone: see :func:`shown`.
    """
    columns = (
        Column("scope", text_cell("scope")),
        Column("verbs", lambda row: ",".join(row["rule"].get("verbs", ()))),
        Column("resources", lambda row: ",".join(row["rule"].get("nonResourceURLs", row["rule"].get("resources", ())))),
        Column("api groups", lambda row: ",".join(group or '""' for group in row["rule"].get("apiGroups", ()))),
        Column("names", lambda row: ",".join(row["rule"].get("resourceNames", ()))),
        Column("from", lambda row: ", ".join(dict.fromkeys(map(_source, row["evidence"])))),
        Column("by", lambda row: ", ".join(dict.fromkeys(map(_subject, row["evidence"]))), wide=True),
        Column("at", lambda row: ", ".join(dict.fromkeys(map(_place, row["evidence"]))), wide=True),
    )
    rows = [_row(rule, locate) for rule in held]
    extra: Data = {"subject": subject, "incomplete": bool(unknown), "unknown": list(unknown), "problems": list(problems)}
    return Table(SCHEMA, "rules", columns, rows, lambda row: _name(row["evidence"][0]), extra)


def shown(held: HeldRule) -> bool:
    """Whether some real request can meet the rule: an ABAC line's empty field stands for an empty path or resource (ABAC-20)."""
    return any(held.rule.resources) or any(held.rule.non_resource_urls)


def scope_text(scope: str) -> str:
    """A scope as people read it."""
    return scope or CLUSTER_SCOPE


def _row(held: HeldRule, locate: Locate) -> Data:
    data: Data = {"scope": scope_text(held.scope), "rule": rule_data(held.rule)}
    if held.with_subresources:
        data["withSubresources"] = True
    data["evidence"] = [_evidence(one, locate) for one in held.evidence]
    return data


def _evidence(evidence: Evidence, locate: Locate) -> Data:
    data = evidence_data(evidence, locate)
    if isinstance(evidence, RbacGrant):
        # The rule itself is in the row already, and after compaction only its number and place are of use here.
        rule = data["rule"]
        data["rule"] = {key: rule[key] for key in ("index", "writtenIn", "at") if key in rule}
    return data


def _source(data: Data) -> str:
    match data["type"]:
        case "rbac":
            return f"{_named(data['binding'])} -> {_named(data['role'])}"
        case "abac":
            return f"ABAC line {data['line']}"
        case "group":
            return f"group {data['group']}"
        case other:
            return "AlwaysAllow" if other == "always" else str(other)


def _subject(data: Data) -> str:
    return _named(data["subject"]) if "subject" in data else ""


def _place(data: Data) -> str:
    at = data["rule"]["at"] if data["type"] == "rbac" else data.get("at")
    return (f"{at['file']}:{at['line']}" if at.get("line") else str(at["file"])) if at else ""


def _name(data: Data) -> str:
    """One word for where a rule comes from: ``rolebinding/shop/developers``."""
    if data["type"] == "rbac":
        binding = data["binding"]
        return "/".join(part for part in (binding["kind"].lower(), binding.get("namespace", ""), binding["name"]) if part)
    return _source(data).replace(" ", "/")


def _named(data: Data) -> str:
    return f"{data['kind']} {data['namespace']}/{data['name']}" if data.get("namespace") else f"{data['kind']} {data['name']}"


def review_text(review: RulesReview, output: str, *, headers: bool = True) -> str:
    """The server's list as ``kubectl auth can-i --list`` presents it (SSRR-14, SSRR-15), or the review itself as data."""
    if output in {"json", "yaml"}:
        return render(review_data(review), output)
    cells = [_kubectl_cells(rule) for rule in kubectl_rules(review)]
    if output == "csv":
        return csv_text([_HEADINGS, *cells])
    if output == "markdown":
        return markdown_text(_HEADINGS, cells)
    # kubectl's tab writer: a padding of 3, at least 6 wide; the last column is not padded.
    rows = [_HEADINGS, *cells] if headers else cells
    widths = [*(max(6, max(map(len, column)) + 3) for column in zip(*rows, strict=True)), 0][:3]
    return "\n".join("".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)) for row in rows)


def review_data(review: RulesReview) -> Data:
    """The review in the API's field names, as the server would return it (SSRR-03)."""
    status: Data = {
        "resourceRules": [rule_data(rule) for rule in review.resource_rules],
        "nonResourceRules": [rule_data(rule) for rule in review.non_resource_rules],
        "incomplete": review.incomplete,
    }
    if review.evaluation_error:
        status["evaluationError"] = review.evaluation_error
    return {"kind": "SelfSubjectRulesReview", "apiVersion": "authorization.k8s.io/v1", "status": status}


def kubectl_rules(review: RulesReview) -> list[PolicyRule]:
    """The review's rules broken into atoms, put together by verb, and sorted by their printed form (SSRR-14)."""
    atoms = break_down((*review.resource_rules, *review.non_resource_rules))
    return sorted((_unique_verbs(rule) for rule in compact(atoms)), key=_printed)


def _unique_verbs(rule: PolicyRule) -> PolicyRule:
    verbs = tuple(dict.fromkeys(rule.verbs))
    return PolicyRule(verbs, rule.api_groups, rule.resources, rule.resource_names, rule.non_resource_urls)


def _bracketed(texts: Sequence[str]) -> str:
    return f"[{' '.join(texts)}]"


def _printed(rule: PolicyRule) -> str:
    lists = (("Verbs", rule.verbs), ("APIGroups", rule.api_groups), ("Resources", rule.resources))
    more = (("ResourceNames", rule.resource_names), ("NonResourceURLs", rule.non_resource_urls))
    return "&PolicyRule{" + "".join(f"{name}:{_bracketed(texts)}," for name, texts in (*lists, *more)) + "}"


def _kubectl_cells(rule: PolicyRule) -> tuple[str, str, str, str]:
    resource = ""
    if rule.resources:
        name, slash, sub = rule.resources[0].partition("/")
        resource = (f"{name}.{rule.api_groups[0]}" if rule.api_groups[0] else name) + slash + sub
    return resource, _bracketed(rule.non_resource_urls), _bracketed(rule.resource_names), _bracketed(rule.verbs)
