"""LiteLLM's proxy: a master key, no database, one worker.

Owns its installation from PyPI into a venv of its own in the cache, and its configuration.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path

from bench.harness.contestant import Contestant, Site, Subject, UnavailableError, listening, output
from bench.harness.instruments import CACHE
from bench.harness.processes import free_port

VERSION = "1.106.2"  # the newest whose own requirements could be met when the pin was set
MODELS = ("mock-fast", "mock-paced20", "mock-paced100")


def _litellm_home() -> Path:
    return CACHE / f"litellm-{VERSION}"


def find_litellm() -> str:
    """A venv of its own in the cache, never the project's."""
    home = _litellm_home()
    if not (home / "bin" / "litellm").exists():
        output([sys.executable, "-m", "venv", "--clear", str(home)])
        pip = [str(home / "bin" / "python"), "-m", "pip", "-q", "install"]
        try:
            output([*pip, "--only-binary", "litellm", f"litellm[proxy]=={VERSION}"])
        except UnavailableError as failure:
            raise UnavailableError(f"PyPI's litellm[proxy]=={VERSION}: {failure}") from failure
    probe = "import importlib.metadata as m; print(m.version('litellm'), 'uvicorn', m.version('uvicorn'))"
    return output([str(home / "bin" / "python"), "-c", probe]).strip()


def start_litellm(site: Site) -> Subject:
    port = free_port()
    key = f"sk-{secrets.token_hex(32)}"  # a weak one is refused
    configuration = {
        "model_list": [
            {
                "model_name": model,
                "litellm_params": {
                    "model": f"openai/{model}",
                    "api_base": f"{site.upstream}/v1",
                    "api_key": "upstream-key",
                },
            }
            for model in MODELS
        ],
        "general_settings": {"master_key": key},
        "litellm_settings": {"telemetry": False},
    }
    path = site.directory / "litellm.yaml"
    path.write_text(json.dumps(configuration))  # JSON is YAML
    command = [str(_litellm_home() / "bin" / "litellm"), "--config", str(path)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    environ = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # no look-up outside this machine
        "LITELLM_LOG": "ERROR",
        "LITELLM_TELEMETRY": "False",
        "DO_NOT_TRACK": "1",
        "PYTHONPATH": "",
    }
    return listening(
        site,
        "litellm",
        command,
        port,
        headers=(f"Authorization: Bearer {key}",),
        environ=environ,
        seconds=180,
    )


LITELLM = Contestant("litellm", "LiteLLM proxy", find_litellm, start_litellm, slow=True)
