"""Rules in YAML, made into the very rules that the catalogue is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from rbaclens.audit.catalogue import ID_SHAPE, id_problem
from rbaclens.audit.custom.checks import EACH, KINDS, Each, Kind, KindCheck, ObjectCheck, variables
from rbaclens.audit.custom.conditions import VARIABLES, Condition
from rbaclens.audit.custom.expressions import Expression
from rbaclens.audit.custom.fields import Fields, chosen, items, text_of, wrong
from rbaclens.audit.custom.triggers import read_trigger
from rbaclens.audit.rule import NP, C, CapabilityRule, CheckRule, Level, N, Rule, Scope
from rbaclens.audit.settings import SEVERITIES, parse_version
from rbaclens.audit.severity import Severity, middle, severity_of
from rbaclens.errors import PolicyFileError
from rbaclens.model.placed import Placed

_COMMON = ("id", "title", "gives", "fix", "severity", "confidence", "tier", "references", "since", "until")
_CAPABILITY = ("trigger", "unless", "when", "named", "pods")
_CHECK = ("kinds", "each", "when", "message", "messageExpression")
_KEYS = (*_COMMON, *_CAPABILITY, *_CHECK[:2], *_CHECK[3:])
_SHAPE = "a file of rules holds one rule, a list of them, or rules: with a list"
_SCOPES: dict[str, Scope] = {"cluster": C, "namespace": N, "privilegedNamespace": NP}
_CATALOGUES = ("cis", "attack", "microsoft", "owasp")
_CONFIDENCES: tuple[Literal["high", "medium", "low"], ...] = ("high", "medium", "low")
_LEVELS: dict[Severity, Level] = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.INFO: "note"}


def read_rules(documents: Iterable[Placed], file: str) -> tuple[Rule, ...]:
    """The rules of a file. Raises ``PolicyFileError`` with line and column, ``MissingExtraError`` for CEL without an engine."""
    found = tuple(rule for document in documents for rule in _rules(document))
    if not found:
        raise PolicyFileError("holds no rules", _SHAPE, file=file)
    return found


def _rules(document: Placed) -> Iterator[Rule]:
    nodes = document
    if isinstance(document.value, dict) and "rules" in document.value:
        nodes = Fields(document, "a file of rules", ("rules",))["rules"]
        if not isinstance(nodes.value, list):
            raise wrong(f"rules: expected a list of rules, not {nodes.kind}", nodes.at)
    for node in items(nodes, "rules"):
        yield _rule(node)


def _rule(node: Placed) -> Rule:
    fields = Fields(node, "a rule", _KEYS)
    rule_id = fields.text("id").upper()
    if problem := id_problem(rule_id):
        raise wrong(f'id: "{rule_id}" {problem}', fields["id"].at, ID_SHAPE)
    if ("trigger" in fields) is ("kinds" in fields):
        message = "has both a trigger and kinds" if "kinds" in fields else "needs a trigger or kinds"
        help = "a trigger asks what somebody may do; kinds and when look at objects"
        raise wrong(f"rule {rule_id} {message}", fields.node.keys["kinds"] if "kinds" in fields else node.at, help)
    own = _CAPABILITY if "trigger" in fields else _CHECK
    for key in fields.members:
        if key not in _COMMON and key not in own:
            which = "with a trigger" if "trigger" in fields else "about objects"
            raise wrong(f'a rule {which} has no "{key}"', node.keys[key], f"it has {', '.join((*_COMMON, *own))}")
    common = _common(fields, rule_id)
    return _capability(fields, common) if "trigger" in fields else _check(fields, common)


def _common(fields: Fields, rule_id: str) -> dict[str, Any]:
    at = fields["id"].at
    found: dict[str, Any] = {"id": rule_id, "source": f"{at}:{at.column}"}
    found |= {key: fields.text(key) for key in ("title", "gives", "fix")}
    found["confidence"] = fields.choice("confidence", _CONFIDENCES, "high")
    if "tier" in fields:
        tier = fields["tier"].value
        if isinstance(tier, bool) or tier not in (1, 2, 3):
            raise wrong(f"tier: expected 1, 2 or 3, not {fields['tier'].kind}", fields["tier"].at)
        found["tier"] = tier
    if "references" in fields:
        references = Fields(fields["references"], "references", (*_CATALOGUES, "urls"))
        found |= {name: references.texts(name) for name in _CATALOGUES}
        found["links"] = references.texts("urls")
    for key in ("since", "until"):
        if key in fields:
            text = text_of(fields[key], key)
            version = parse_version(text)
            if version is None:
                raise wrong(f'{key}: "{text}" is no Kubernetes version', fields[key].at, 'write it like "1.36"')
            found[key] = version
    return found


def _capability(fields: Fields, common: dict[str, Any]) -> CapabilityRule:
    trigger = read_trigger(fields["trigger"])
    unless = read_trigger(fields["unless"], "unless") if "unless" in fields else None
    scores = _scores(fields["severity"])
    when = Expression(fields["when"], "when", VARIABLES, "bool") if "when" in fields else None
    return CapabilityRule(
        **common,
        trigger=trigger,
        unless=unless,
        scores=scores,
        named=fields.flag("named"),
        pods=fields.flag("pods"),
        score=Condition(common["id"], when) if when is not None else None,
        when=when.text if when is not None else "",
    )


def _scores(node: Placed) -> dict[Scope, float]:
    if not isinstance(node.value, dict):
        score = _score(node, "severity")
        return {C: score, N: score}
    fields = Fields(node, "severity", tuple(_SCOPES))
    scores = {scope: _score(fields[key], f"severity.{key}") for key, scope in _SCOPES.items() if key in fields}
    if not scores:
        raise wrong("severity: expected at least one scope", node.at, f"it has {', '.join(_SCOPES)}")
    return scores


def _score(node: Placed, key: str) -> float:
    """The score that a level's name or a number from 0 to 10 stands for."""
    value = node.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if 0 <= value <= 10:
            return float(value)
        raise wrong(f"{key}: {value} is no score", node.at, "a score is a number from 0 to 10")
    if not isinstance(value, str):
        raise wrong(f"{key}: expected {', '.join(SEVERITIES)} or a number from 0 to 10, not {node.kind}", node.at)
    return middle(SEVERITIES[chosen(node, key, SEVERITIES)])


def _check(fields: Fields, common: dict[str, Any]) -> CheckRule:
    kinds = tuple(dict.fromkeys(chosen(one, "kinds", KINDS) for one in items(fields["kinds"], "kinds")))
    each = fields.choice("each", tuple(EACH), "")
    if each and not set(kinds) <= set(EACH[each]):
        raise wrong(f"each: only {' and '.join(EACH[each])} have {each}", fields["each"].at)
    score = _score(fields["severity"], "severity")
    checks = tuple(_kind_check(fields, kind, each) for kind in kinds)
    message = fields.text("message", common["gives"])
    when = checks[0].when.text
    where = f"{each} of {', '.join(kinds)}" if each else ", ".join(kinds)
    return CheckRule(
        **common,
        condition=f"{where}, when `{when}`",
        level=_LEVELS.get(severity_of(score), "warning"),
        base=score,
        check=ObjectCheck(common["id"], each, checks, message),
    )


def _kind_check(fields: Fields, kind: Kind, each: Each) -> KindCheck:
    known = variables(kind, each)
    when = Expression(fields["when"], "when", known, "bool")
    message = fields.get("messageExpression")
    return KindCheck(kind, when, Expression(message, "messageExpression", known, "string") if message is not None else None)
