"""Measurements, as ratios to what the same Python needs to read the same bytes with ``json.loads``."""
