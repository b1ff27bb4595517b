"""Every rule, in order. A rule's module is imported when the rule is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module

from rbaclens.audit.rule import Rule
from rbaclens.errors import UnknownNameError

FAMILIES: dict[str, tuple[str, ...]] = {
    "00": ("RL0001", "RL0002"),
    "10": ("RL1001", "RL1002", "RL1003", "RL1004", "RL1005", "RL1006", "RL1008", "RL1009", "RL1011"),
    "11": ("RL1101", "RL1102", "RL1103", "RL1105", "RL1106", "RL1107", "RL1112"),
    "12": ("RL1201", "RL1202", "RL1203", "RL1204", "RL1206", "RL1207", "RL1209", "RL1210", "RL1211"),
    "13": ("RL1301", "RL1302", "RL1303", "RL1304", "RL1305", "RL1306", "RL1310", "RL1311", "RL1312"),
    "14": ("RL1401", "RL1402", "RL1403", "RL1404"),
    "15": ("RL1501", "RL1502", "RL1504", "RL1505"),
    "16": ("RL1601", "RL1602", "RL1603"),
    "17": ("RL1701", "RL1702", "RL1703", "RL1704", "RL1705", "RL1706", "RL1707", "RL1708"),
    "18": ("RL1801", "RL1802", "RL1803", "RL1804", "RL1806"),
    "19": ("RL1901",),
    "20": ("RL2001", "RL2002", "RL2004"),
    "22": (),
    "23": ("RL2301", "RL2305", "RL2306", "RL2307", "RL2308", "RL2309", "RL2313"),
    "30": (
        *("RL3001", "RL3002", "RL3003", "RL3004", "RL3005", "RL3006", "RL3007", "RL3008", "RL3009", "RL3010"),
        *("RL3011", "RL3012", "RL3013", "RL3014", "RL3015", "RL3016"),
    ),
    "31": ("RL3101", "RL3102", "RL3103", "RL3104", "RL3105", "RL3106", "RL3107", "RL3108", "RL3109", "RL3110", "RL3111"),
    "32": (
        *("RL3201", "RL3202", "RL3203", "RL3204", "RL3205", "RL3206", "RL3207", "RL3208", "RL3209", "RL3210", "RL3211"),
        *("RL3212", "RL3213", "RL3214", "RL3215", "RL3216", "RL3217", "RL3218", "RL3219", "RL3220", "RL3221", "RL3222"),
    ),
    "33": (
        *("RL3301", "RL3302", "RL3303", "RL3304", "RL3305", "RL3306", "RL3307"),
        *("RL3308", "RL3309", "RL3310", "RL3311", "RL3312", "RL3313"),
    ),
    "35": (
        "RL3501",
        "RL3502",
        "RL3503",
        "RL3504",
        "RL3505",
        "RL3506",
        "RL3507",
        "RL3508",
        "RL3509",
        "RL3510",
        "RL3511",
        "RL3512",
        "RL3513",
        "RL3514",
        "RL3515",
        "RL3516",
        "RL3517",
        "RL3518",
        "RL3519",
        "RL3520",
    ),
    "36": ("RL3601", "RL3602", "RL3603", "RL3604", "RL3605"),
    "40": ("RL4001", "RL4002", "RL4003"),
}
"""The rules by the first two digits of their id."""

TITLES = {
    "00": "Control of the audit",
    "10": "Breadth",
    "11": "Secrets, tokens and service accounts",
    "12": "RBAC objects and impersonation",
    "13": "Pods and workloads",
    "14": "Interactive and proxy access",
    "15": "Nodes and kubelet",
    "16": "Certificates",
    "17": "API-server extension, admission, namespaces",
    "18": "Network",
    "19": "Storage, scheduling, devices",
    "20": "Cluster-identity and cloud configuration",
    "22": "Availability, anti-forensics, reconnaissance",
    "23": "Dangerous subjects and URLs",
    "30": "References and subjects",
    "31": "Unused and redundant",
    "32": "Rules that can never match, or match something else",
    "33": "Object form, versions and aggregation",
    "35": "ABAC policy files",
    "36": "Authorizer configuration",
    "40": "Paths",
}


_IDS = tuple(rule for rules in FAMILIES.values() for rule in rules)


def rule_ids() -> tuple[str, ...]:
    """The ids of all rules, in order; imports none."""
    return _IDS


def load_rule(rule: str) -> Rule:
    """The rule of an id, written in any case. Raises UnknownNameError with the nearest ids."""
    wanted = rule.upper()
    known = rule_ids()
    if wanted not in known:
        near = tuple(get_close_matches(wanted, known, n=3, cutoff=0.5))
        raise UnknownNameError(f'no rule is called "{rule}"', f"nearest: {', '.join(near)}" if near else "rbaclens rules lists all", near)
    found = import_module(f"rbaclens.audit.rules.{wanted.lower()}").RULE
    assert isinstance(found, Rule)  # noqa: S101
    return found


def load_rules(rules: Iterable[str] | None = None) -> tuple[Rule, ...]:
    """The rules of these ids, or all, in the order of the registry."""
    wanted = rule_ids() if rules is None else rules
    return tuple(load_rule(rule) for rule in wanted)
