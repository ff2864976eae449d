"""The demo upstream: an upstream of our own that speaks both dialects and misbehaves on request.

``DemoUpstream()`` is an ASGI application. It knows nothing of the gate, and the gate nothing of
it. What it answers is told in ``answer``, how it counts in ``prompt_blocks``, what it caches in
``prefix_cache``, and the fault words in ``faults``; docs/demo-upstream.md says it all for
people.
"""

from faregate.demo_upstream.app import DemoUpstream
from faregate.demo_upstream.delivery import Call
from faregate.demo_upstream.faults import Faults, FaultSyntaxError, parse_faults
from faregate.demo_upstream.serving import ServedUpstream, serve_demo_upstream

__all__ = [
    "Call",
    "DemoUpstream",
    "FaultSyntaxError",
    "Faults",
    "ServedUpstream",
    "parse_faults",
    "serve_demo_upstream",
]
