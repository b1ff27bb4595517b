"""Takes the pictures of docs/explorer.md again: ``python docs/screenshots.py`` writes docs/images/explorer-*.png.

Needs Playwright and Chromium. The pictures show the sample policies, and a generated cluster of 500 namespaces (or the one that
``--data`` names). They are reduced to a palette where pngquant or Pillow is there, so that none is over 150 kB.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 150_000


class Shot(NamedTuple):
    """One picture: its name, the view, and the window."""

    name: str
    address: str
    width: int = 1280
    height: int = 800
    theme: str = "light"
    large: bool = False
    typed: str = ""


SHOTS = (
    Shot("overview", "#/", large=True),
    Shot("search", "#/", height=640, typed="deploy"),
    Shot("ask", "#/ask?who=bob&verb=get&resource=pods&ns=projectCaribou"),
    Shot("subject", "#/subject/sa%3Ashop%2Fdeployer", height=720, theme="dark"),
    Shot("graph", "#/namespace/shop?tab=graph", height=820),
    Shot("resource", "#/resource/apps/deployments", height=640),
    Shot("findings", "#/findings", theme="dark", large=True),
    Shot("narrow", "#/role/Role/shop/developer", width=320, height=760),
    Shot("narrow-dark", "#/ask?who=sa:shop/deployer&verb=delete&resource=secrets&ns=shop", width=320, height=760, theme="dark"),
)


def write_page(file: Path, where: Path, policy: str) -> str:
    """A page of the policy as somebody sees it who stands in the folder ``where``; its address."""
    command = [sys.executable, "-m", "rbaclens", "explore", "-q", "--no-open", "-o", str(file), "-f", policy]
    subprocess.run(command, cwd=where, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return file.as_uri()


def take(small: str, large: str) -> None:
    """All pictures."""
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for shot in SHOTS:
            page = browser.new_page(viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.theme)
            page.goto((large if shot.large else small) + shot.address)
            page.wait_for_selector("html[data-ready]", state="attached")
            page.wait_for_function("() => !document.querySelector('.heat-section') || document.querySelector('canvas.heat')?.width > 300")
            page.wait_for_function("() => !document.querySelector('.graph') || document.querySelector('.graph').cytoscape")
            if shot.typed:
                page.locator("#search").press_sequentially(shot.typed)
                page.keyboard.press("ArrowDown")
            # Cytoscape draws in the next frames.
            page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            file = IMAGES / f"explorer-{shot.name}.png"
            page.screenshot(path=file, animations="disabled")
            page.close()
            reduce(file)
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size} bytes")
            assert file.stat().st_size <= MOST_BYTES, file
        browser.close()


def reduce(file: Path) -> None:
    """A palette of 256 colours, where something can make one: a quarter of the size."""
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--output", str(file), str(file)], check=True)
        return
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(file) as image:
        image.convert("RGB").quantize(256).save(file, optimize=True)


def main() -> None:
    """Write the pages, take the pictures."""
    parser = argparse.ArgumentParser(prog="python docs/screenshots.py", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder of a large cluster (objects.json)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = arguments.data
        if data is None:
            sys.path.insert(0, str(ROOT))
            from benchmarks.cluster import Cluster

            data = Path(folder) / "500"
            Cluster(500).write(data)
        pages = Path(folder)
        take(write_page(pages / "small.html", ROOT, "policies"), write_page(pages / "large.html", data, "objects.json"))


if __name__ == "__main__":
    main()
