"""Templates that a shop wrote: what they may do, what they may not, and what is said about their faults."""

from pathlib import Path

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from repaircore.adapters.notifications import templates
from repaircore.ports.notifications import Rendered, TemplateError
from tests.unit.notifications.jobs import bench_job, told

PAGE = '<mjml lang="en"><mj-body><mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section></mj-body></mjml>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop's own folder with one small letter in it."""
    (tmp_path / "hello.subject.txt").write_text("Hello\n")
    (tmp_path / "hello.txt").write_text("Hello {{ name }}\n")
    (tmp_path / "hello.mjml").write_text(PAGE.format("Hello {{ name }}"))
    return tmp_path


def fill(folder: Path, text: str | None = None, **facts: object) -> Rendered:
    """Write the letter's text anew and fill it in."""
    if text is not None:
        (folder / "hello.txt").write_text(text)
    return templates.build(folder).render("hello", {"name": "Ann", **facts})


ATTACKS = [
    "{{ 'a' * 10**9 }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 2 ** 3 }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ 999999999999999999 * 999999999999999999 }}",
    "{{ '%01000000000d' % 1 }}",
    "{{ '%01000000000d'|format(1) }}",
    "{{ '{:>1000000000}'.format(1) }}",
    "{{ 'a'.center(1000000000) }}",
    "{{ 'a'|center(1000000000) }}",
    "{{ 'a'|indent(1000000000) }}",
    "{{ name ~ name }}",
    "{{ name + name }}",
    "{% set a %}{{ name }}{{ name }}{% endset %}",
    "{% set a = [name, name] %}",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% for i in range(1000000000) %}{% endfor %}",
    "{% for i in range(1000) %}{% for j in range(1000) %}{{ name }}{% endfor %}{% endfor %}",
    "{% include 'hello.txt' %}",
    "{% include '../../etc/passwd' %}",
    "{% include '/etc/passwd' %}",
    "{{ name.__class__ }}",
    "{{ name['__class__'] }}",
    "{{ name|attr('__class__') }}",
    "{{ ''.__class__.__mro__ }}",
    "{{ range.__globals__ }}",
    "{{ loop }}",
    "{{ self }}",
    "{{ lines }}",
    "{{ none }}",
    "{{ cycler }}",
    "{{ lipsum() }}",
    "{{ lines.append(1) }}",
    "{{ lines.pop }}",
    "{{ facts.items }}",
    "{{ facts.items() }}",
    "{% do 1 %}",
    "{{ name|safe }}",
    "{% autoescape false %}{{ name }}{% endautoescape %}",
    "{{ 1 / 0 }}",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_template_may_not(folder: Path, attack: str) -> None:
    """It cannot grow, reach behind a value, run code or read other files: each attempt is a TemplateError."""
    with pytest.raises(TemplateError):
        fill(folder, attack, lines=[], facts={"a": 1})


def test_the_usual_sandbox_is_not_enough() -> None:
    """The law can fail: the engine's own sandbox lets a text grow without end."""
    usual = ImmutableSandboxedEnvironment()

    assert len(usual.from_string("{{ 'a' * 1000000 }}").render()) == 1_000_000


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ name|upper }}", "ANN"),
        (
            "{% for line in lines %}{{ loop.index }}. {{ line.a }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "1. x, 2. y",
        ),
        ("{% for i in range(3) %}{{ i + 1 }}{% endfor %}", "123"),
        ("{{ 'many' if lines|length > 1 else 'one' }}", "many"),
        ("{% set who = name %}{{ who }}{# a note #}", "Ann"),
        ("{{ 2 * 3 }}", "6"),
        ("{% if name is defined and nobody is not defined %}yes{% endif %}", "yes"),
    ],
)
def test_what_a_template_may(folder: Path, template: str, text: str) -> None:
    """Values, conditions, loops, a little arithmetic."""
    assert fill(folder, template, lines=[{"a": "x"}, {"a": "y"}]).text == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{{ nobody }}", "hello.txt: 'nobody' is undefined"),
        ("{% for x in nobody %}{% endfor %}", "'nobody' is undefined"),
        ("{% if nobody %}{% endif %}", "'nobody' is undefined"),
        ("{{ facts.nothing }}", "has no attribute 'nothing'"),
        ("one\n{% if %}", "hello.txt, line 2"),
        ("{{ name", "hello.txt, line 1"),
        ("{{ name|shout }}", "No filter named 'shout'"),
        ("{% include 'missing.txt' %}", "no file missing.txt"),
        ("one\n{{ name ~ name }}", "line 2: a template may not use concat"),
        ("{% for i in range(1000) %}{{ long }}{% endfor %}", "grew beyond 262,144"),
    ],
)
def test_faults_are_told(folder: Path, text: str, complaint: str) -> None:
    """The error names the file, and where it can the line and the word."""
    with pytest.raises(TemplateError) as fault:
        fill(folder, text, facts={}, long="x" * 1000)

    assert complaint in str(fault.value)


def test_broken_mjml(folder: Path) -> None:
    """A tag that MJML does not have, or does not close, is told."""
    for broken in (
        "<mjml>",
        "",
        "<mjml><mj-body><mj-nothing/></mj-body></mjml>",
        PAGE.format("<mj-include path='x'/>"),
    ):
        (folder / "hello.mjml").write_text(broken)
        with pytest.raises(TemplateError, match=r"hello\.mjml"):
            fill(folder)


@pytest.mark.parametrize("name", ["nothing", "../hello", "hello.txt", "", "Hello", "layout/footer", "a" * 100])
def test_no_such_letter(folder: Path, name: str) -> None:
    """A name that is no letter's is told, and never a path to somewhere else."""
    with pytest.raises(TemplateError):
        templates.build(folder).render(name, {"name": "Ann"})


def test_escaping_follows_the_part(folder: Path) -> None:
    """Markup in a value is shown in both parts; only HTML needs to write it another way."""
    rendered = fill(folder, name="<b>Ann</b>")

    assert rendered.text == "Hello <b>Ann</b>\n"
    assert "Hello &lt;b&gt;Ann&lt;/b&gt;" in rendered.html


def test_a_shop_rewrites_what_it_likes(folder: Path) -> None:
    """Its own files go first, the layout's too; what it did not write is the packaged one."""
    (folder / "layout").mkdir()
    (folder / "layout" / "footer.mjml").write_text(
        "<mj-section><mj-column><mj-text>Our own footer</mj-text></mj-column></mj-section>"
    )
    (folder / "completion.subject.txt").write_text("Hooray, {{ customer_name }}\n")

    rendered = templates.build(folder).render("completion", told(bench_job()))

    assert rendered.subject == "Hooray, Zoë O'Brien"
    assert "Our own footer" in rendered.html
    assert "See your booking:" in rendered.text


def test_files_are_read_once(folder: Path) -> None:
    """A letter is compiled the first time and kept: later ones touch no file."""
    letters = templates.build(folder)
    first = letters.render("hello", {"name": "Ann"})
    for file in folder.iterdir():
        file.unlink()

    assert letters.render("hello", {"name": "Ann"}) == first


def test_a_letter_leaves_nothing_behind(folder: Path) -> None:
    """What one customer is told never shows in the next one's letter."""
    letters = templates.build(folder)
    letters.render("hello", {"name": "Ann"})

    with pytest.raises(TemplateError):
        letters.render("hello", {})
