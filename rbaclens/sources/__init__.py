"""The ways in: bytes to ``PolicySet``."""

from rbaclens.sources.abac import read_abac
from rbaclens.sources.assembling import assemble
from rbaclens.sources.builders import Objects
from rbaclens.sources.loading import load
from rbaclens.sources.reading import read_manifests

__all__ = ["Objects", "assemble", "load", "read_abac", "read_manifests"]
