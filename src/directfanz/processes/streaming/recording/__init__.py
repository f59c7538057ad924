"""The segments again, as a file that grows and becomes a film."""
