"""Writing, publishing and reading posts."""
