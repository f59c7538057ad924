"""The SQL of this domain."""
