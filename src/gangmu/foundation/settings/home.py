"""GANGMU_HOME: the one folder that holds all data, and the secrets in it.

`secrets/` holds one file per secret with mode 0600. A secret is made at `gangmu init` from the system's random
source; there is no default value anywhere.
"""

import contextlib
import os
import secrets
from pathlib import Path


class HomeMissing(Exception):
    """GANGMU_HOME has not been prepared yet."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"{home} holds no Gangmu data yet. Run `gangmu init` first, or set GANGMU_HOME to a prepared folder. "
            f"（{home} 尚未初始化：请先运行 gangmu init，或把 GANGMU_HOME 指向已初始化的目录。）"
        )
        self.home = home


def home() -> Path:
    """The data folder: `GANGMU_HOME`, or `gangmu` under the user's data directory."""
    configured = os.environ.get("GANGMU_HOME")
    if configured:
        return Path(configured).expanduser().resolve()
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return (Path(base).expanduser() / "gangmu").resolve()


def secret(name: str, *, create: bool = False, size: int = 48) -> str:
    """The secret `name`; made when `create` and absent.

    Raises:
        HomeMissing: the secret does not exist and may not be made here.
    """
    path = home() / "secrets" / name
    if not path.exists():
        if not create:
            raise HomeMissing(home())
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_once(path, secrets.token_urlsafe(size))
    return path.read_text("utf-8").strip()


def _write_once(path: Path, text: str) -> None:
    """Write a file that is whole or not there: half a secret would be taken for one. The first of two writers wins."""
    making = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(making, path)
    finally:
        making.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
