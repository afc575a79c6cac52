"""The pay page's HTML. It works without JavaScript and says on every page that no money moves."""

from html import escape
from urllib.parse import urlsplit

from repaircore.adapters.payments.sandbox.provider.cards import CARDS
from repaircore.adapters.payments.sandbox.provider.faults import PAY_FAULTS
from repaircore.adapters.payments.sandbox.provider.sessions import Session, Status
from repaircore.domain.money import Money

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_STYLE = """
body{font:1.05rem/1.5 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#f6f6f4}
header{background:#7a1f00;color:#fff;padding:.6rem 1rem;font-weight:700;text-align:center}
main{max-width:34rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.4rem}.amount{font-size:1.8rem;font-weight:700}
label,legend{font-weight:600}input[type=text]{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.6rem;margin:.3rem 0 1rem}
button{font:inherit;font-weight:600;padding:.7rem 1.4rem;background:#123c69;color:#fff;border:0;border-radius:.3rem;margin:0 .5rem .5rem 0}
:focus-visible{outline:3px solid #d97706;outline-offset:2px}.problem{border-left:.4rem solid #b00020;background:#fff;padding:.6rem 1rem}
table{border-collapse:collapse}td,th{text-align:left;padding:.2rem 1rem .2rem 0}fieldset{margin:0 0 1rem;border:1px solid #999}
"""

_TITLES = {
    Status.PAID: "Paid",
    Status.AUTHORIZED: "Reserved",
    Status.DECLINED: "Declined",
    Status.VOIDED: "Cancelled",
}
_WORDS = {
    Status.PAID: "This checkout is paid. There is nothing left to do here.",
    Status.AUTHORIZED: "The amount is reserved. There is nothing left to do here.",
    Status.DECLINED: "The payment was declined and this checkout is closed.",
    Status.VOIDED: "This checkout was cancelled.",
}
_NEVER_LINKED = frozenset({"", "javascript", "data", "vbscript", "blob", "file", "about"})


def may_redirect(return_url: str) -> bool:
    """Whether a browser may be sent there without asking."""
    return _scheme(return_url) in ("http", "https")


def checkout(session: Session, *, problem: str = "") -> str:
    """The form: a card, or the second step of a 3-D Secure card."""
    step = _challenge() if session.status is Status.CHALLENGE else _card(bool(problem))
    amount = escape(str(Money(session.amount, session.currency)))
    body = f'<p>{escape(session.description)}</p><p class="amount">{amount}</p>{_alert(problem)}{step}'
    return _document("Pay", body)


def result(session: Session) -> str:
    """What became of it, and the way back."""
    return _document(
        _TITLES.get(session.status, "Payment"), f"<p>{_WORDS.get(session.status, '')}</p>{_back(session.return_url)}"
    )


def problem(message: str) -> str:
    """Nothing can be done here, and why."""
    return _document("This did not work", _alert(message))


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme.lower()
    except ValueError:
        return ""


def _back(return_url: str) -> str:
    if not return_url:
        return ""
    if _scheme(return_url) in _NEVER_LINKED:
        return f"<p>The shop gave no address that can be opened: <code>{escape(return_url)}</code></p>"
    return f'<p><a href="{escape(return_url)}" rel="noreferrer">Back to the shop</a></p>'


def _alert(message: str) -> str:
    return f'<p class="problem" role="alert" id="problem">{escape(message)}</p>' if message else ""


def _card(invalid: bool) -> str:
    rows = "".join(f"<tr><td><code>{number}</code></td><td>{words}</td></tr>" for number, (_, words) in CARDS.items())
    faults = "".join(
        f'<div><label><input type="checkbox" name="faults" value="{word}"> <code>{word}</code></label></div>'
        for word in PAY_FAULTS
    )
    marks = ' aria-invalid="true" aria-describedby="problem cards"' if invalid else ' aria-describedby="cards"'
    return f"""<form method="post">
<label for="card">Test card number</label>
<input type="text" id="card" name="card" inputmode="numeric" autocomplete="off" required maxlength="23"{marks}>
<details><summary>Misbehave on purpose</summary><fieldset><legend>Faults</legend>{faults}</fieldset></details>
<p><button type="submit">Pay (nothing is charged)</button></p>
</form>
<h2 id="cards-title">Test cards</h2>
<table id="cards" aria-labelledby="cards-title"><tr><th scope="col">Number</th><th scope="col">What it does</th></tr>{rows}</table>
<p>Never enter a real card number here.</p>"""


def _challenge() -> str:
    return """<h2>Step 2 of 2: confirm with your bank</h2>
<p>A real bank would ask you here to confirm the payment (3-D Secure). Choose what it should find.</p>
<form method="post">
<button type="submit" name="challenge" value="pass">Confirm the payment</button>
<button type="submit" name="challenge" value="fail">Fail the check</button>
</form>"""


def _document(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} – SANDBOX</title><style>{_STYLE}</style></head>
<body><header>SANDBOX — no money moves</header><main><h1>{escape(title)}</h1>{body}</main></body></html>
"""
