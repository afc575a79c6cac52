"""The packaged letters, filled in with real bookings."""

import re
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from repaircore.adapters.notifications import templates
from repaircore.adapters.notifications.mime import compose
from repaircore.application.notifications.context import context
from repaircore.domain.booking.contact import Contact
from repaircore.domain.booking.lifecycle import Status
from repaircore.domain.errors import InvalidValue
from repaircore.domain.ledger.ledger import statement
from repaircore.ports.notifications import Message, Rendered
from tests.public_strings import needs_public_list, public_strings
from tests.unit.notifications.jobs import BENCH, TRACKING_URL, VAN, bench_job, told, van_job
from tests.unit.notifications.letters import NOON, SENDER, read
from tests.unit.notifications.naughty import OURS
from tests.unit.notifications.page import Page

GOLDEN = Path(__file__).parent / "golden"
LETTERS = templates.build()
NAMES = ("booking_confirmation", "deposit_receipt", "status_update", "completion")
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100).filter(str.strip)


def cases() -> list[tuple[str, dict[str, Any]]]:
    """Every letter in every state a booking can be in, and each of the ways that money can stand."""
    jobs = [told(bench_job(status=status), paid=6200, reason="The part is late") for status in Status]
    jobs += [told(van_job(), VAN), told(van_job(), VAN, paid=24035), told(bench_job(slot_start=None), paid=30000)]
    return [(name, dict(job)) for name in NAMES for job in jobs]


@pytest.mark.parametrize(("name", "facts"), cases())
def test_every_letter_is_sound_html(name: str, facts: dict[str, Any]) -> None:
    """It has a title and a language, closes its tags, describes its images, links to the shop alone and leaves nothing unfilled."""
    rendered = LETTERS.render(name, facts)
    page = Page(rendered.html)

    assert page.problems == []
    assert page.title == rendered.subject
    assert [html["lang"] for html in page.all("html")] == ["en"]
    assert all(image.get("alt") for image in page.all("img"))
    assert {link["href"] for link in page.all("a")} == {TRACKING_URL}
    assert page.all("script") == page.all("form") == page.all("link") == []
    assert not re.search(r"https?://(?!www\.w3\.org/|repairs\.example\.com/)", rendered.html)
    assert "{{" not in rendered.html + rendered.text
    assert "{%" not in rendered.html + rendered.text
    assert "mj-" not in page.text


@pytest.mark.parametrize(("name", "facts"), cases())
def test_both_parts_say_the_same(name: str, facts: dict[str, Any]) -> None:
    """Who reads the text misses nothing that matters."""
    rendered = LETTERS.render(name, facts)
    seen = " ".join(Page(rendered.html).text.split())

    for part in (rendered.text, seen):
        assert facts["customer_name"] in part
        assert facts["device_name"] in part
        assert facts["reference"] in part
        assert facts["business_name"] in part
        assert facts["total"] in part or facts["is_off"]
    for amount in re.findall(r"[£$][\d,.]*\d", rendered.text):
        assert amount in seen


@pytest.mark.parametrize(("name", "facts"), cases())
def test_text_is_laid_out(name: str, facts: dict[str, Any]) -> None:
    """No trailing spaces, no gaps of several lines, one line end at the close."""
    text = LETTERS.render(name, facts).text

    assert "\n\n\n" not in text
    assert not re.search(r"[ \t]\n", text)
    assert text.endswith("booking with us.\n")


@pytest.mark.parametrize("name", NAMES)
def test_golden_texts(name: str) -> None:
    """The whole text, word for word."""
    statuses = {"status_update": Status.WAITING_PARTS, "completion": Status.COMPLETED}
    job = bench_job(status=statuses.get(name, Status.PENDING))
    paid = {"booking_confirmation": 0, "completion": 24800}.get(name, 6200)

    rendered = LETTERS.render(name, told(job, paid=paid, reason="The screen comes on Thursday."))

    golden = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert f"Subject: {rendered.subject}\n\n{rendered.text}" == golden


