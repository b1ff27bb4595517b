"""RL0002: a waiver for nothing."""

from __future__ import annotations

from rbaclens.audit.rule import ControlRule

RULE = ControlRule(
    id="RL0002",
    title="Waiver that covers nothing",
    condition="No finding matches a waiver, or an annotation cannot be read as one.",
    gives="A waiver that waits for a finding hides the next one that fits it.",
    fix="Delete the waiver.",
    level="warning",
)
