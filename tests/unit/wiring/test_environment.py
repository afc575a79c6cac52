"""Variables of the environment, and the files that stand for them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repaircore.wiring.environment import variable
from repaircore.wiring.settings import ConfigurationError, Settings, load_settings
from tests.unit.wiring.test_providers import smtp

SHOP = 'name = "Shop"\nprofile = "repair-bench"\ncurrency = "GBP"\ncountry = "GB"\ntimezone = "Europe/London"\n'
KEY = "REPAIRCORE_SECRET_KEY"

texts = st.text(st.characters(codec="utf-8")).filter(lambda text: not text.endswith(("\n", "\r")))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with a secret, as an editor leaves it."""
    path = tmp_path / "secret"
    path.write_text("hush-hush\n", encoding="utf-8")
    return path


def settings(folder: Path) -> Settings:
    """Load the smallest business there is."""
    path = folder / "business.toml"
    path.write_text(SHOP, encoding="utf-8")
    return load_settings(path)


def test_a_secret_from_a_file(tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable names the file, and the line break at its end is not a part of the secret."""
    monkeypatch.setenv(f"{KEY}_FILE", str(secret))
    monkeypatch.setenv("REPAIRCORE_DATABASE_PASSWORD_FILE", str(secret))

    loaded = settings(tmp_path)

    assert "".join(loaded.secret_key) == "".join(loaded.database.password) == "hush-hush"


def test_a_providers_secret_from_a_file(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option of a provider too."""
    monkeypatch.setenv("REPAIRCORE_NOTIFICATIONS_SMTP_PASSWORD_FILE", str(secret))

    assert smtp({"host": "mail.example.com", "username": "shop"}).settings.password == "hush-hush"


def test_said_twice(tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of two secrets holds is not guessed, and neither is shown."""
    monkeypatch.setenv(KEY, "whisper")
    monkeypatch.setenv(f"{KEY}_FILE", str(secret))

    with pytest.raises(ConfigurationError, match="both REPAIRCORE_SECRET_KEY and REPAIRCORE_SECRET_KEY_FILE") as told:
        settings(tmp_path)

    assert "hush" not in str(told.value)
    assert "whisper" not in str(told.value)


@pytest.mark.parametrize(("content", "says"), [(None, "No such file"), (b"\xff\xfehush", "not text in UTF-8")])
def test_a_file_that_cannot_be_read(
    tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, says: str
) -> None:
    """The line names the variable and the file: going on without the secret would be worse."""
    secret.unlink() if content is None else secret.write_bytes(content)
    monkeypatch.setenv(f"{KEY}_FILE", str(secret))
    monkeypatch.setenv("REPAIRCORE_NOTIFICATIONS_SMTP_PASSWORD_FILE", str(secret))

    for load in (lambda: settings(tmp_path), lambda: smtp({"host": "mail.example.com", "username": "shop"})):
        with pytest.raises(ConfigurationError, match=f"_FILE names {secret}.*{says}") as told:
            load()
        assert "hush" not in str(told.value)


@given(text=texts, end=st.sampled_from(["", "\n", "\r\n"]))
def test_any_secret_is_read_as_written(tmp_path_factory: pytest.TempPathFactory, text: str, end: str) -> None:
    """Whatever is in the file is the secret, blanks included, but for one line break at its end."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes((text + end).encode())
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(f"{KEY}_FILE", str(path))

        assert variable(KEY) == text
