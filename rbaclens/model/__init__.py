"""Frozen data and nothing else: no input, no output, no decisions."""
