"""Pages for people: a few files of our own, under a policy that lets them run nothing else and talk to nobody but this server."""

from functools import cache
from pathlib import Path

from aiohttp import web

from repaircore.domain.errors import NotFound

_FOLDER = Path(__file__).parent / "page"
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_NAMES = tuple(sorted(path.name for path in _FOLDER.iterdir() if path.suffix in _KINDS))

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def page(name: str) -> web.Response:
    """Serve a page or a part of one. Raises NotFound."""
    if name not in _NAMES:
        raise NotFound("page", name, _NAMES)
    headers = {
        "Content-Type": f"{_KINDS[Path(name).suffix]}; charset=utf-8",
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
        "Vary": "Accept",
    }
    return web.Response(body=_content(name), headers=headers)


def is_asked_for(accept: str | None) -> bool:
    """Whether a browser asks, which wants a page rather than data."""
    return accept is not None and "text/html" in accept


@cache
def _content(name: str) -> bytes:
    return (_FOLDER / name).read_bytes()
