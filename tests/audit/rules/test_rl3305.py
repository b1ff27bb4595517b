"""RL3305: an aggregated role with rules of its own."""

import json

from audit_rules import found, judged, role, rule

from rbaclens.sources import load

SELECTS = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to": "sum"}}]}}
PODS, SERVICES = rule("get list", "pods"), rule("get", "services")
SOURCE = role("source", PODS, labels={"to": "sum"})


def test_rules_that_are_gathered_from_nowhere():
    """One finding for the role; the patch empties it."""
    (one,) = found("RL3305", SOURCE, role("sum", SERVICES, **SELECTS))
    assert (one.severity.title, one.origin.path[-1], "in place of its own rules" in one.message) == ("Low", "rules", True)
    assert [(step.path, step.value) for step in one.patch.edits] == [("/rules", [])]


def test_some_of_several():
    """What a gathered role grants too is not lost."""
    (one,) = found("RL3305", SOURCE, role("sum", rule("get", "pods"), SERVICES, **SELECTS))
    assert "1 of its own 2 rules" in one.message


def test_without_any_source():
    """Selectors that match nothing leave nothing at all."""
    assert len(found("RL3305", role("sum", SERVICES, **SELECTS))) == 1


def test_others_are_clean():
    """The rules as the controller wrote them, none at all, and a role without an aggregationRule."""
    assert found("RL3305", SOURCE, role("sum", PODS, **SELECTS), role("other", **SELECTS), role("plain", SERVICES)) == ()


def test_a_snapshot_is_clean(tmp_path):
    """There the rules are what the controller wrote, whatever the selectors gather by now."""
    file = tmp_path / "snapshot.json"
    head = {"apiVersion": "rbaclens.dev/v1", "kind": "Snapshot"}
    file.write_text(json.dumps({**head, "items": [SOURCE, role("sum", SERVICES, **SELECTS)]}))
    assert judged(load([str(file)]), "RL3305") == ()
