"""A file as text: UTF-8, with or without a byte order mark."""

from pathlib import Path

from repaircore.adapters.shopfiles.records import Report


def read_text(root: Path, name: str, report: Report) -> str | None:
    """Answer the file's text, or None after noting why it cannot be had."""
    try:
        raw = (root / name).read_bytes()
    except FileNotFoundError:
        report.add(name, 0, "", "there is no such file")
        return None
    except OSError as wrong:
        report.add(name, 0, "", f"cannot be read: {wrong.strerror}")
        return None
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        report.add(name, raw.count(b"\n", 0, wrong.start) + 1, "", "is not UTF-8: save the file as UTF-8")
        return None
    if not content.strip():
        report.add(name, 0, "", "is empty")
        return None
    return content
