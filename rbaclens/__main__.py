"""``python -m rbaclens``."""

from rbaclens.cli import main

main()
