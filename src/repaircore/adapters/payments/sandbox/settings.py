"""What a business's configuration says about the sandbox."""

from urllib.parse import urlsplit

from attrs import Attribute, field, frozen


def _is_http(_: object, attribute: "Attribute[str]", value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{attribute.name} must be an http or https address, such as http://127.0.0.1:8090")


def _is_set(_: object, attribute: "Attribute[str]", value: str) -> None:
    if not value:
        raise ValueError(f"{attribute.name} must not be empty")


def _are_set(_: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    if not value or not all(value):
        raise ValueError(f"{attribute.name} must hold at least one secret, and no empty one")


def _is_positive(_: object, attribute: "Attribute[float]", value: float) -> None:
    if not value > 0:
        raise ValueError(f"{attribute.name} must be more than zero seconds")


@frozen(kw_only=True)
class SandboxSettings:
    """Where the sandbox is and how to speak to it. Several webhook secrets are accepted while one is being rotated out."""

    base_url: str = field(validator=_is_http)
    api_key: str = field(validator=_is_set, repr=False)
    webhook_secrets: tuple[str, ...] = field(validator=_are_set, repr=False)
    timeout: float = field(default=10.0, validator=_is_positive)  # seconds, for one call as a whole
