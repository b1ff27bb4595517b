"""A capability rule's ``when``: CEL over the match, as the hook that may drop it."""

from __future__ import annotations

from rbaclens.audit.context import Context
from rbaclens.audit.custom.expressions import EvaluationError, Expression, Variables
from rbaclens.audit.custom.shapes import Shapes, message_class, principal_message
from rbaclens.audit.finding import name_of
from rbaclens.audit.match import Match
from rbaclens.audit.severity import severity_of

VARIABLES: Variables = {
    "principal": "Principal",
    "scope": "string",
    "everywhere": "bool",
    "privileged": "bool",
    "latent": "bool",
    "names": "strings",
    "grants": "*Grant",
    "role": "Role",
    "namespaceObject": "Object",
    "severity": "string",
    "score": "double",
    "version": "Version",
}
"""What ``when`` may ask of a match."""


class Condition:
    """The score hook of a rule with ``when``: the score where it is true, ``None`` where it is false or cannot be told."""

    def __init__(self, rule_id: str, expression: Expression) -> None:
        self._rule_id = rule_id
        self._expression = expression
        self._context: Context | None = None
        self._shapes = Shapes()

    def __call__(self, match: Match, score: float) -> float | None:
        """The score, or ``None``: no finding."""
        context = match.context
        if self._context is not context:
            self._context, self._shapes = context, Shapes()
        shapes = self._shapes
        try:
            met = self._expression.value(
                {
                    "principal": lambda: principal_message(match.principal),
                    "scope": lambda: match.scope,
                    "everywhere": lambda: match.everywhere,
                    "privileged": lambda: match.privileged,
                    "latent": lambda: match.principal is None,
                    "names": lambda: list(match.names),
                    "grants": lambda: [shapes.grant(grant) for grant in match.grants],
                    "role": lambda: shapes.role(match.role),
                    "namespaceObject": lambda: shapes.of(context.namespaces.get(match.scope)),
                    "severity": severity_of(score).title.lower,
                    "score": lambda: score,
                    "version": lambda: version_message(context),
                }
            )
        except EvaluationError as error:
            on = str(match.principal) if match.principal is not None else name_of(match.role) if match.role else "a role"
            at = self._expression.at
            context.doubt(self._rule_id, f"{at}:{at.column}", str(error), on)
            return None
        return score if met else None


def version_message(context: Context) -> object:
    """The API server's version."""
    major, minor = context.version
    return message_class("Version")(major=major, minor=minor)
