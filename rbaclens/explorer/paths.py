"""Attack paths in the form in which the page shows them."""

from __future__ import annotations

import msgspec

from rbaclens.index.engine import Engine


class AttackStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of a path: from ``source`` to ``target`` by a technique.

    ``source`` and ``target`` are what people read ("sa:shop/web", "a pod in shop"). ``request`` does the step, ``by`` is the grant that
    allows it, ``file`` and ``line`` where that is written. ``closed`` says what prevents the step, as far as can be seen.
    """

    source: str
    target: str
    technique: str
    title: str = ""
    request: str = ""
    by: str = ""
    file: str = ""
    line: int = 0
    closed: str = ""


class AttackPath(msgspec.Struct, frozen=True):
    """A way from somebody to what an attacker is after; ``cost`` is the sum of its steps.

    ``source`` is somebody as findings name them (``sa:shop/web``, ``group:devs``), so that the page can tell more of them.
    """

    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    cost: float
    steps: tuple[AttackStep, ...]


def attack_paths(engine: Engine) -> tuple[AttackPath, ...]:
    """The attack paths of a policy: none yet, since nobody computes them."""
    return ()
