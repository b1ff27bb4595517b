"""RL0001: a waiver that has ended."""

from __future__ import annotations

from rbaclens.audit.rule import ControlRule

RULE = ControlRule(
    id="RL0001",
    title="Expired waiver",
    condition="A waiver is past its last day and still covers a finding.",
    gives="What was accepted for a time is accepted no longer: its findings count again.",
    fix="Fix the findings, or renew the waiver with a new date and a reason that still holds.",
    level="warning",
)
