"""What a project decides about its audit: which rules at which severity, when to fail, and what is waived.

The same form stands in ``audit.yaml`` beside the policies, at its top, and in ``rbaclens.toml`` under ``[audit]``::

    failOn: high
    kubeVersion: "1.36"
    customRules: [team.rules.yaml]
    rules:
      RL1101: {severity: medium}
      RL3101: {enabled: false}
    waivers:
    - rule: RL1101
      subject: sa:edge/certificates
      reason: reads the secrets of every ingress
      owner: platform
      expires: 2027-06-30
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from rbaclens.audit.registry import rule_ids
from rbaclens.audit.severity import Severity
from rbaclens.errors import PolicyFileError

NEVER = "never"
SEVERITIES: dict[str, Severity] = {one.title.lower(): one for one in sorted(Severity, reverse=True)}
_LEVELS = (*SEVERITIES, NEVER)


class RuleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule: not asked at all, or all of its findings at one severity."""

    enabled: bool = True
    severity: str | None = None


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Findings that somebody has looked at and accepts.

    It waives a finding of ``rule`` for which everything else that is given holds: ``subject`` as the finding names it
    (``sa:ns/name``), ``namespace`` (all its scopes), ``object`` (``RoleBinding shop/devs``, a role or binding it rests on),
    ``fingerprint``. It ends at the end of the day ``expires``. ``file`` and ``line`` are where it stands.
    """

    rule: str
    reason: str
    owner: str = ""
    expires: datetime.date | None = None
    subject: str = ""
    namespace: str = ""
    object: str = ""
    fingerprint: str = ""
    file: str = ""
    line: int = 0

    def describe(self) -> str:
        """The waiver in a few words."""
        parts = [self.subject, self.namespace, self.object, self.fingerprint[:12]]
        return " ".join([self.rule, *(part for part in parts if part)])


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Everything that can be set; empty where nothing is. ``custom_rules`` are files, from where the settings stand."""

    fail_on: str = ""
    kube_version: str = ""
    baseline: str = ""
    custom_rules: tuple[str, ...] = ()
    rules: dict[str, RuleSettings] = {}
    waivers: tuple[Waiver, ...] = ()

    def over(self, other: Settings) -> Settings:
        """These settings where they say something, ``other`` elsewhere; waivers of both."""
        return Settings(
            self.fail_on or other.fail_on,
            self.kube_version or other.kube_version,
            self.baseline or other.baseline,
            other.custom_rules + self.custom_rules,
            {**other.rules, **self.rules},
            other.waivers + self.waivers,
        )


def read_settings(data: object, file: str, waiver_lines: Sequence[int] = (), known: Collection[str] | None = None) -> Settings:
    """The settings that a file holds; ``waiver_lines`` are the lines of its waivers, ``known`` the ids of all rules there are.

    Raises ``PolicyFileError`` for an unknown key, rule or severity, a waiver without reason, and whatever has a wrong type.
    """
    if data is None:
        return Settings()
    try:
        found = msgspec.convert(_camel(data), Settings)
    except msgspec.ValidationError as error:
        raise PolicyFileError(f"audit settings: {error}", _HELP, file=file) from None
    waivers = tuple(
        msgspec.structs.replace(one, rule=one.rule.upper(), file=file, line=waiver_lines[number] if number < len(waiver_lines) else 0)
        for number, one in enumerate(found.waivers)
    )
    found = msgspec.structs.replace(found, waivers=waivers, rules={key.upper(): value for key, value in found.rules.items()})
    for problem in _problems(found, rule_ids() if known is None else known):
        raise PolicyFileError(f"audit settings: {problem}", _HELP, file=file)
    return found


def custom_rule_files(data: object, file: str) -> tuple[str, ...]:
    """The files of custom rules that settings name, before anything else of them is read. Raises ``PolicyFileError``."""
    found = _camel(data)
    named = found.get("customRules") if isinstance(found, dict) else None
    try:
        return msgspec.convert(named or (), tuple[str, ...])
    except msgspec.ValidationError:
        raise PolicyFileError("audit settings: customRules is no list of file names", _HELP, file=file) from None


_HELP = (
    "keys: failOn, kubeVersion, baseline, customRules, rules.<ID>.severity or enabled, "
    "waivers[] with rule, reason, owner, expires, subject, namespace, object, fingerprint"
)


def _camel(data: object) -> object:
    """``fail-on`` and ``fail_on`` as ``failOn``, so that TOML may be written as TOML is."""
    if not isinstance(data, Mapping):
        return data
    found: dict[Any, Any] = {}
    for key, value in data.items():
        head, *rest = str(key).replace("_", "-").split("-")
        found[head + "".join(part.capitalize() for part in rest)] = value
    return found


def _problems(found: Settings, known: Collection[str]) -> list[str]:
    named = [*found.rules, *(one.rule for one in found.waivers)]
    problems = [f'no rule is called "{rule}"' for rule in named if rule not in known]
    levels = [(found.fail_on, "failOn"), *((one.severity, f"rules.{rule}.severity") for rule, one in found.rules.items())]
    for level, where in levels:
        allowed = _LEVELS if where == "failOn" else tuple(SEVERITIES)
        if level and level not in allowed:
            problems.append(f'{where} is "{level}", not one of {", ".join(allowed)}')
    problems += [f"the waiver of {one.describe()} has no reason" for one in found.waivers if not one.reason.strip()]
    return problems


def parse_version(text: str) -> tuple[int, int] | None:
    """``1.36`` or ``v1.36.2`` as (major, minor); ``None`` for anything else."""
    parts = text.removeprefix("v").split(".")
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() for part in parts[:2]):
        return None
    return int(parts[0]), int(parts[1])
