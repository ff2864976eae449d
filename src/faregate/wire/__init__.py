"""HTTP/1.1 itself: server protocol, client, ASGI bridge. It knows no dialect, no key and no plan."""
