"""The files of `deploy/` against the program that they start: names, ports, options, variables, times."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from agoranomos.engine.features.sharing import Share, share_of
from agoranomos.kernel.jobs.runner import GRACE_S
from agoranomos.main import cli
from agoranomos.rules.holders.addresses import address_of, addresses_of
from agoranomos.web.serving import DRAIN_S
from agoranomos.web.workers import STOP_S

ROOT = Path(__file__).parents[1]
MANIFESTS = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
CONTAINER = (ROOT / "deploy" / "Containerfile").read_text("utf-8")
VARIABLES = set(re.findall(r"`(AGORA_[A-Z_0-9]+)`", (ROOT / "docs" / "platform-engineer.md").read_text("utf-8")))


def documents() -> list[dict[str, Any]]:
    return [one for path in MANIFESTS for one in yaml.safe_load_all(path.read_text("utf-8"))]


def pods() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every workload with the specification of its pods."""
    for one in documents():
        if one["kind"] in ("Deployment", "StatefulSet", "Job"):
            yield one, one["spec"]["template"]["spec"]


def parsed(words: list[str]) -> None:
    """Raises where `agora` would not take these words."""
    assert Path(words[0]).name == "agora"
    top = click.Context(cli, **cli.context_settings)  # a command keeps the names of --help of its first context
    command = cli.get_command(top, words[1])
    rest = words[2:]
    assert command is not None, f"there is no command {words[1]}"
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command, parent=top), rest.pop(0))
        assert command is not None
    command.make_context(command.name, rest, parent=top)


def within(these: dict[str, str], those: dict[str, str]) -> bool:
    return bool(these) and these.items() <= those.items()


def test_what_is_started_are_commands() -> None:
    for _, pod in pods():
        for container in pod["containers"]:
            parsed([str(word) for word in container.get("command", []) + container.get("args", [])])
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=(.*)$", unit.read_text("utf-8"), re.MULTILINE):
            words = shlex.split(line.replace("%i", "8001"))
            parsed(shlex.split(words[2])[1:] if words[0] == "/bin/sh" else words)
    (command,) = re.findall(r"^CMD (\[.*\])$", CONTAINER, re.MULTILINE)
    parsed(yaml.safe_load(command))


def test_variables_are_those_of_the_program() -> None:
    told = "\n".join([*(path.read_text("utf-8") for path in (*MANIFESTS, *UNITS)), CONTAINER])
    used = set(re.findall(r"\b(AGORA_[A-Z_0-9]+)", told))
    assert used <= VARIABLES, used - VARIABLES
    assert {"AGORA_DATABASE_URL", "AGORA_AUDIT_KEY", "AGORA_VAULT_KEY"} <= used


