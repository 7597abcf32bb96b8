"""Scratch databases: made beside a live one, filled, led to instead of it, dropped."""
