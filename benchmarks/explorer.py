"""``python -m benchmarks.explorer``: the explorer's page of 500 namespaces: its size, how soon it answers, and how quick a key is.

``--data DIR`` measures an existing folder (objects.json). Times are wall times in Chromium, the best of several runs.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.cluster import Cluster
from benchmarks.measure import Figure

TYPED = ("secrets", "sa-1", "ns-499/role", "clusterrole", "user-12", "deploy apps", "zzz")
# Time from a key to the answers in the page, laid out.
KEY = """async text => {
  const input = document.getElementById('search'), times = []
  for (let end = 1; end <= text.length; end++) {
    input.value = text.slice(0, end)
    const start = performance.now()
    input.dispatchEvent(new InputEvent('input', { bubbles: true }))
    document.body.offsetHeight
    times.push(performance.now() - start)
  }
  return times
}"""
CLICK = """async hash => {
  const start = performance.now()
  location.hash = hash
  await new Promise(done => addEventListener('hashchange', () => requestAnimationFrame(done), { once: true }))
  return performance.now() - start
}"""
VIEWS = (
    *("#/subject/sa%3Ans-1%2Fsa-1", "#/resource//secrets", "#/namespace/ns-7?tab=graph"),
    *("#/resource//secrets?tab=graph", "#/findings", "#/"),
)


def write_page(data: Path, file: Path) -> float:
    """Make the page as a whole process; seconds."""
    start = time.perf_counter()
    words = ("-m", "rbaclens", "explore", "-q", "--no-open", "-f", str(data / "objects.json"), "-o", str(file))
    subprocess.run([sys.executable, *words], check=True)
    return time.perf_counter() - start


def open_page(browser: Any, address: str) -> tuple[Any, float]:
    """A new page, and the seconds until search can be used."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector("html[data-ready]", state="attached")
    return page, time.perf_counter() - start


def figures(file: Path, runs: int) -> list[Figure]:
    """What the browser makes of it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        opened = [open_page(browser, file.as_uri()) for _ in range(runs)]
        page = opened[-1][0]
        keys = sorted(one for _ in range(3) for text in TYPED for one in page.evaluate(KEY, text))
        page.locator("#search").fill("")
        views = [page.evaluate(CLICK, view) for view in VIEWS]
        browser.close()
    return [
        Figure("explorer, 500 namespaces: size of the file", file.stat().st_size / 2**20, "MiB", 8),
        Figure("seconds until search can be used", min(seconds for _, seconds in opened), "s", 3),
        Figure("a key until its answers stand, median", statistics.median(keys), "ms", 50),
        Figure("the same, the slowest of twenty", keys[int(len(keys) * 0.95)], "ms", 50),
        Figure("the slowest of six views to open", max(views), "ms", 1000),
    ]


def main() -> int:
    """Measure and print; exit code 1 when a figure is over."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explorer", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder of 500 namespaces")
    parser.add_argument("--runs", type=int, default=5, help="how often the page is opened")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        data = arguments.data
        if data is None:
            data = Path(temporary) / "500"
            Cluster(500).write(data)
        file = Path(temporary) / "explorer.html"
        made = write_page(data, file)
        found = figures(file, arguments.runs)
    for figure in found:
        print(figure)
    print(f"making the page, whole process: {made:.1f} s")
    return int(any(figure.ratio > figure.limit for figure in found))


if __name__ == "__main__":
    sys.exit(main())
