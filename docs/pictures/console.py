"""Takes the picture of the console that the READMEs show: the real demo, some calls, and a headless Chromium.

Owns what is done before the picture and its size. `make pages` runs it; Chromium is looked for as the tests do.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.console.browser import NoBrowser, chromium  # noqa: E402
from tests.console.visitor import Visitor  # noqa: E402

FAREGATE = str(Path(sys.executable).with_name("faregate"))
PICTURE = HERE / "console.png"
WIDTH, HEIGHT = 1180, 760
CALLS = (
    ("claude-sonnet-4", "Why does this test fail? [[demo usage(input=1800000,output=90000)]]"),
    ("gpt-5", "Write the migration. [[demo usage(input=900000,output=210000)]]"),
    ("claude-sonnet-4", "And now the docs. [[demo usage(input=2600000,output=60000)]]"),
)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/books.db"
        demo = subprocess.Popen([FAREGATE, "demo", "--db", database, "--json"], stdout=subprocess.PIPE, text=True)
        try:
            told = _told(demo)
            account = told["first_call"]["explanation"]["account"]
            for model, text in CALLS:
                _call(told["base_url"], told["key"], model, text)
            add = ("user", "add", "kim@example.com", "--account", account, "--db", database)
            said = subprocess.run([FAREGATE, *add], capture_output=True, text=True, check=True).stdout
            link = next(word for word in said.split() if "/console/" in word)
            with chromium() as browser:
                visitor = Visitor(browser, told["base_url"], "en", "light", WIDTH)
                visitor.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
                visitor.come_in(link)
                visitor.go("/overview")
                visitor.page.screenshot(path=PICTURE)
                visitor.close()
        except NoBrowser as absent:
            sys.stderr.write(f"NOT TAKEN: the picture of the console: {absent}\n")
            return 0
        finally:
            demo.terminate()
            demo.wait(30)
    print(f"{PICTURE.name}: {PICTURE.stat().st_size:,} bytes")
    return 0


def _told(demo: subprocess.Popen[str]) -> dict[str, Any]:
    """What the demo prints once it serves; it goes on serving."""
    assert demo.stdout is not None
    said = ""
    for line in demo.stdout:
        said += line
        if line == "}\n":
            break
    told: dict[str, Any] = json.loads(said)
    return told


def _call(url: str, key: str, model: str, text: str) -> None:
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": text}]}).encode()
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/v1/chat/completions", body, headers)) as answer:
        answer.read()


if __name__ == "__main__":
    sys.exit(main())
