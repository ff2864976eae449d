"""The application: accounts in memory, keys, the ports outwards. It knows no web framework and no engine."""
