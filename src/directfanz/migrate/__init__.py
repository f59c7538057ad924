"""Moves a live platform to its new home, and back again: any PostgreSQL database, S3 bucket and Valkey cache.

`plan`, `preflight`, `schema`, `copy`, `follow`, `verify`, `cutover`, `rollback`, `finish`: each verb stands alone, and what it
knows is kept in the target (`state/`), so that any machine goes on where another one died. docs/migration.md tells the story.
"""
