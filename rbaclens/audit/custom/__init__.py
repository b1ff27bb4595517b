"""Rules that a project writes itself: in YAML with CEL, or in Python by entry point (docs/custom-rules.md)."""
