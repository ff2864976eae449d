"""What every test shares: how Hypothesis searches. Owns no fixture of any one part."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples on each run, so that a failure is one to reproduce and a pass is one to trust;
# no deadline, because machines differ. HYPOTHESIS_PROFILE=explore searches anew, ten times as long.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
