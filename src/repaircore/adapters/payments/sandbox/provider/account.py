"""The shop's account at the sandbox."""

from attrs import field, frozen


@frozen(kw_only=True)
class Account:
    """Who may call, and where news goes. `public_url` is where browsers reach the application; empty means where the request came."""

    api_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)  # webhooks are signed with each of them
    webhook_url: str = ""  # empty: no webhooks
    public_url: str = ""
