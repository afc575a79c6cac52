"""Where a server listens."""

from socket import AF_INET, AF_INET6, create_server, socket

BACKLOG = 1024


def bound(host: str, port: int) -> socket:
    """Take an address before anything else is made, so that its port (0: any that is free) is known. Raises OSError."""
    family = AF_INET6 if ":" in host else AF_INET
    listener = create_server((host, port), family=family, backlog=BACKLOG)
    listener.setblocking(False)
    return listener


def address(listener: socket) -> str:
    """Answer where the listener is reached, as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
