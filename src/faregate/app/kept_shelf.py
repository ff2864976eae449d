"""The shipped plans and prices as they were compiled last, kept in a file between commands.

Owns what that file holds and stands for. To read, check and compile forty files of plans and prices takes 0.4 s of
CPU, to read the kept file 0.02. It stands for the very files and the very code that it was made of; where anything
differs, the file is damaged or somebody else could have written it, everything is compiled anew. Files of the user's
own are never kept.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import platform
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from faregate import __version__
from faregate.app.kept_file import HOME, code_of, files_in, read_kept, write_kept
from faregate.planfile import Family, Written
from faregate.ratecards import PriceBook

if TYPE_CHECKING:
    from faregate.planfile.document import FamilyDocument

NAME = "shipped-plans"
_DATA = ("plans", "prices")
_CODE = ("core", "planfile", "ratecards")
"""What compiled plans and prices are made of, and by."""


class Shipped(NamedTuple):
    """The families and prices of this package."""

    families: tuple[Family, ...]
    prices: PriceBook


def kept_shipped(folder: Path) -> Shipped:
    """The shipped plans and prices, out of the file in ``folder`` where it still stands; else compiled, and kept for
    the next time. That nothing can be kept is no failure."""
    file = folder / NAME
    try:
        stands_for = _stands_for()
        known = _read(file, stands_for)
    except OSError:
        return compiled_shipped()
    if known is not None:
        return known
    made = compiled_shipped()
    with suppress(OSError):
        _write(file, stands_for, made)
    return made


def compiled_shipped() -> Shipped:
    """The shipped plans and prices, compiled now."""
    from faregate.planfile import shipped_families
    from faregate.ratecards import load_shipped

    return Shipped(shipped_families(), load_shipped())


def _stands_for() -> bytes:
    """A digest of every shipped file, and of the code."""
    found = hashlib.sha256(f"{__version__} {platform.python_version()}".encode())
    for path in files_in(HOME, _DATA, ".yaml"):
        content = path.read_bytes()
        found.update(f"\n{path.name} {len(content)} ".encode() + content)
    found.update(f"\n{code_of(HOME, _CODE)}".encode())
    return found.digest()


def _read(file: Path, stands_for: bytes) -> Shipped | None:
    """What is kept; None where it is not what is wanted. Raises OSError but where there is no file."""
    content = read_kept(file, stands_for)
    if content is None:
        return None
    try:
        families, prices = _OwnValues(io.BytesIO(content)).load()
    except (pickle.UnpicklingError, ValueError, TypeError, AttributeError, KeyError, IndexError, EOFError):
        return None
    return Shipped(families, prices)


class _Keeper(pickle.Pickler):
    """Leaves out the documents: whoever asks for one has it read from its file."""

    def persistent_id(self, obj: Any, /) -> str | None:
        return obj.file if isinstance(obj, Written) else None


class _OwnValues(pickle.Unpickler):
    """Reads values of the plan language, prices and terms; whatever else a file asks for is refused, not made."""

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) != ("fractions", "Fraction") and module.split(".")[:2] not in (
            ["faregate", part] for part in _CODE
        ):
            raise pickle.UnpicklingError(f"{module}.{name} is no value of plans or prices")
        found = getattr(import_module(module), name)
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name} is no type")
        return found

    def persistent_load(self, pid: Any, /) -> Written:
        return Written(pid, partial(_document, pid))


def _document(file: str) -> FamilyDocument:
    from faregate.planfile import shipped_families

    return next(family.document for family in shipped_families() if family.file == file)


def _write(file: Path, stands_for: bytes, made: Shipped) -> None:
    compiled = io.BytesIO()
    _Keeper(compiled, pickle.HIGHEST_PROTOCOL).dump(tuple(made))
    write_kept(file, stands_for, compiled.getvalue())
