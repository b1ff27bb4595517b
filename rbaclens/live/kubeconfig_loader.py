"""The official client's kubeconfig loader, with its silent failures made loud."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kubernetes.config.kube_config

from rbaclens.errors import ClusterError
from rbaclens.live.replies import LOG_IN_AGAIN, redact

_client: Any = kubernetes.config.kube_config
_MINUTE = datetime.timedelta(minutes=1)


def make_loader(merger: Any, context: str) -> Any:
    """The loader of ``context`` in the merged files; loading raises the client's ``ConfigException`` or ``ClusterError``."""
    loader = _Loader(merger.config, active_context=context, config_base_path=None, config_persister=merger.save_changes)
    loader.context = context
    return loader


class _Loader(_client.KubeConfigLoader):  # type: ignore[misc]
    context = ""

    def _load_from_exec_plugin(self) -> object:
        if "exec" not in self._user:
            return None
        with _caught_log() as lines:
            done: object = super()._load_from_exec_plugin()
        if not done:
            plugin = self._user["exec"].value
            words = redact(" ".join(lines)) or "it gave no credentials"
            raise ClusterError(
                f'the credential plugin "{plugin.get("command")}" of context "{self.context}" failed: {words}',
                redact(str(plugin.get("installHint") or "")) or LOG_IN_AGAIN,
            )
        return done

    def _load_user_token(self) -> object:
        if not self._user.safe_get("tokenFile"):
            return super()._load_user_token()
        # What the file holds goes before ``token``, and is read again every minute, as in kubectl.
        path = Path(self._get_base_path(self._user.path), self._user["tokenFile"])
        self.token = f"Bearer {path.read_text(encoding='utf-8').strip()}"
        self.expiry = datetime.datetime.now(tz=datetime.UTC) + _client.EXPIRY_SKEW_PREVENTION_DELAY + _MINUTE
        return True

    def _refresh_oidc(self, provider: Any) -> None:
        # Without a CA the client would switch TLS verification off and send the refresh token to whoever answers.
        config = provider["config"].value
        if not (config.get("idp-certificate-authority-data") or config.get("idp-certificate-authority")):
            raise ClusterError(f'the OIDC token of context "{self.context}" has expired', LOG_IN_AGAIN)
        super()._refresh_oidc(provider)


@contextmanager
def _caught_log() -> Iterator[list[str]]:
    """What is logged meanwhile: the client reports a plugin's failure in no other way, and would print it."""
    lines: list[str] = []

    class Catcher(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    catcher, root = Catcher(), logging.getLogger()
    before, root.handlers = root.handlers, [catcher]
    try:
        yield lines
    finally:
        root.handlers = before
