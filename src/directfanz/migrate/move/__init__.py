"""The schema, and the rows as they were at one moment."""
