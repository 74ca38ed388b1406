"""Requirements on the repository as a whole, independent of what the code computes."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from importlinter import cli as importlinter

ROOT = Path(__file__).resolve().parents[1]

PACKAGES = (
    "runtime", "declarations", "assets", "replication", "expectations", "publishing", "pipelines",
    "tools", "reconstruction",
)  # fmt: skip
# Folders with Python that are not the product: nothing in PACKAGES imports them.
BESIDE = {"tests"}
MOST_LINES, MOST_MODULES = 300, 12
# What the statistics may import.
NUMERIC = {"numpy", "scipy", "statsmodels"}
# Names of functions that several modules have, because they play one part or mean one thing there.
# Code that builds or checks the rest on its own repeats some (reconstruction, replication/solver).
SHARED_NAMES = {
    "as_number", "chapter_title", "constraints", "counts_of", "definition_of", "levels_of", "main",
    "printed_percent", "read", "read_errata", "read_figures", "repeated_lines", "run", "steps",
    "table", "wave_files",
}  # fmt: skip
# The only modules that import private modules of libraries (docs/architecture.md).
PRIVATE_DOORS = {"runtime/event_log.py", "pipelines/serve/server.py"}
# What only calculates.
PURE = "assets.statistics"


def modules_under(package: str) -> list[Path]:
    """The Python files of a top-level package, sorted; at least one."""
    found = sorted((ROOT / package).rglob("*.py"))
    assert found, f"no Python files under {package}/"
    return found


def imported_by(path: Path) -> set[str]:
    """Names of the modules that a file imports anywhere; for `from a import b` also a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def locked_requirements(lock: str) -> dict[str, str]:
    """Each requirement of a lock file: from name==version to its lines."""
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)
    return {entry.split()[0]: entry for entry in entries if entry.strip()}


def import_settings() -> dict[str, Any]:
    """The settings of import-linter."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(settings["tool"]["importlinter"])


def contracts() -> list[dict[str, Any]]:
    """The contracts that import-linter checks."""
    return list(import_settings()["contracts"])


def committed_files() -> list[Path]:
    """The files git tracks; skips where the tree is not a git checkout."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_imports_keep_the_declared_contracts() -> None:
    exit_code = importlinter.lint_imports(config_filename=str(ROOT / "pyproject.toml"))
    assert exit_code == importlinter.EXIT_STATUS_SUCCESS


def test_every_folder_with_code_is_a_package_of_the_contracts() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in committed_files() if path.suffix == ".py"}
    assert found == {*PACKAGES, *BESIDE}
    assert set(import_settings()["root_packages"]) == set(PACKAGES)


def test_circles_are_looked_for_in_every_package() -> None:
    (circles,) = (one for one in contracts() if one["type"] == "acyclic_siblings")
    assert set(circles.pop("ancestors")) == set(PACKAGES)
    assert circles.keys() == {"name", "type"}, "no exceptions"


def test_no_module_imports_a_package_around_it() -> None:
    """The contract about circles compares the parts of a package, not these with the package."""
    inits = [path for one in PACKAGES for path in modules_under(one) if path.name == "__init__.py"]
    for init in inits:
        if not any(name.split(".")[0] in PACKAGES for name in imported_by(init)):
            continue
        package = ".".join(init.parent.relative_to(ROOT).parts)
        for path in {*init.parent.rglob("*.py")} - {init}:
            assert package not in imported_by(path), f"{path.relative_to(ROOT)} imports {package}"


def test_nothing_of_the_product_imports_tests() -> None:
    for package in PACKAGES:
        for path in modules_under(package):
            foreign = {name for name in imported_by(path) if name.split(".")[0] in BESIDE}
            assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


def test_no_module_is_longer_than_a_reader_keeps_in_mind() -> None:
    for package in PACKAGES:
        for path in modules_under(package):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            name = path.relative_to(ROOT).as_posix()
            assert lines <= MOST_LINES, f"{name}: {lines} lines"


def test_no_folder_holds_more_modules_than_a_reader_overlooks() -> None:
    for package in PACKAGES:
        for folder in {path.parent for path in modules_under(package)}:
            own = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
            name = folder.relative_to(ROOT).as_posix()
            assert len(own) <= MOST_MODULES, f"{name}: {len(own)} modules"


