"""Variables of the environment. Each may be given as a file instead: `REPAIRCORE_SECRET_KEY_FILE` names one that holds the key.

Containers, systemd and Kubernetes hand secrets over as files; what is in no environment is in no listing of processes either.
"""

import os
from pathlib import Path
from typing import Any

from typed_settings.dict_utils import set_path
from typed_settings.loaders import EnvLoader
from typed_settings.types import LoadedSettings, LoaderMeta, OptionList


def variable(name: str) -> str | None:
    """Answer what the variable or its file says, without the file's last line break; None when neither is given.

    Raises ValueError when both are given, or the file cannot be read. The text names the file and none of its content.
    """
    given, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if file is None:
        return given
    if given is not None:
        raise ValueError(f"both {name} and {name}_FILE are given: keep one of them")
    try:
        return Path(file).read_bytes().decode().removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise ValueError(f"{name}_FILE names {file}, which cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{name}_FILE names {file}, which is not text in UTF-8") from None


class Variables(EnvLoader):
    """Loads settings from variables and from the files that variables name."""

    def __call__(self, settings_cls: type[Any], options: OptionList) -> LoadedSettings:
        """Answer every option that the environment gives. Raises ValueError as `variable` does."""
        values: dict[str, Any] = {}
        for option in options:
            given = variable(self.get_envvar(option))
            if given is not None:
                set_path(values, option.path, given)
        return LoadedSettings(values, LoaderMeta(self))
