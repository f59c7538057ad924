"""The moment when the writes move, there or back: one procedure, with the sides as its only difference."""
