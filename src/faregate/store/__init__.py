"""Stores: engines that keep the books behind ``app.store_port``. They know how to write, never what it means."""
