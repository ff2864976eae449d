"""The console: its files, as they were built from ``console/``, served beside the API. It knows no account."""
