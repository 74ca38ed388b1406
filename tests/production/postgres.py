"""A private PostgreSQL server in a temporary folder, reached through a socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")
NAME = "samspil"


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl of the newest PostgreSQL installed, if any."""
    found = [
        folder
        for place in PLACES
        for folder in Path("/").glob(place.removeprefix("/"))
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists()
    ]
    on_path = shutil.which("initdb")
    found += [Path(on_path).resolve().parent] if on_path else []
    # by number: 9 comes before 15
    return max(
        found, key=lambda folder: [int(p) for p in folder.parts if p.isdigit()], default=None
    )


def missing() -> str:
    """Why no server can be started here; empty if one can."""
    if binaries() is None:
        return "no PostgreSQL is installed (initdb was not found)"
    if os.geteuid() == 0 and (shutil.which("setpriv") is None or _other_user() is None):
        return "PostgreSQL refuses to run as root, and there is no user postgres or no setpriv"
    return ""


@dataclass(frozen=True)
class Server:
    """A running server; `folder` holds its data and its socket."""

    folder: Path
    options: str = ""

    def restart(self) -> None:
        """Stop at once, as if the machine went down, and start again."""
        _call(*_control(self.folder), "--mode", "immediate", "stop")
        _start(self.folder, self.options)

    def url(self, database: str = NAME) -> str:
        return f"postgresql+psycopg2://{NAME}@/{database}?host={self.folder}"

    def run(self, program: str, *arguments: str) -> str:
        """One of PostgreSQL's own programs against this server; its output."""
        place = ("--host", str(self.folder), "--username", NAME)
        return _call(program, *place, *arguments)


@contextmanager
def postgres() -> Iterator[Server]:
    """A server with an empty database, removed with its files afterwards."""
    # a short path: a socket's may have about a hundred characters
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            user = _other_user()
            assert user is not None
            os.chown(folder, user.pw_uid, user.pw_gid)
        _call("initdb", "--pgdata", str(data), "--auth=trust", f"--username={NAME}",
              "--encoding=UTF8", "--locale=C", "--no-sync")  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        _start(folder, options)
        try:
            server = Server(folder, options)
            server.run("createdb", NAME)
            yield server
        finally:
            _call(*_control(folder), "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _control(folder: Path) -> tuple[str, ...]:
    return "pg_ctl", "--pgdata", str(folder / "data"), "--wait", "--silent"


def _start(folder: Path, options: str) -> None:
    _call(*_control(folder), "--log", str(folder / "log"), "--options", options, "start")


def _other_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


def _call(program: str, *arguments: str) -> str:
    folder = binaries()
    assert folder is not None
    command = [str(folder / program), *arguments]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    # pg_ctl hands its standard output on to the server: a pipe would never end
    quiet = program == "pg_ctl"
    done = subprocess.run(
        command, cwd="/", stdout=subprocess.DEVNULL if quiet else subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"{program} ended with {done.returncode}: {done.stderr}")
    return done.stdout or ""
