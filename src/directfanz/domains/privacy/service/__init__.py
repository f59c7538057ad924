"""Exports, and leaving."""
