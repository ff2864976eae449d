"""Where each tool keeps its logs by default.

Owns the places and the environment variables that move them. What stands in another place is recognised by what it
holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from faregate.readers.folders import Unreadable, files_below, no_matter
from faregate.readers.log_file import CLAUDE_CODE, CODEX, GEMINI, OPENCODE, QWEN, LogFile

_Place = tuple[Path, Callable[[Path], bool]]
"""A folder, and which files in it are logs."""


def discover(home: Path, environ: Mapping[str, str], unreadable: Unreadable = no_matter) -> list[LogFile]:
    """The logs in the tools' usual places, by tool and path. ``unreadable`` hears of folders that stay shut."""
    found: list[LogFile] = []
    seen: set[tuple[int, int]] = set()
    for tool, kept in _places(home, environ).items():
        for folder, wanted in kept:
            if folder.exists():
                logs = files_below(folder, unreadable, seen)
                found.extend(LogFile(tool, path, size) for path, size in logs if wanted(path))
    return found


def places(home: Path, environ: Mapping[str, str]) -> list[Path]:
    """The folders that are looked in, whether they exist or not."""
    return [folder for found in _places(home, environ).values() for folder, _ in found]


def _places(home: Path, environ: Mapping[str, str]) -> dict[str, list[_Place]]:
    return {
        CLAUDE_CODE: [(folder / "projects", _is_jsonl) for folder in _claude_folders(home, environ)],
        CODEX: [
            (folder / name, _is_jsonl)
            for folder in _listed(environ.get("CODEX_HOME"), home) or [home / ".codex"]
            for name in ("sessions", "archived_sessions")
        ],
        OPENCODE: list(_opencode(home, environ)),
        GEMINI: [(_moved(environ.get("GEMINI_CLI_HOME"), home) / ".gemini" / "tmp", is_chat)],
        QWEN: [
            (folder / name, is_chat)
            for folder in _listed(environ.get("QWEN_HOME"), home) or [home / ".qwen"]
            for name in ("projects", "tmp")
        ],
    }


def _claude_folders(home: Path, environ: Mapping[str, str]) -> list[Path]:
    named = _listed(environ.get("CLAUDE_CONFIG_DIR"), home)
    if named:
        return [folder.parent if folder.name == "projects" else folder for folder in named]
    return [_config(home, environ) / "claude", home / ".claude"]


def _config(home: Path, environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config")


def _opencode(home: Path, environ: Mapping[str, str]) -> Iterator[_Place]:
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    for folder in _listed(environ.get("OPENCODE_DATA_DIR"), home) or [data / "opencode"]:
        yield folder, is_opencode


def _listed(text: str | None, home: Path) -> list[Path]:
    """Folders parted by commas; ~ is the home."""
    return [_moved(part.strip(), home) for part in (text or "").split(",") if part.strip()]


def _moved(text: str | None, home: Path) -> Path:
    if not text:
        return home
    return home / text[2:] if text.startswith("~/") else Path(text)


def _is_jsonl(path: Path) -> bool:
    return path.suffix == ".jsonl"


def is_chat(path: Path) -> bool:
    """A chat of Gemini CLI or Qwen Code lies in a folder `chats`."""
    return path.suffix in (".json", ".jsonl") and "chats" in path.parts[-4:-1]


def is_opencode(path: Path) -> bool:
    """OpenCode's database, or a message of its older store."""
    if path.suffix == ".db":
        return path.name == "opencode.db" or path.name.startswith("opencode-")
    return path.suffix == ".json" and path.parent.parent.name == "message" and path.parent.name.startswith("ses_")
