"""Rules in Python, by entry point: found, checked, guarded, and named when they are broken."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest
from audit_rules import account, binding, grant, policy_of, role, rule

from rbaclens.audit.custom.plugins import plugin_rules
from rbaclens.audit.run import audit
from rbaclens.errors import UsageError
from rbaclens.index.engine import Engine
from rbaclens.sources import Objects, assemble

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "docs" / "custom-rules" / "python"
IMPORTS = """
from rbaclens.analysis.capability import may
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import C, CapabilityRule, CheckRule, LineRule, N
TEXTS = dict(title="T", gives="G.", fix="F.")
CHECK = dict(**TEXTS, condition="Always.", level="error")
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a distribution on the path: a module's text, and its entry point's value."""
    monkeypatch.syspath_prepend(tmp_path)

    def installed(text, value="plugin_of_test:RULES", name="acme-rules"):
        (tmp_path / "plugin_of_test.py").write_text(IMPORTS + text)
        info = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[rbaclens.rules]\nacme = {value}\n")
        importlib.invalidate_caches()

    yield installed
    sys.modules.pop("plugin_of_test", None)


def done(*objects, abac=None):
    """The audit by all plugins of a policy."""
    return audit(Engine(policy_of(*objects, abac=abac)), assemble(Objects()), list(plugin_rules()))


def test_without_plugins():
    """There are none, and the slow module that would find them need not be imported."""
    assert list(plugin_rules()) == []


def test_one_rule_or_several(install):
    """A rule, or anything that holds rules; ids in capitals, with the distribution they are from."""
    install('RULES = (CapabilityRule(id="a-1", trigger=may("get", "secrets"), scores={C: 9.0}, **TEXTS) for _ in range(1))')
    (one,) = plugin_rules()
    assert (one.id, one.source) == ("A-1", "acme-rules 1.0, entry point acme")
    found = audit(Engine(policy_of(grant("get", "secrets"))), assemble(Objects()), [one])
    assert [(finding.rule, str(finding.principal)) for finding in found.findings] == [("A-1", "user:mallory")]


def test_sample_of_the_docs(tmp_path, monkeypatch):
    """The package in docs/custom-rules/python works as it is declared."""
    declared = re.search(r'"rbaclens.rules"\]\n(.*) = "(.*)"', (SAMPLE / "pyproject.toml").read_text())
    info = tmp_path / "acme_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[rbaclens.rules]\n{declared[1]} = {declared[2]}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(SAMPLE)
    made = role("reader", rule("get", "pods"))
    found = done(
        made,
        binding("a", account("runner", "ci"), role="reader", namespace="shop"),
        binding("b", account("runner", "shop"), role="reader", namespace="shop"),
        binding("c", account("agent", "monitoring"), role="reader", namespace="shop"),
    )
    sys.modules.pop("acme_rules", None)
    assert [(one.rule, one.message) for one in found.findings] == [
        ("ACME-101", "ci/runner works in shop, and ci is no shared namespace."),
    ]
    assert found.findings[0].patch is not None


@pytest.mark.parametrize(
    ("text", "value", "message"),
    [
        ("RULES = [1]", "plugin_of_test:RULES", "plugin_of_test:RULES holds an object of type int, which is no rule"),
        ("RULES = 'x'", "plugin_of_test:RULES", "plugin_of_test:RULES holds an object of type str, which is no rule"),
        ("RULES = None", "plugin_of_test:RULES", "plugin_of_test:RULES holds an object of type NoneType, which is no rule"),
        (
            "RULES = CheckRule(id='RL1101', check=list, **CHECK)",
            "plugin_of_test:RULES",
            'the id "RL1101" is an id of rbaclens\'s own rules',
        ),
        ("RULES = CheckRule(id='a b', check=list, **CHECK)", "plugin_of_test:RULES", 'the id "a b" is no id'),
        ("1 / 0", "plugin_of_test:RULES", "plugin_of_test:RULES cannot be loaded: ZeroDivisionError: division by zero"),
        (
            "RULES = (1 / 0 for _ in 'x')",
            "plugin_of_test:RULES",
            "plugin_of_test:RULES cannot be loaded: ZeroDivisionError: division by zero",
        ),
        ("RULES = (", "plugin_of_test:RULES", "plugin_of_test:RULES cannot be loaded: SyntaxError: "),
        ("", "plugin_of_test:RULES", "plugin_of_test:RULES cannot be loaded: AttributeError: "),
        ("", "missing_of_test:RULES", "missing_of_test:RULES cannot be loaded: ModuleNotFoundError: "),
        ("import sys\nsys.exit(3)", "plugin_of_test:RULES", "plugin_of_test:RULES cannot be loaded: SystemExit: 3"),
        ("RULES = CheckRule(id='A-1', check=list, **{**CHECK, 'title': 3})", "plugin_of_test:RULES", "A-1 is no rule: title is 3, no text"),
        ("RULES = CheckRule(id='A-1', check=1, **CHECK)", "plugin_of_test:RULES", "A-1 is no rule: check is 1, no function"),
        (
            "RULES = CapabilityRule(id='A-1', trigger='x', scores={C: 1.0}, **TEXTS)",
            "plugin_of_test:RULES",
            "A-1 is no rule: trigger is 'x', no expression",
        ),
        (
            "RULES = CapabilityRule(id='A-1', trigger=may('get', 'pods'), scores={}, **TEXTS)",
            "plugin_of_test:RULES",
            "A-1 is no rule: scores is {}, no scores by Scope",
        ),
    ],
)
def test_broken_entry_points(install, text, value, message):
    """One error that names the distribution, the entry point and what is wrong."""
    install(text, value)
    with pytest.raises(UsageError) as caught:
        list(plugin_rules())
    assert str(caught.value).startswith(f"acme-rules 1.0, entry point acme: {message}")


def test_syntax_error_has_its_place(install):
    """The help of the error names line and column in the plugin."""
    install("RULES = [\n  1 +* 2]")
    with pytest.raises(UsageError) as caught:
        list(plugin_rules())
    assert re.search(r"at .*plugin_of_test\.py:8:6;", caught.value.help)


@pytest.mark.parametrize(
    "text",
    [
        "def check(context):\n  yield Flaw(on=None, message='First.')\n  {}['x']\nRULES = CheckRule(id='A-1', check=check, **CHECK)",
        "def check(context):\n  return [Flaw(on=None, message='First.'), 1]\nRULES = CheckRule(id='A-1', check=check, **CHECK)",
        "def check(context):\n  return 1\nRULES = CheckRule(id='A-1', check=check, **CHECK)",
        "def check(line, context):\n  line.missing\nRULES = LineRule(id='A-1', check=check, **CHECK)",
        "RULES = CapabilityRule(id='A-1', trigger=may('get', 'secrets'), scores={C: 9.0}, score=lambda m, s: 'x', **TEXTS)",
        "RULES = CapabilityRule(id='A-1', trigger=may('get', 'secrets'), scores={C: 9.0}, score=lambda m: 1, **TEXTS)",
        "RULES = CapabilityRule(id='A-1', trigger=may('get', 'secrets'), scores={C: 9.0}, here=lambda h, s: h.missing, **TEXTS)",
        "RULES = CapabilityRule(id='A-1', trigger=may('get', 'secrets'), scores={C: 9.0}, patch=lambda m: 1, **TEXTS)",
    ],
)
def test_errors_while_it_runs(install, text):
    """A rule that raises takes nothing with it: the audit goes on, and says what it could not tell and where that happened."""
    install(text)
    line = '{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{"user":"bob","resource":"pods"}}'
    found = done(grant("get", "secrets"), abac=line)
    (doubt,) = found.context.doubts
    assert doubt.rule == "A-1"
    assert re.search(r"plugin_of_test\.py:\d+", doubt.place)
    assert "acme-rules 1.0" in doubt.reason
    assert [one.message for one in found.findings if one.message == "First."] == (["First."] if "First" in text else [])


def test_a_name_that_cannot_be_judged_counts_in_full(install):
    """sensitive that raises is taken for true."""
    install(
        "RULES = CapabilityRule(id='A-1', trigger=may('get', 'secrets'), scores={C: 9.0}, named=True, sensitive=lambda n: 1 / 0, **TEXTS)"
    )
    assert [one.score for one in done(grant("get", "secrets", names="x")).findings] == [9.0]
