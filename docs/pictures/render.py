"""Renders the terminal pictures of the documentation from the real output of real commands.

Owns which commands are pictured and how they look. Draws what a command printed, no line invented; only what differs
from run to run (secrets, ids, instants, ports) is put in one form, so that a picture changes when the product does.
Run `make pages` after a change of what a pictured command prints.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COLUMNS = 118
FAREGATE = Path(sys.executable).with_name("faregate")

PICTURES = {
    "demo.svg": ("faregate demo --once", [str(FAREGATE), "demo", "--once"]),
}
"""Picture file to what a reader would type and what is run for it."""

STEADY = (
    (re.compile(r"\bfg-[0-9a-z]{30,}"), "fg-7d2k…"),
    (re.compile(r"\bfga-[0-9a-z]{30,}"), "fga-m4x9…"),
    (re.compile(r"\breq_[0-9a-z]{14}_[0-9a-z]{8}\b"), "req_1k0x2n3enqhg6x_9sfq6443"),
    (re.compile(r"\bacc_[0-9a-z]{8}\b"), "acc_9sfq6443"),
    (re.compile(r"\bkey_[0-9a-z]{10}\b"), "key_54110asg74"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b"), "2026-11-23 09:30:00"),
    (re.compile(r"(?<=http://127\.0\.0\.1:)\d+"), "8080"),
)
"""What differs from run to run, and what is drawn for it. Secrets are cut short."""


def output_of(command: list[str]) -> str:
    """What a command prints on a terminal of COLUMNS columns, colours included, in steady form."""
    environment = {
        **os.environ,
        "FORCE_COLOR": "1",
        "COLUMNS": str(COLUMNS),
        "TERM": "xterm-256color",
        "FAREGATE_LANG": "en",
        "TZ": "UTC",
    }
    environment.pop("NO_COLOR", None)
    finished = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, timeout=120, check=True)
    text = finished.stdout.decode()
    for changing, steady in STEADY:
        text = changing.sub(steady, text)
    return text


def picture(typed: str, output: str, name: str) -> str:
    """An SVG of a terminal in which `typed` printed `output`. It loads nothing from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    console.print(Text.assemble(("$ ", "bold green"), (typed, "bold")))
    lines = Text.from_ansi(output.rstrip("\n")).split("\n")
    for line in lines:
        line.rstrip()
    console.print(Text("\n").join(lines), soft_wrap=True)
    svg = console.export_svg(title="Faregate", theme=MONOKAI, unique_id=Path(name).stem)
    without_web_fonts = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return without_web_fonts.replace("Fira Code,", "ui-monospace, Menlo, Consolas,").rstrip() + "\n"


def main() -> None:
    """Render every picture."""
    for name, (typed, command) in PICTURES.items():
        (HERE / name).write_text(picture(typed, output_of(command), name), encoding="utf-8")
        print(f"docs/pictures/{name}: {typed}")


if __name__ == "__main__":
    main()