def naughty_letter(name: str, text: str) -> tuple[Rendered, dict[str, Any]]:
    """Put the text wherever a customer's or a shop's own words go."""
    job = bench_job(customer=Contact(name=text[:200], email="zoe@example.com", phone="+442079460123"))
    facts = {**told(job, reason=text), "issue_description": text, "device_name": text}
    facts["lines"] = [{"description": text, "quantity": "1", "amount": "£1.00"}]
    return LETTERS.render(name, facts), facts


def shown_exactly(name: str, text: str) -> None:
    """Hold a letter to showing the text in both parts as it was written, and to taking none of it for markup."""
    rendered, facts = naughty_letter(name, text)
    calm, _ = naughty_letter(name, "calm")
    page = Page(rendered.html)

    assert f"Hello {facts['customer_name']},\n" in rendered.text
    assert f"Hello {facts['customer_name']}," in page.text
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in Page(calm.html).tags]
    assert page.problems == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", [text for text in OURS if text.strip()])
def test_awkward_names_are_shown_exactly(name: str, text: str) -> None:
    """Markup, template code and exotic letters are a customer's name, and nothing else."""
    shown_exactly(name, text)


@settings(max_examples=50)
@given(st.sampled_from(NAMES), texts)
def test_any_name_is_shown_exactly(name: str, text: str) -> None:
    """So is any other text."""
    shown_exactly(name, text)


@needs_public_list
def test_naughty_strings_are_shown_exactly() -> None:
    """So is every string of the list."""
    for text in filter(str.strip, public_strings()):
        shown_exactly("status_update", text)


def test_an_unescaped_letter_is_caught(tmp_path: Path) -> None:
    """The law can fail: a text template served as HTML shows a customer's markup as markup."""
    unescaped = LETTERS.render("completion", {**told(bench_job()), "device_name": "<b>phone</b>"}).text

    assert Page(unescaped).all("b") == [{}]


def test_naughty_subject_stays_one_line() -> None:
    """A device called `x\\r\\nBcc: …` ends up in one header, over the wire as well."""
    facts = {**told(bench_job()), "device_name": "phone\r\nBcc: everybody@example.com"}
    rendered = LETTERS.render("completion", facts)

    message = Message(key="k", to="a@example.com", subject=rendered.subject, text=rendered.text, html=rendered.html)

    assert "\n" not in rendered.subject
    assert "Bcc" not in read(compose(message, SENDER, NOON).content)


def test_context_of_a_real_job() -> None:
    """Amounts, tax, time and state in words, from the booking and its ledger."""
    facts = told(van_job(), VAN, paid=1500)

    assert facts["lines"] == [{"description": "Original screen, Galaxy S22", "quantity": "1", "amount": "$220.00"}]
    assert facts["taxes"] == [{"name": "Sales tax", "rate": "9.25%", "included": False, "amount": "$20.35"}]
    assert (facts["total"], facts["deposit"], facts["paid"], facts["due"]) == ("$240.35", "$15.00", "$15.00", "$225.35")
    assert facts["slot"] == "Friday 6 March 2026 at 11:00 (CST)"
    assert (facts["status"], facts["fulfilment"]) == ("with us, and we will confirm it soon", "We come to you")


def test_context_when_too_much_was_paid() -> None:
    """What the shop owes is said as such, never as a negative sum to pay."""
    facts = told(bench_job(), paid=30000)

    assert (facts["due"], facts["owed_to_customer"]) == ("", "£52.00")


def test_a_tracking_url_is_a_web_address() -> None:
    """Nothing else becomes a link."""
    job = bench_job()

    with pytest.raises(InvalidValue):
        context(job, BENCH, statement(job.id, [], "GBP"), "javascript:alert(1)")


def test_a_quiet_shop() -> None:
    """A shop without phone, e-mail or address leaves no empty lines where they would be."""
    text = LETTERS.render("completion", told(bench_job(), evolve(BENCH, phone="", email="", address=""))).text

    assert "Call us" not in text
    assert text.endswith(
        "Your reference is 7ZK4-M2QX-8.\n\nAda's Repairs\n\nYou get this message because of your booking with us.\n"
    )
