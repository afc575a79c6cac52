"""Letters from files: `<name>.subject.txt`, `<name>.txt` and `<name>.mjml`, and the layout that they share."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import mrml
from jinja2 import BaseLoader, Environment, FileSystemLoader
from jinja2 import TemplateError as JinjaError
from jinja2.exceptions import TemplateNotFound, TemplateSyntaxError

from repaircore.adapters.notifications.templates.sandbox import LetterSandbox
from repaircore.domain.notifications.wording import one_line
from repaircore.ports.notifications import Rendered, TemplateError

LARGEST = 256 * 1024  # characters of one part; more is no letter
_UNKNOWN = re.compile(r"<(mj-[\w-]+)")  # what MJML does not know it leaves as it stands
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class MjmlLoader(BaseLoader):
    """Reads files from the first folder that has them; MJML is compiled to HTML, once, before its variables are filled in."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._files = FileSystemLoader([str(folder) for folder in folders])

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool] | None]:
        """Answer the source of a text file, or the HTML of an MJML file."""
        source, path, fresh = self._files.get_source(environment, template)
        if template.endswith(".mjml"):
            source = self._compile(environment, source)
        return source, path, fresh

    def _compile(self, environment: Environment, source: str) -> str:
        names = [name for name in self._files.list_templates() if name.startswith("layout/") and name.endswith(".mjml")]
        layout = {name: self._files.get_source(environment, name)[0] for name in names}
        options = mrml.ParserOptions(include_loader=mrml.memory_loader(layout))
        try:
            html = str(mrml.to_html(source, options, mrml.RenderOptions(disable_comments=True, fonts={})).content)
        except OSError as problem:
            raise TemplateSyntaxError(f"the MJML is broken: {problem}", 1) from problem
        if unknown := _UNKNOWN.search(html):
            raise TemplateSyntaxError(f"the MJML is broken: there is no {unknown[1]} here", 1)
        return html


class Letters:
    """Fills templates in. Each is read and compiled once; a shop that changes its files reloads its configuration."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._sandbox = LetterSandbox(MjmlLoader(folders))

    def render(self, name: str, context: Mapping[str, Any]) -> Rendered:
        """Fill in the subject and both parts; the parts may use `subject` too. Raises TemplateError."""
        if not _NAME.fullmatch(name):
            raise TemplateError(f"{name!r} is no template's name: use lower-case letters, digits and underscores")
        subject = one_line(self._fill(f"{name}.subject.txt", context).strip())
        known = {**context, "subject": subject}
        text = self._fill(f"{name}.txt", known)
        return Rendered(subject=subject, text=text, html=self._fill(f"{name}.mjml", known))

    def _fill(self, file: str, context: Mapping[str, Any]) -> str:
        try:
            return _joined(self._sandbox.get_template(file).generate(context), file)
        except TemplateNotFound as missing:
            raise TemplateError(f"{file}: there is no file {missing.name}") from missing
        except TemplateSyntaxError as broken:
            raise TemplateError(f"{broken.name or file}, line {broken.lineno}: {broken.message}") from broken
        except JinjaError as problem:
            raise TemplateError(f"{file}: {problem.message}") from problem
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as problem:
            raise TemplateError(f"{file}: {type(problem).__name__} while filling it in") from problem


def _joined(chunks: Iterable[str], file: str) -> str:
    """Put the pieces together, and stop as soon as they are too many."""
    kept, size = [], 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise TemplateError(f"{file}: it grew beyond {LARGEST:,} characters")
        kept.append(chunk)
    return "".join(kept)
