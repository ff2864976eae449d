"""Who somebody is by other ways than a password. It knows no account and keeps nothing."""
