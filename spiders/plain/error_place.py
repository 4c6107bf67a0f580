"""Where an error in a spider's own code is: file and line, for whoever corrects it."""

from __future__ import annotations

import traceback
from pathlib import Path

from storage.model.errors import HemerotecaError

_LIBRARIES = "site-packages"
_MACHINERY = ("<frozen ", "/importlib/", str(Path(__file__).parent))


def describe_error(error: BaseException) -> str:
    """Return place and reason in one line: of the last frame that is not a library's, else of the last one."""
    if isinstance(error, HemerotecaError):
        return _join(str(error))
    if isinstance(error, SyntaxError) and error.filename:
        return _join(f"{_shorten(error.filename)}:{error.lineno}: {type(error).__name__}: {error.msg}")
    frames = [one for one in traceback.extract_tb(error.__traceback__) if not _is_machinery(one.filename)]
    own = [one for one in frames if _LIBRARIES not in one.filename] or frames
    place = f"{_shorten(own[-1].filename)}:{own[-1].lineno}: " if own else ""
    return _join(f"{place}{type(error).__name__}: {error}")


def _is_machinery(path: str) -> bool:
    """Say whether it is what loads spiders and calls them."""
    return any(part in path for part in _MACHINERY)


def _shorten(path: str) -> str:
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _join(text: str) -> str:
    return " ".join(text.split())
