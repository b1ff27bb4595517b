"""Data that ships: the bootstrap policy and the API resources, by Kubernetes version."""

from __future__ import annotations

from pathlib import Path


def bootstrap_bytes() -> bytes:
    """The objects that an API server 1.36 creates at its start (RBAC-47), as one JSON List with aggregated roles filled in."""
    return Path(__file__).with_name("bootstrap-policy.json").read_bytes()
