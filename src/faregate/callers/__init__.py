"""Who calls, and what kind of call it is.

Owns the recognition of clients and the classification of requests into prompts and the rest. Knows
no dialect (it sees facts through protocols), no plan and no key. Its findings are evidence, never
proof. Each part is taken from its own module: whoever reads logs needs the texts of clients alone.
"""