def test_labels_ports_and_volumes_meet() -> None:
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for one in documents():
        by_kind.setdefault(one["kind"], []).append(one)
    (deployment,) = by_kind["Deployment"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert within(deployment["spec"]["selector"]["matchLabels"], labels)
    (service,) = [each for each in by_kind["Service"] if within(each["spec"]["selector"], labels)]
    budgets = by_kind["PodDisruptionBudget"]
    (budget,) = [each for each in budgets if within(each["spec"]["selector"]["matchLabels"], labels)]
    assert within(budget["spec"]["selector"]["matchLabels"], labels)
    assert budget["spec"]["minAvailable"] < deployment["spec"]["replicas"], "else no node could ever be emptied"
    jobs = [job["spec"]["template"]["metadata"]["labels"] for job in by_kind["Job"]]
    assert not any(within(service["spec"]["selector"], each) for each in jobs), "the service asks no job"
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert service["spec"]["ports"][0]["targetPort"] in ports
    assert str(ports["http"]) == container["args"][container["args"].index("--port") + 1]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        (how,) = (value for key, value in container[probe].items() if key in ("httpGet", "tcpSocket"))
        assert how["port"] in ports
        assert how.get("path", "/healthz") == "/healthz"
    secrets = {one["metadata"]["name"]: one["stringData"] for one in by_kind["Secret"]}
    for workload, pod in pods():
        volumes = {each["name"]: each for each in pod["volumes"]}
        claimed = {each["metadata"]["name"] for each in workload["spec"].get("volumeClaimTemplates", ())}
        for one in pod["containers"]:
            assert {mount["name"] for mount in one["volumeMounts"]} <= volumes.keys() | claimed
            assert {given["secretRef"]["name"] for given in one["envFrom"]} <= secrets.keys()
        for each in volumes.values():
            if "secret" in each:
                assert {item["key"] for item in each["secret"]["items"]} <= secrets[each["secret"]["secretName"]].keys()


def test_each_part_of_the_features_has_its_holders_and_their_address() -> None:
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for one in documents():
        by_kind.setdefault(one["kind"], []).append(one)
    held = by_kind["StatefulSet"]
    shares = [share_of(each["spec"]["template"]["spec"]["containers"][0]["args"][4]) for each in held]
    assert [each.part for each in shares] == list(range(1, len(shares) + 1))
    assert {each.parts for each in shares} == {len(shares)}
    told = (ROOT / "deploy" / "kubernetes" / "features.yaml").read_text("utf-8").split("\n---")[0]
    (addresses,) = re.findall(r'AGORA_FEATURE_HOLDERS="([^"]+)"', told.replace("\n# ", " "))
    for workload, (address,) in zip(held, addresses_of(addresses), strict=True):
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert within(workload["spec"]["selector"]["matchLabels"], labels)
        (service,) = [each for each in by_kind["Service"] if within(each["spec"]["selector"], labels)]
        assert workload["spec"]["serviceName"] == service["metadata"]["name"] == address.host
        (container,) = workload["spec"]["template"]["spec"]["containers"]
        assert service["spec"]["ports"][0]["port"] == address.port == container["ports"][0]["containerPort"]
        assert address_of(container["args"][6]).port == address.port
        (budget,) = [
            each for each in by_kind["PodDisruptionBudget"] if within(each["spec"]["selector"]["matchLabels"], labels)
        ]
        assert budget["spec"]["minAvailable"] < workload["spec"]["replicas"]
    unit = (ROOT / "deploy" / "systemd" / "agoranomos-features@.service").read_text("utf-8")
    (start,) = re.findall(r"^ExecStart=(.*)$", unit.replace("%i", "1"), re.MULTILINE)
    words = shlex.split(start)
    (asked,) = re.findall(r'AGORA_FEATURE_HOLDERS="([^"]+)"', unit)
    assert share_of(words[words.index("--part") + 1]) == Share(1, len(addresses_of(asked)))
    assert {each.port for each in addresses_of(asked)[0]} == {address_of(words[words.index("--listen") + 1]).port}


def test_nothing_runs_with_more_rights_than_it_needs() -> None:
    for _, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"]
            assert not rights["allowPrivilegeEscalation"]
            assert rights["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]
    assert re.search(r"^USER 10001$", CONTAINER, re.MULTILINE)


def test_whoever_stops_a_process_waits_for_what_it_is_at() -> None:
    (pod,) = [pod for one, pod in pods() if one["kind"] == "Deployment"]
    before = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > DRAIN_S + GRACE_S + before
    (unit,) = [unit for unit in UNITS if unit.name == "agoranomos@.service"]
    (waits,) = re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text("utf-8"), re.MULTILINE)
    assert int(waits) > STOP_S > DRAIN_S + GRACE_S, "the parent kills before systemd does, and after they are done"


def test_what_the_container_is_made_of_is_there() -> None:
    for line in re.findall(r"^COPY (?!--from)(.*)$", CONTAINER, re.MULTILINE):
        for name in shlex.split(line)[:-1]:
            assert (ROOT / name).exists(), name


@pytest.mark.skipif(
    find_spec("kubernetes_validate") is None, reason="pip install kubernetes-validate (100 MB of schemas)"
)
@pytest.mark.slow
def test_the_manifests_are_what_kubernetes_takes() -> None:
    validating = import_module("kubernetes_validate")
    for one in documents():
        validating.validate(one, validating.latest_version(), strict=True)


COSTS = r"\| (?P<what>[^|]+?) \| (?P<seconds>0\.[0-9 ]+) \| "
SUMS = r"\| [^|]+? \| (?P<a_day>[0-9,]+) \| (?P<sum>[^|=]+)= (?P<cores>[0-9.]+) \| (?P<euros>[0-9.]+) \|"
EURO_OF_A_CORE_HOUR = 0.04
NIGHT_H = 8
BUSY_MAX = 0.6


def test_the_sums_of_what_it_takes_are_right() -> None:
    """Each sum is computed anew, and is made of the costs in the table above it."""
    text = (ROOT / "docs" / "deploy.md").read_text("utf-8").split("## How much it takes")[1]
    told, sums = text.split("With these,")
    costs = {float(one["seconds"].replace(" ", "")) for one in re.finditer(COSTS, told)}
    assert len(costs) == 9
    rows = list(re.finditer(SUMS, sums))
    assert len(rows) == 4
    for row in rows:
        a_day, cores, sum_ = float(row["a_day"].replace(",", "")), float(row["cores"]), row["sum"]
        assert {float(each) for each in re.findall(r"0\.[0-9 ]*[0-9]", sum_.replace(" ", "")) if "00" in each} <= costs
        assert calculated(sum_) == pytest.approx(cores, rel=0.02)
        if "28,800" in sum_:
            number, hours = a_day, NIGHT_H
            assert number == calculated(sum_.split("×")[0] + "×" + sum_.split("×")[1].split("×")[0])
        else:
            hours = 24
            assert a_day == 86_400 * calculated(sum_.split("×")[0])
            assert sum_.rstrip().endswith(f"÷ {BUSY_MAX}")
        assert cores * hours * EURO_OF_A_CORE_HOUR == pytest.approx(float(row["euros"]), rel=0.05)


def calculated(told: str) -> float:
    """What a sum of the documentation comes to: numbers, ×, ÷, + and brackets, powers of ten as 10⁹."""
    for power, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹"):
        told = told.replace(f"10{digit}", f"1e{power}")
    told = told.replace(",", "").replace("×", "*").replace("÷", "/")
    told = re.sub(r"(?<=\d) (?=\d)", "", told)
    assert re.fullmatch(r"[0-9.e*/+() ]+", told), told
    return float(eval(told))
