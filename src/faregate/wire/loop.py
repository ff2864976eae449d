"""The event loop the service runs on.

Owns the choice of loop (uvloop, else the standard one). Does not run anything.
"""

from __future__ import annotations

import asyncio


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A uvloop loop where uvloop is installed, else asyncio's own."""
    try:
        import uvloop
    except ImportError:  # no wheel for this platform: slower, otherwise the same
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
