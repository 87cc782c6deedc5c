"""CrowdSec over a log file: what it takes, and whom it finds. From the package of Debian, with the hub beside it."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

_PARSERS: Final = ("s00-raw/{}/syslog-logs", "s01-parse/{}/apache2-logs", "s02-enrich/{}/dateparse-enrich",
                   "s02-enrich/{}/http-logs")  # fmt: skip
_SCENARIOS: Final = ("http-crawl-non_statics", "http-probing")
"""Those that need nothing that is fetched from elsewhere."""
_SECONDS_MAX: Final = 600
_PORT: Final = 18_080
_FOUND: Final = re.compile(r"Ip (\S+) performed '([^']+)'")


class Peer(NamedTuple):
    """CPU seconds, alerts, and who was found by which scenario."""

    cpu_s: float
    alerts: int
    found: dict[str, set[str]]


def crowdsec_over(log: Path, folder: Path) -> Peer | None:
    """Its parsers and http scenarios over a log in the combined format; None when the program is not there."""
    program = shutil.which("crowdsec")
    hub = program and _hub(Path(program).resolve())
    if not program or not hub:
        return None
    home = folder / "crowdsec"
    shutil.rmtree(home, ignore_errors=True)
    _configure(home, hub)
    joining = f"-c {home}/config.yaml machines add bench --password bench --force -f {home}/credentials.yaml"
    subprocess.run([shutil.which("cscli") or "cscli", *joining.split()], capture_output=True, check=False, cwd=home)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [program, "-c", home / "config.yaml", "-dsn", f"file://{log}", "-type", "apache2", "-info"],
        capture_output=True, text=True, timeout=_SECONDS_MAX, cwd=home, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found: dict[str, set[str]] = {}
    said = _FOUND.findall(done.stdout + done.stderr + _log_of(home))
    for address, scenario in said:
        found.setdefault(scenario, set()).add(address)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Peer(spent, len(said), found)


def _hub(program: Path) -> Path | None:
    hub = program.parents[1] / "share" / "crowdsec" / "hub"
    return hub if hub.is_dir() else None


def _patterns(hub: Path) -> Path:
    """`/etc/crowdsec/patterns`, beside the prefix of the package."""
    return next(each for each in (parent / "etc" / "crowdsec" / "patterns" for parent in hub.parents) if each.is_dir())


def _configure(home: Path, hub: Path) -> None:
    (home / "data").mkdir(parents=True)
    shutil.copytree(_patterns(hub), home / "patterns")
    for each in _PARSERS:
        stage, name = each.format("crowdsecurity").rsplit("/", 1)
        _copy(hub / "parsers" / stage / f"{name}.yaml", home / "parsers" / stage.split("/")[0])
    for name in _SCENARIOS:
        _copy(hub / "scenarios" / "crowdsecurity" / f"{name}.yaml", home / "scenarios")
    (home / "hub").mkdir()
    index = hub / ".index.json"
    (home / "hub" / ".index.json").write_text(index.read_text() if index.is_file() else "{}")
    (home / "acquis.yaml").write_text("")
    (home / "profiles.yaml").write_text("name: none\nfilters: ['false']\non_success: break\n")
    (home / "credentials.yaml").write_text(f"url: http://127.0.0.1:{_PORT}\nlogin: bench\npassword: bench\n")
    (home / "simulation.yaml").write_text("simulation: off\n")
    (home / "config.yaml").write_text(f"""
common: {{daemonize: false, log_media: stdout, log_level: info, working_dir: .}}
config_paths:
  config_dir: {home}
  data_dir: {home}/data
  simulation_path: {home}/simulation.yaml
  hub_dir: {home}/hub
  index_path: {home}/hub/.index.json
crowdsec_service: {{acquisition_path: {home}/acquis.yaml, parser_routines: 1}}
cscli: {{output: human}}
db_config: {{log_level: info, type: sqlite, db_path: {home}/data/crowdsec.db}}
prometheus: {{enabled: false}}
api:
  client: {{insecure_skip_verify: false, credentials_path: {home}/credentials.yaml}}
  server: {{log_level: info, listen_uri: "127.0.0.1:{_PORT}", profiles_path: {home}/profiles.yaml}}
""")


def _copy(file: Path, folder: Path) -> None:
    if file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / file.name)


def _log_of(home: Path) -> str:
    return "".join(each.read_text("utf-8", "replace") for each in home.rglob("*.log"))