def test_every_class_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = {}
    for package in PACKAGES:
        for path in modules_under(package):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    places.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_every_function_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = {}
    for package in PACKAGES:
        for path in modules_under(package):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    places.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    several = {name: found for name, found in places.items() if len(found) > 1}
    assert {name: several[name] for name in several.keys() - SHARED_NAMES} == {}
    assert several.keys() >= SHARED_NAMES


def test_private_modules_of_libraries_are_imported_where_it_is_said() -> None:
    doors = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in modules_under(package)
        if any(
            part.startswith("_") and part != "__future__" and not part.endswith("__version__")
            for name in imported_by(path)
            if name.split(".")[0] not in PACKAGES
            for part in name.split(".")
        )
    }
    assert doors == PRIVATE_DOORS
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert all(door in told for door in doors)


def test_the_room_of_statistics_is_under_the_contract_for_pure_modules() -> None:
    (pure,) = (one for one in contracts() if "pathlib" in one.get("forbidden_modules", ()))
    assert pure["source_modules"] == [PURE]


def test_pure_modules_read_and_write_nothing() -> None:
    for path in modules_under(PURE.replace(".", "/")):
        packages = {name.split(".")[0] for name in imported_by(path)}
        foreign = packages - NUMERIC - sys.stdlib_module_names - {"assets"}
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        names = [call.attr for call in calls if isinstance(call, ast.Attribute)]
        names += [call.id for call in calls if isinstance(call, ast.Name)]
        effects = [name for name in names if re.match(r"(open|print|read_|to_(csv|sql))", name)]
        assert not effects, f"{path.relative_to(ROOT)} calls {effects}"


def test_assets_never_open_the_printed_figures() -> None:
    place = re.compile(r"""/ *f?["']printed\b|["']printed/""")
    assert place.search('study.folder / "printed"')
    for path in [*modules_under("assets"), *modules_under("declarations")]:
        lines = path.read_text(encoding="utf-8").splitlines()
        hits = [number for number, line in enumerate(lines, 1) if place.search(line)]
        assert not hits, f"{path.relative_to(ROOT)} opens them in lines {hits}"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-bootstrap.txt"])
def test_lock_holds_versions_and_hashes_but_no_address(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in lock
    assert not re.search(r"(?m)^\s*-", re.sub(r"(?m)^\s+--hash=.*$", "", lock)), "an option line"
    for requirement, lines in locked_requirements(lock).items():
        assert re.fullmatch(r"[a-z0-9-]+==[\w.+!-]+", requirement), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", lines), f"{requirement} has no hash"
        assert " @ " not in lines


@pytest.mark.parametrize(
    ("source", "lock"),
    [
        ("requirements.in", "requirements.lock"),
        ("requirements-bootstrap.in", "requirements-bootstrap.txt"),
    ],
)
def test_lock_has_every_direct_dependency_in_its_pinned_version(source: str, lock: str) -> None:
    lines = (ROOT / source).read_text(encoding="utf-8").splitlines()
    direct = {line for line in lines if line and not line.startswith("#")}
    locked = set(locked_requirements((ROOT / lock).read_text(encoding="utf-8")))
    assert direct
    assert direct <= locked, f"run `make lock`: {sorted(direct - locked)}"


def test_every_direct_dependency_is_justified() -> None:
    files = (ROOT / "requirements.in", ROOT / "requirements-mutants.in")
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    direct = {line.split("==")[0] for line in lines if line and not line.startswith("#")}
    table = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    justified = set(re.findall(r"(?m)^\| `([a-z0-9-]+)` \| \S", table))
    assert direct == justified - {"uv"}


def test_no_committed_file_names_a_place_on_somebodys_machine() -> None:
    # An absolute path below a place where people and machines keep checkouts; addresses on the
    # web are no such path, their slashes follow a host name.
    place = re.compile(
        r"(?<![\w.~/-])/(?:home|Users|root|work|opt|tmp)/\w|file:/{3}\w|[A-Z]:\\Users"
    )
    for path in committed_files():
        lines = path.read_bytes().decode("utf-8", errors="replace").splitlines()
        hits = [number for number, line in enumerate(lines, 1) if place.search(line)]
        assert not hits, f"{path.relative_to(ROOT)}, lines {hits[:5]}"


def test_generated_examples_are_the_same_for_everybody() -> None:
    """tests/conftest.py sets the profile before the test modules are imported."""
    from hypothesis import settings

    now = settings()
    assert (now.derandomize, now.deadline, now.database, now.max_examples) == (True, None, None, 60)
