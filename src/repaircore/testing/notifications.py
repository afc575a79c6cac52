"""What every mailer must do, judged by what arrives.

Subclass `MailerContract` (or `RemoteMailerContract`, when a server stands between) in your tests and give it a `harness` fixture, fresh
for each test: the mailer, and a far side that shows what arrived. `docs/ports/notifications.md` has the promises in prose.
"""

from collections.abc import Sequence
from typing import Protocol

import pytest
from attrs import evolve, frozen

from repaircore.domain.notifications.wording import one_line
from repaircore.ports.errors import OutcomeUnknown, Rejected, Unavailable
from repaircore.ports.notifications import Mailer, Message

MESSAGE = Message(
    key="booking.confirmed/bk_1",
    to="customer@example.com",
    subject="Your repair is confirmed",
    text="Hello,\n\nsee you on Friday.\n",
    html="<p>Hello,</p>\n<p>see you on Friday.</p>\n",
)

# Texts that a careless mailer loses, cuts, decodes twice or takes for its own orders.
AWKWARD = (
    "",
    " two  spaces, and one at the end ",
    "Zoë O'Brien-Łukasz 👩🏽‍🔧 修理店 \u202eright to left\u202c",
    "=?utf-8?q?already_encoded?= and =3D=20",
    ".",
    "first\n.\n..\n.leading dots\nlast",
    "From the start of a line\n>From",
    "long " * 400 + "x" * 5000,
    "trailing tab\t\nand spaces  \n",
    "{{ 7 * 7 }} {% raw %} ${x} %s <script>alert('1')</script> & \"quotes\"",
    "line\u2028separator\u0085next\x0bvertical\x1ffield",
    "Bob\r\nBcc: everybody@example.com\r\n\r\n<h1>hello</h1>",
)

NO_ADDRESSES = (
    "",
    "nobody",
    "a b@example.com",
    "a@example.com, b@example.com",
    "a@example.com\r\nBcc: b@example.com",
    "Bob <a@example.com>",
)


@frozen(kw_only=True)
class Arrived:
    """A message as the far side has it, decoded. `identity` is what makes two copies the same message to a mail program."""

    identity: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str


class MailerHarness(Protocol):
    """A mailer and its far side."""

    @property
    def mailer(self) -> Mailer:
        """The mailer under test."""
        ...

    async def arrived(self) -> Sequence[Arrived]:
        """Answer what the far side holds, oldest first."""
        ...

    async def break_down(self) -> None:
        """Put the far side out of reach."""
        ...

    async def recover(self) -> None:
        """Put the far side within reach again; what had arrived is still there."""
        ...


class RemoteMailerHarness(MailerHarness, Protocol):
    """A far side with a mind of its own."""

    async def refuse(self, recipient: str) -> None:
        """Say a lasting no to that recipient from now on."""
        ...

    async def defer(self, recipient: str) -> None:
        """Say a passing no to that recipient from now on."""
        ...

    async def lose_reply(self) -> None:
        """Take the next message and hang up without an answer."""
        ...


