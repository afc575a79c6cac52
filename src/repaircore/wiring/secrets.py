"""The secret that signs capability tokens, and others derived from it for each use."""

import hmac
import os
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from repaircore.domain.operations.business import Environment
from repaircore.wiring.settings import Settings

_FILE = "var/secret.key"


def root_secrets(settings: Settings, data_dir: Path) -> tuple[bytes, ...]:
    """Answer the secrets in force, the signing one first. In development one is made and kept beside the data."""
    given, previous = "".join(settings.secret_key), "".join(settings.previous_secret_key)
    if not given and settings.environment is not Environment.PRODUCTION:
        given = _kept(data_dir / _FILE)
    return tuple(secret.encode() for secret in (given, previous) if secret)


def derive(root: bytes, use: str) -> str:
    """Derive a secret for one use, so that no two uses share one."""
    return hmac.digest(root, f"derive.{use}".encode(), sha256).hex()


def _kept(path: Path) -> str:
    """Read the file, or make it; of several programs that start at once one makes it, and none reads half of it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            with suppress(FileExistsError):
                os.link(made, path)
        finally:
            made.unlink()
    return path.read_text(encoding="ascii").strip()
