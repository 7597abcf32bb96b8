"""Reads raw SQL as operations, by parsing it; what cannot be understood says so."""

from workbench.hazards.reading.statements import read

__all__ = ["read"]