class MailerContract:
    """The promises of `ports.notifications.Mailer`."""

    async def test_what_is_sent_arrives(self, harness: MailerHarness) -> None:
        """The recipient gets the subject and both parts, once."""
        await harness.mailer.send(MESSAGE)

        (arrived,) = await harness.arrived()
        assert_same(arrived, MESSAGE)

    async def test_awkward_texts_arrive(self, harness: MailerHarness) -> None:
        """Emoji, long lines, leading dots and smuggled headers arrive as the text they are."""
        sent = [
            evolve(MESSAGE, key=f"awkward/{number}", subject=text, text=text, html=text)
            for number, text in enumerate(AWKWARD)
        ]

        for message in sent:
            await harness.mailer.send(message)

        for arrived, message in zip(await harness.arrived(), sent, strict=True):
            assert_same(arrived, message)

    async def test_same_key_twice(self, harness: MailerHarness) -> None:
        """A repeat arrives once where the mailer says that it can tell; elsewhere every copy is recognisably the same message."""
        await harness.mailer.send(MESSAGE)
        await harness.mailer.send(MESSAGE)

        arrived = await harness.arrived()
        assert len(arrived) == (1 if harness.mailer.deduplicates else 2)
        assert len({each.identity for each in arrived}) == 1

    async def test_other_keys(self, harness: MailerHarness) -> None:
        """Another key is another message, however alike they are."""
        await harness.mailer.send(MESSAGE)
        await harness.mailer.send(evolve(MESSAGE, key="booking.confirmed/bk_2"))

        assert len({each.identity for each in await harness.arrived()}) == 2

    async def test_no_address(self, harness: MailerHarness) -> None:
        """What is not one address is Rejected, nothing goes out, and the error does not repeat it."""
        for address in NO_ADDRESSES:
            with pytest.raises(Rejected) as refusal:
                await harness.mailer.send(evolve(MESSAGE, to=address))
            assert not address or address not in str(refusal.value)

        assert list(await harness.arrived()) == []

    async def test_far_side_out_of_reach(self, harness: MailerHarness) -> None:
        """Nothing was done, so it is Unavailable; the same message sent later arrives once."""
        await harness.break_down()
        with pytest.raises(Unavailable):
            await harness.mailer.send(MESSAGE)
        await harness.recover()

        await harness.mailer.send(MESSAGE)

        (arrived,) = await harness.arrived()
        assert_same(arrived, MESSAGE)

    async def test_closing(self, harness: MailerHarness) -> None:
        """Closing loses nothing that was accepted, and closing again does no harm."""
        await harness.mailer.send(MESSAGE)

        await harness.mailer.aclose()
        await harness.mailer.aclose()

        assert len(await harness.arrived()) == 1


class RemoteMailerContract(MailerContract):
    """What a mailer with a server behind it must do as well."""

    async def test_refused_recipient(self, harness: RemoteMailerHarness) -> None:
        """A lasting no is Rejected: there is no use in trying again."""
        await harness.refuse(MESSAGE.to)

        with pytest.raises(Rejected) as refusal:
            await harness.mailer.send(MESSAGE)

        assert MESSAGE.to not in str(refusal.value)
        assert list(await harness.arrived()) == []

    async def test_deferred_recipient(self, harness: RemoteMailerHarness) -> None:
        """A passing no is Unavailable: later may be better."""
        await harness.defer(MESSAGE.to)

        with pytest.raises(Unavailable) as refusal:
            await harness.mailer.send(MESSAGE)

        assert MESSAGE.to not in str(refusal.value)
        assert list(await harness.arrived()) == []

    async def test_lost_reply(self, harness: RemoteMailerHarness) -> None:
        """The message went over and no answer came: that is OutcomeUnknown, as it may well have arrived."""
        await harness.lose_reply()

        with pytest.raises(OutcomeUnknown):
            await harness.mailer.send(MESSAGE)

        assert len(await harness.arrived()) == 1

    async def test_after_a_lost_reply(self, harness: RemoteMailerHarness) -> None:
        """One lost answer does not spoil the next message."""
        await harness.lose_reply()
        with pytest.raises(OutcomeUnknown):
            await harness.mailer.send(MESSAGE)
        following = evolve(MESSAGE, key="booking.confirmed/bk_2")

        await harness.mailer.send(following)

        assert_same((await harness.arrived())[-1], following)


def assert_same(arrived: Arrived, message: Message) -> None:
    """Compare what came with what went: exact, but for the kind of line ends and one line end at the close."""
    assert arrived.recipients == (message.to,)
    assert arrived.subject == one_line(message.subject)
    assert lines(arrived.text) == lines(message.text)
    assert lines(arrived.html) == lines(message.html)


def lines(text: str) -> str:
    """Write every line end as one newline, and exactly one at the close."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
