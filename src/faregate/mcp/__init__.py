"""Tools over MCP behind the gate's keys: web search, web reading, vision, and servers of others, all metered.

Owns the protocol's door, the tools and their back ends; money only through the ledger. Knows neither the gate's
routes nor the insides of upstreams: those it asks by ports.
"""
