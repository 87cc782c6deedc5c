"""Machine code that is kept: where, and when it is out of date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agoranomos.engine import compiled
from agoranomos.engine.compiled import folder_of, sources, state_of

PACKAGE = Path(compiled.__file__).parents[1]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in which `here` takes a constant from `there`, which takes it from the folder `far`."""
    monkeypatch.setattr(compiled, "_PACKAGE", tmp_path)
    compiled._base.cache_clear()
    (tmp_path / "far").mkdir()
    (tmp_path / "here.py").write_text("import os\nfrom agoranomos.there import A\n")
    (tmp_path / "there.py").write_text("from agoranomos.far import A\nfrom agoranomos.gone import B\n")
    (tmp_path / "far" / "__init__.py").write_text("A = 1\n")
    (tmp_path / "other.py").write_text("from agoranomos.here import A\n")
    return tmp_path


def forget() -> None:
    """As a new process would begin."""
    for each in (compiled._read, compiled.state_of, compiled.folder_of, compiled._base):
        each.cache_clear()


def test_a_file_stands_for_what_it_imports(made: Path) -> None:
    assert sources(made / "here.py") == {made / "here.py", made / "there.py", made / "far" / "__init__.py"}
    before = state_of(made / "here.py")
    forget()
    assert state_of(made / "here.py") == before
    (made / "other.py").write_text("")
    forget()
    assert state_of(made / "here.py") == before, "nothing of it comes from there"
    (made / "far" / "__init__.py").write_text("A = 2\n")
    forget()
    assert state_of(made / "here.py") != before
    forget()


def test_three_states_are_kept(made: Path) -> None:
    for number in range(5):
        (made / "there.py").write_text(f"A = {number}\n")
        forget()
        folder_of(made / "here.py")
    assert len(list(folder_of(made / "here.py").parent.iterdir())) == 3
    forget()


def test_constants_of_links_are_seen() -> None:
    names = {each.name for each in sources(PACKAGE / "engine" / "links" / "comparing.py")}
    assert {"slots.py", "keys.py", "facets.py"} <= names
    assert "compiled.py" not in names


def test_every_kernel_is_kept_by_its_sources() -> None:
    """Whoever decorates takes numba from here, however it is imported."""
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if "@nb." in text:
            assert "from agoranomos.engine.compiled import nb" in text, file
    code = (
        "from agoranomos.engine.features.kernels import put_many; from agoranomos.engine.compiled import BySource;"
        "from numba.core.caching import _CacheLocator; locator = put_many._cache._impl._locator;"
        "assert isinstance(locator, BySource);"
        "assert not [each for each in vars(_CacheLocator) if each[0] != '_' and not hasattr(locator, each) "
        "and each != 'get_suitable_cache_subpath'], 'numba may ask for it'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_functions_have_a_door_for_python_and_none_for_c() -> None:
    def following(number: int) -> int:
        return number + 1

    after = compiled.nb.njit(following)
    assert after(1) == 2
    (code,) = after.inspect_llvm().values()
    assert "@_ZN7cpython" in code
    assert "@cfunc." not in code
