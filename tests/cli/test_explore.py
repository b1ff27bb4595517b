"""``rbaclens explore``: what it writes, where it serves, and what it refuses."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rbaclens.cli import cli
from rbaclens.errors import UsageError

SHOP = str(Path(__file__).resolve().parents[2] / "policies" / "shop.yaml")


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["explore", "-f", SHOP, "--no-open", *words])


def test_writes_one_file(tmp_path: Path) -> None:
    """The page, and a line that says where and how large."""
    file = tmp_path / "page.html"
    result = run("-o", str(file))
    assert result.exit_code == 0, result.output
    assert file.read_text("utf-8").startswith("<!doctype html>")
    assert re.search(rf"{re.escape(str(file))}: \d+ KiB", result.stderr)


def test_writes_to_stdout() -> None:
    """- is stdout, and nothing else goes there."""
    result = run("-o", "-", "-q", "--no-audit")
    assert result.exit_code == 0
    assert result.stdout.startswith("<!doctype html>")
    assert result.stdout.endswith("</html>\n")
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--serve", "-o", "x.html"), "--serve shows the page"),
        (("--port", "8080"), "--port is for --serve"),
        (("-o", "/no/such/folder/x.html"), "there is no such folder"),
        (("-o", "/"), "cannot be written"),
    ],
)
def test_refuses_what_does_not_fit(words: tuple[str, ...], wanted: str) -> None:
    """Wrong usage is one clear error."""
    result = run(*words)
    assert isinstance(result.exception, UsageError)
    assert wanted in str(result.exception)


def test_a_port_that_is_taken_is_an_error() -> None:
    """Somebody else's port is not taken away."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("--serve", "--no-audit", "--port", str(taken.getsockname()[1]))
    assert isinstance(result.exception, UsageError)
    assert "cannot be used" in str(result.exception)


def test_gaps_are_told_by_the_exit_code(tmp_path: Path) -> None:
    """With policy that could not be read the page is written, and the code says that it is not everything."""
    (tmp_path / "bad.yaml").write_text("kind: [")
    file = tmp_path / "page.html"
    result = run("-f", str(tmp_path / "bad.yaml"), "--skip-bad-files", "--no-audit", "-o", str(file))
    assert (result.exit_code, file.is_file()) == (3, True)


def test_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    """The page is there, and Ctrl-C ends it without a word."""
    # Where tests run in the background, Ctrl-C is ignored, and so it would be here.
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from rbaclens.cli import main; main()"
    command = [sys.executable, "-c", program, "explore", "-f", SHOP, "--serve", "--no-audit", "-q", "--no-open"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ}) as process:
        try:
            assert process.stderr is not None
            url = re.search(r"serving (http://127\.0\.0\.1:\d+/)", process.stderr.readline())
            assert url is not None
            with urllib.request.urlopen(url[1], timeout=30) as answer:  # noqa: S310
                assert answer.read().startswith(b"<!doctype html>")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()
