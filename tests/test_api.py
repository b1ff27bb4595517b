"""The public Python API: what a program that uses rbaclens may import, and that the README's example works."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rbaclens

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", rbaclens.__all__)
def test_every_name_can_be_imported(name):
    """Each public name is there, documented, and is one and the same object as at its home."""
    found = getattr(rbaclens, name)
    assert inspect.getdoc(found)
    assert getattr(importlib.import_module(found.__module__), name) is found


def test_the_list_is_whole():
    """Names are sorted, none is private, and an unknown one is an ordinary AttributeError."""
    assert rbaclens.__all__ == sorted(rbaclens.__all__)
    assert set(rbaclens._HOMES) | {"load"} == set(rbaclens.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = rbaclens.nonsense
    assert re.fullmatch(r"\d+\.\d+\.\d+", rbaclens.__version__)


def test_star_import():
    """``from rbaclens import *`` gives exactly the public names."""
    found: dict[str, object] = {}
    exec("from rbaclens import *", found)  # noqa: S102 - this is the statement to be tested
    assert set(found) - {"__builtins__"} == set(rbaclens.__all__)


def public_functions():
    """``load`` and ``implied_groups``, and every public method of the public classes that are no enums or structs."""
    yield rbaclens.load
    yield rbaclens.implied_groups
    for _, method in inspect.getmembers(rbaclens.Engine, inspect.isfunction):
        if not method.__name__.startswith("_") or method.__name__ == "__init__":
            yield method


@pytest.mark.parametrize("function", list(public_functions()), ids=lambda function: function.__qualname__)
def test_typed(function):
    """The package says that it is typed, and every argument and result of a public function has a type."""
    assert (ROOT / "rbaclens" / "py.typed").is_file()
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(p.annotation is not p.empty for name, p in signature.parameters.items() if name != "self")


def in_fresh_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_works_without_click():
    """A program that decides needs neither click nor any other part of the command line."""
    code = (
        "import sys; sys.modules['click'] = None\n"
        "import rbaclens\n"
        "engine = rbaclens.load('policies')\n"
        "for name in rbaclens.__all__: getattr(rbaclens, name)\n"
        "print(engine.decide(rbaclens.Request('get', 'pods', namespace='projectCaribou', user='bob')).answer.value)\n"
        "print(*[name for name in sys.modules if name.startswith(('rbaclens.cli', 'rbaclens.reports', 'kubernetes', 'networkx'))])\n"
    )
    assert in_fresh_python(code).split() == ["yes"]


def test_importing_costs_little():
    """``import rbaclens`` alone brings in none of its parts."""
    assert in_fresh_python("import sys, rbaclens; print(*[m for m in sys.modules if m.startswith('rbaclens.')])").split() == []


def test_readme_example(monkeypatch, capsys):
    """The library example of the README runs as it stands there, and bob may."""
    example = re.search(r"## As a library\n+```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert example is not None
    monkeypatch.chdir(ROOT)
    exec(compile(example[1], "README.md", "exec"), {})  # noqa: S102 - this is the example to be tested
    printed = capsys.readouterr().out
    assert "YES" in printed
    assert "AbacGrant" in printed


def test_docstring_example(monkeypatch):
    """What the package's own docstring shows works too."""
    monkeypatch.chdir(ROOT)
    lines = [line.strip() for line in (rbaclens.__doc__ or "").splitlines() if line.startswith("    ")]
    names: dict[str, object] = {}
    exec("\n".join(lines), names)  # noqa: S102 - this is the example to be tested
    decision = names["decision"]
    assert isinstance(decision, rbaclens.Decision)
    assert (decision.allowed, decision.answer) == (True, rbaclens.Answer.YES)
    assert decision.reason == 'RBAC: allowed by RoleBinding "developers/shop" of Role "developer" to Group "devs"'


def test_load_and_decide(tmp_path):
    """``load`` takes files and folders, a chain, and may leave the default policy out; it raises its own errors."""
    request = rbaclens.Request("get", path="/version", user="bob", groups=rbaclens.implied_groups("bob"))
    (tmp_path / "empty.yaml").write_text("# nothing yet\n")
    assert rbaclens.load(str(tmp_path)).decide(request).allowed
    assert not rbaclens.load(str(tmp_path), bootstrap=False).decide(request).allowed
    everything = rbaclens.AuthorizerConfig((rbaclens.AuthorizerEntry("AlwaysAllow", "alwaysallow"),))
    decision = rbaclens.load(str(tmp_path), config=everything, bootstrap=False).decide(request)
    assert (decision.answer, decision.opinion.verdict) == (rbaclens.Answer.YES, rbaclens.Verdict.ALLOW)
    with pytest.raises(rbaclens.RbaclensError):
        rbaclens.load(str(tmp_path / "missing.yaml"))


def test_an_engine_without_files():
    """A program may make the policy itself, and hear from each authorizer."""
    engine = rbaclens.Engine(rbaclens.PolicySet())
    steps = engine.explain(rbaclens.Request("get", "pods", user="bob"))
    assert [(type(step), step.authorizer) for step in steps] == [
        (rbaclens.Step, "privileged group"),
        (rbaclens.Step, "node"),
        (rbaclens.Step, "rbac"),
    ]
    hook = rbaclens.AuthorizerEntry("Webhook", "hook", rbaclens.WebhookSettings("hook.kubeconfig"))
    asked = rbaclens.Engine(rbaclens.PolicySet(), rbaclens.AuthorizerConfig((hook,))).decide(rbaclens.Request("get", "pods", user="bob"))
    assert asked.answer is rbaclens.Answer.UNKNOWN


def test_a_decision_cannot_be_changed():
    """Whatever a decision hands out is plain frozen data that cannot be changed by mistake."""
    decision = rbaclens.Engine(rbaclens.PolicySet()).decide(rbaclens.Request("get", "pods", user="bob"))
    with pytest.raises(AttributeError):
        decision.answer = rbaclens.Answer.YES
