"""The local store: one SQLite file that every process of this machine writes and `directfanz telemetry` reads."""
