"""pytest plug-in: files named ``*.facts.yaml`` are collected, one test for each permission fact.

The engine is imported, and the policy loaded, when the first such file is met; a run without any costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from rbaclens.analysis.fact_words import IsDefault
    from rbaclens.analysis.facts import FactResult, Prover
    from rbaclens.index.engine import Engine
    from rbaclens.model.identities import Identities
    from rbaclens.model.permission_facts import PermissionFact

_ENDINGS = (".facts.yaml", ".facts.yml")
_DEFAULT_POLICY = "policies"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options ``--rbaclens-policy`` and ``--rbaclens-identities``, and settings of the same names."""
    group = parser.getgroup("rbaclens", "permission facts (*.facts.yaml)")
    group.addoption(
        "--rbaclens-policy",
        action="append",
        metavar="PATH",
        help="The policy that the facts are about: a file or folder (default: the folder policies). Repeatable.",
    )
    group.addoption("--rbaclens-identities", metavar="FILE", help="Who is in which group.")
    parser.addini("rbaclens_policy", "The policy that the facts are about: files and folders.", type="paths", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A file of facts."""
    if file_path.name.endswith(_ENDINGS):
        return FactFile.from_parent(parent, path=file_path)
    return None


class FactFile(pytest.File):
    """A file of facts; what is wrong with it, or with the policy, is an error of collection."""

    def collect(self) -> Iterator[pytest.Item]:
        """The facts of the file."""
        from rbaclens.errors import RbaclensError
        from rbaclens.sources.fact_files import load_facts

        try:
            policy = _policy(self.config)
            facts = load_facts(str(self.path), policy.catalogue, name=self.nodeid)
            prover = policy.prover(facts)
        except RbaclensError as error:
            raise self.CollectError(f"{error}\n{error.help}".rstrip()) from None
        for fact in facts:
            yield FactItem.from_parent(self, name=fact.name, fact=fact, prover=prover)


class FactItem(pytest.Item):
    """One fact as a test."""

    def __init__(self, *, fact: PermissionFact, prover: Prover, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fact = fact
        self.prover = prover

    def runtest(self) -> None:
        """Prove the fact; unknown is a failure as well."""
        from rbaclens.analysis.facts import Outcome

        result = self.prover.prove(self.fact)
        if result.outcome is not Outcome.HOLDS:
            raise FactFailure(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The counterexample with its evidence, as ``rbaclens test`` shows it."""
        if not isinstance(excinfo.value, FactFailure):
            return super().repr_failure(excinfo, style)
        from rbaclens.reports.facts import explanation

        result = excinfo.value.result
        return "\n".join([f"{result.outcome.value}: {self.fact.text}", *explanation(result, self.prover.engine)])

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line (from 0) and name."""
        return self.path, self.fact.at.line - 1, self.name


class FactFailure(Exception):  # noqa: N818 - not an error of the program
    """A fact that does not hold, or is not known to."""

    def __init__(self, result: FactResult) -> None:
        super().__init__(result.fact.text)
        self.result = result


class _Policy:
    """The policy of a test run, loaded once."""

    def __init__(self, engine: Engine, identities: Identities | None, is_default: IsDefault) -> None:
        from rbaclens.requests.resources import ResourceCatalogue

        self.engine = engine
        self.catalogue = ResourceCatalogue(engine.policy)
        self._identities = identities
        self._is_default = is_default

    def prover(self, facts: tuple[PermissionFact, ...]) -> Prover:
        from rbaclens.analysis.fact_world import World
        from rbaclens.analysis.facts import Prover

        return Prover(self.engine, World(self.engine.policy, facts, self._identities, self._is_default))


_KEY = pytest.StashKey[_Policy]()


def _policy(config: pytest.Config) -> _Policy:
    if _KEY not in config.stash:
        from rbaclens import load
        from rbaclens.cli.lookup import bootstrap_test
        from rbaclens.errors import UsageError
        from rbaclens.sources.identities import load_identities

        paths = config.getoption("--rbaclens-policy") or [str(path) for path in config.getini("rbaclens_policy")]
        if not paths:
            default = config.rootpath / _DEFAULT_POLICY
            if not default.is_dir():
                raise UsageError("there is no policy to judge by", "give --rbaclens-policy PATH, or set rbaclens_policy")
            paths = [str(default)]
        engine = load(*paths)
        file = config.getoption("--rbaclens-identities")
        identities = load_identities(file) if file else None
        config.stash[_KEY] = _Policy(engine, identities, bootstrap_test(engine.policy))
    return config.stash[_KEY]
