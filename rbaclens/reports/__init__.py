"""Answers as text, tables and data."""
