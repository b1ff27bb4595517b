"""Every error that rbaclens raises on purpose.

::

    RbaclensError                    exit code 2 unless a leaf says otherwise
    ├── UsageError                   the words of a command do not fit together
    │   ├── UnknownNameError         a resource, verb or rule id that nothing knows (with the nearest names)
    │   └── RequestError             a request that the API server would not accept
    ├── LoadError                    input that cannot be read, with file, document, line and what was expected
    │   ├── PolicyFileError          a manifest or policy file
    │   ├── AbacFileError            an ABAC file that the API server would refuse to start with
    │   └── AuthorizerConfigError    an authorizer configuration that the API server would refuse
    ├── MissingExtraError            an optional package that this feature needs is not installed
    └── ClusterError                 the cluster could not be reached (exit code 4)
        ├── UnreachableError         nobody answers there
        ├── BrokenConnectionError    the connection broke; another try may help
        ├── RefusedError             the API server refused: credentials, rights, or a limit
        └── WebhookFailure           a webhook gave no answer; its authorizer turns this into an opinion (WH-12)

The library raises these and nothing else on bad input; the command line alone turns them into text and an exit code.
"""

from __future__ import annotations


class RbaclensError(Exception):
    """Base of all errors; ``message`` says what is wrong, ``help`` what to do about it."""

    exit_code = 2

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class UsageError(RbaclensError):
    """The arguments do not fit together."""


class UnknownNameError(UsageError):
    """A name that no fact, custom resource or rule knows; ``nearest`` are the known names closest to it."""

    def __init__(self, message: str, help: str = "", nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message, help)
        self.nearest = nearest


class RequestError(UsageError):
    """A request (HTTP line, review object, command line) that the API server would not accept."""


class LoadError(RbaclensError):
    """Input that cannot be read.

    ``file`` is as the user named it, ``line`` and ``column`` count from 1, ``document`` from 0 (``None``: not known).
    """

    def __init__(
        self,
        message: str,
        help: str = "",
        *,
        file: str = "",
        document: int | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message, help)
        self.file = file
        self.document = document
        self.line = line
        self.column = column

    def __str__(self) -> str:
        where = self.file
        if self.line is not None:
            where += f":{self.line}" + (f":{self.column}" if self.column is not None else "")
        elif self.document:
            where += f" (document {self.document + 1})"
        return f"{where}: {self.message}" if where else self.message


class PolicyFileError(LoadError):
    """A manifest or policy file that cannot be read."""


class AbacFileError(LoadError):
    """An ABAC policy file that the API server would refuse to start with."""


class AuthorizerConfigError(LoadError):
    """Authorizer flags or a configuration file that the API server would refuse; ``problems`` lists all of them."""

    def __init__(self, message: str, help: str = "", *, file: str = "", problems: tuple[str, ...] = ()) -> None:
        super().__init__(message, help, file=file)
        self.problems = problems


class MissingExtraError(RbaclensError):
    """A feature needs an optional package."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an optional package", f"pip install 'rbaclens[{extra}]'")


class ClusterError(RbaclensError):
    """The cluster (or a webhook that was to be called) could not be reached."""

    exit_code = 4
