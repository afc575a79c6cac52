"""The message on the wire."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from repaircore.adapters.notifications.mime import Sender, compose, digest, wire_address, words
from repaircore.domain.errors import InvalidValue
from repaircore.domain.notifications.wording import one_line
from repaircore.ports.errors import Rejected
from repaircore.ports.notifications import Message
from tests.public_strings import needs_public_list, public_strings
from tests.unit.notifications.letters import LETTER, NOON, SENDER, letter, lines, part, read
from tests.unit.notifications.naughty import OURS

HEADERS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
messages = st.builds(Message, key=texts, to=st.just("a@example.com"), subject=texts, text=texts, html=texts)


def survives(message: Message) -> None:
    """Hold a message to what compose promises: exact contents, exactly our headers, short ASCII lines."""
    content = compose(message, SENDER, NOON).content
    parsed = read(content)

    assert str(parsed["Subject"]) == one_line(message.subject)
    assert part(parsed, "plain") == lines(message.text)
    assert part(parsed, "html") == lines(message.html)
    assert sorted(parsed.keys()) == sorted(HEADERS)
    assert not parsed.defects
    assert content.isascii()
    assert all(len(line) <= 76 for line in content.decode().split("\r\n"))


@given(messages)
def test_any_message_survives(message: Message) -> None:
    """Whatever is written arrives as written, and adds no header."""
    survives(message)


@pytest.mark.parametrize("text", OURS)
def test_awkward_texts_survive(text: str) -> None:
    """Leading dots, long lines, emoji, encoded-word look-alikes and smuggled headers are only text."""
    survives(letter(subject=text, text=text, html=text))


@needs_public_list
def test_naughty_strings_survive() -> None:
    """Every string of the list arrives exactly, as the subject and in both parts."""
    for text in public_strings():
        survives(letter(subject=text, text=text, html=text))


def test_what_it_says_of_itself() -> None:
    """The date is the clock's, the identity is the key's, and no machine should answer it."""
    parsed = read(compose(LETTER, SENDER, NOON).content)

    assert parsed["From"] == "Ada's Repairs <hello@shop.example.com>"
    assert parsed["Reply-To"] == "desk@shop.example.com"
    assert parsed["Date"] == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert parsed["Message-ID"] == f"<{digest(LETTER.key)}@shop.example.com>"
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert [each.get_content_type() for each in parsed.iter_parts()] == ["text/plain", "text/html"]


def test_a_key_tells_nothing() -> None:
    """What the key says (an id, perhaps a name) is nowhere in the message."""
    content = compose(letter(key="bk_1/zoe@example.com"), SENDER, NOON).content

    assert b"zoe" not in content


@given(texts.map(one_line))
def test_encoded_words_read_back(text: str) -> None:
    """A header value is read back exactly, and no line of it is longer than RFC 2047 allows."""
    value = words(text)

    assert str(read(f"Subject: {value}\r\n\r\n".encode())["Subject"]) == text
    assert all(len(line) <= 76 for line in f"Subject: {value}".split("\r\n"))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.com",
        "a@",
        "a b@example.com",
        "a@example.com, b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com\n",
        "<a@example.com>",
        "Bob <a@example.com>",
        "a@@example.com",
        "a@b@example.com",
        "a@-example.com",
        ".a@example.com",
        "a\x00@example.com",
        "a\x85@example.com",
        "a@example.com>",
        f"{'a' * 250}@example.com",
    ],
)
def test_no_address(address: str) -> None:
    """What is not exactly one address is rejected, and the error does not repeat it."""
    with pytest.raises(Rejected) as refusal:
        compose(letter(to=address), SENDER, NOON)

    assert not address.strip() or address not in str(refusal.value)


def test_lone_surrogates() -> None:
    """Half a character is not Unicode: such a message is rejected and not mangled."""
    for broken in ({"text": "\ud800"}, {"html": "\ud800"}, {"subject": "\ud800"}):
        with pytest.raises(Rejected, match="Unicode"):
            compose(letter(**broken), SENDER, NOON)


def test_international_addresses() -> None:
    """A domain goes out in ASCII by today's rules; a name beyond ASCII stays and says that it needs SMTPUTF8."""
    assert wire_address("ada@faß.example") == "ada@xn--fa-hia.example"
    envelope = compose(letter(to="zoë@bücher.example"), SENDER, NOON)

    assert envelope.recipient == "zoë@xn--bcher-kva.example"
    assert envelope.needs_smtputf8
    assert str(read(envelope.content)["To"]) == envelope.recipient


def test_long_and_foreign_names() -> None:
    """A sender's name may need encoded words; quotes in it are only quotes."""
    for name in ("Zoë's 修理店", 'The "Fixers"', "Back\\slash", "=?utf-8?q?no?=", "n" * 60):
        parsed = read(compose(LETTER, evolve(SENDER, name=name), NOON).content)

        assert parsed["From"].addresses[0].display_name == name
        assert parsed["From"].addresses[0].addr_spec == SENDER.address


@pytest.mark.parametrize(
    "fault",
    [{"address": "shop"}, {"address": "zoë@example.com"}, {"name": "A\r\nBcc: b@example.com"}, {"reply_to": "x"}],
)
def test_impossible_senders(fault: dict[str, str]) -> None:
    """A sender that would break headers is refused when the settings are read."""
    with pytest.raises(InvalidValue):
        Sender(**{"address": "shop@example.com", **fault})


def test_the_same_message_is_the_same_bytes() -> None:
    """Nothing random goes into a message."""
    assert compose(LETTER, SENDER, NOON) == compose(LETTER, SENDER, NOON)


def test_a_careless_composer_is_caught() -> None:
    """The law can fail: a subject written raw smuggles a header past a mail program."""
    smuggled = letter(subject="Hello\r\nBcc: everybody@example.com")
    careless = f"Subject: {smuggled.subject}\r\n\r\n".encode()

    assert "Bcc" in read(careless)
    assert "Bcc" not in read(compose(smuggled, SENDER, NOON).content)
