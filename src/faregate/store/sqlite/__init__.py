"""The embedded store: one SQLite file in WAL mode (docs/decisions/0010)."""
