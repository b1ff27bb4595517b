"""What is known of the terminal, if there is one."""

from __future__ import annotations

import shutil
import sys


def terminal_width() -> int | None:
    """The columns of the terminal that stdout goes to; ``None`` when it goes to a file or another program."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
