"""The Kubernetes manifests: built by kubectl as a person builds them, true to the schemas, fit for what they start."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from queries import DEPLOY
from ruamel.yaml import YAML

from newswatch.cli.main import COMMANDS
from newswatch.config_file import load_settings
from newswatch.settings import Settings
from streams import metrics

MANIFESTS = DEPLOY / "kubernetes"
ROLES = ("notify", "poll", "web", "work")
OLDEST, NEWEST = "1.30", "1.37"
"""Versions of Kubernetes whose schemas they are held against; the oldest is what kustomization.yaml asks for."""


def built(directory: Path = MANIFESTS) -> list[dict[str, Any]]:
    """Every object as `kubectl apply -k` would send it."""
    kubectl = Path(sys.executable).with_name("kubectl")
    command = [str(kubectl) if kubectl.exists() else shutil.which("kubectl") or "kubectl", "kustomize", str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    yaml = YAML(typ="safe")
    yaml.version = (1, 1)  # type: ignore[assignment]  # as Kubernetes reads it: 0440 is octal
    return list(yaml.load_all(done.stdout))


OBJECTS = built()


def named(kind: str) -> dict[str, Any]:
    return {one["metadata"]["name"]: one for one in OBJECTS if one["kind"] == kind}


def container(role: str) -> dict[str, Any]:
    (only,) = named("Deployment")[role]["spec"]["template"]["spec"]["containers"]
    return dict(only)


def settings(tmp_path: Path) -> Settings:
    """The settings that the pods read."""
    (config,) = named("ConfigMap").values()
    (tmp_path / "newswatch.yaml").write_text(config["data"]["newswatch.yaml"])
    return load_settings(tmp_path / "newswatch.yaml")


def labels_of(role: str) -> dict[str, str]:
    return dict(named("Deployment")[role]["spec"]["template"]["metadata"]["labels"])


def test_every_part_is_there() -> None:
    assert tuple(sorted(named("Deployment"))) == ROLES
    assert tuple(sorted(named("PodDisruptionBudget"))) == ROLES
    assert sorted(named("HorizontalPodAutoscaler")) == ["work"]
    assert sorted(named("Service")) == ["notify", "poll", "web", "web-pods", "work"]
    assert {one["metadata"].get("namespace") for one in OBJECTS if one["kind"] != "Namespace"} == {"newswatch"}
    listed = YAML(typ="safe").load((MANIFESTS / "kustomization.yaml").read_text())["resources"]
    beside = {"kustomization.yaml", "newswatch.yaml", "prometheus-adapter.yaml"}
    assert {path.name for path in MANIFESTS.glob("*.yaml")} - beside == set(listed)


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("one", OBJECTS, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_every_object_is_true_to_its_schema(one: dict[str, Any], version: str) -> None:
    assert kubernetes_validate.validate(one, version, strict=True) == version


@pytest.mark.parametrize(
    ("path", "value"),
    [(("spec", "replica"), 2), (("spec", "template", "spec", "containers", 0, "ports", 0, "containerPort"), "web")],
    ids=["a field that is none", "a value of another kind"],
)
def test_a_mistake_would_be_seen(path: tuple[Any, ...], value: object) -> None:
    one = next(each for each in built() if each["kind"] == "Deployment")
    inner = one
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(one, NEWEST, strict=True)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_our_command_on_settings_without_a_mistake(role: str, tmp_path: Path) -> None:
    command, option, path = container(role)["args"]
    assert command == role
    assert command in COMMANDS
    assert option == "--config"
    mounts = {mount["mountPath"]: mount["name"] for mount in container(role)["volumeMounts"]}
    volumes = {one["name"]: one for one in named("Deployment")[role]["spec"]["template"]["spec"]["volumes"]}
    assert set(mounts.values()) == set(volumes)
    (config,) = named("ConfigMap").values()
    assert volumes[mounts[str(Path(path).parent)]]["configMap"]["name"] == config["metadata"]["name"]
    assert Path(path).name in config["data"]
    found = settings(tmp_path)
    assert "emptyDir" in volumes[mounts[str(found.data_dir)]]
    assert "emptyDir" in volumes[mounts["/tmp"]]
    assert found.archive_password is not None
    secret = Path(found.archive_password.get_secret_value().removeprefix("file:"))
    assert volumes[mounts[str(secret.parent)]]["secret"]["secretName"] == "newswatch"
    told = (MANIFESTS / "kustomization.yaml").read_text()
    assert f"create secret generic newswatch --from-file={secret.name}=" in told


@pytest.mark.parametrize("role", ROLES)
def test_probes_ask_where_the_role_listens(role: str, tmp_path: Path) -> None:
    found = settings(tmp_path)
    listens = found.web.listen if role == "web" else found.web.metrics[role]  # type: ignore[index]
    (port,) = container(role)["ports"]
    assert listens == f"0.0.0.0:{port['containerPort']}"
    asked = {name: container(role)[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {one["port"] for one in asked.values()} == {port["name"]}
    assert [one["path"] for one in asked.values()] == ["/healthz", "/healthz", "/readyz"]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_runs_with_as_little_as_it_needs(role: str) -> None:
    pod = named("Deployment")[role]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    context = container(role)["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    resources = container(role)["resources"]
    assert set(resources["requests"]) == {"cpu", "memory"}
    assert "memory" in resources["limits"]
    assert re.fullmatch(r"newswatch:\d+\.\d+\.\d+", container(role)["image"])
    (secret,) = [volume["secret"] for volume in pod["volumes"] if "secret" in volume]
    assert secret["defaultMode"] == 0o440


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_never_gone_for_a_disruption_or_a_new_version(role: str) -> None:
    deployment, budget = named("Deployment")[role]["spec"], named("PodDisruptionBudget")[role]["spec"]
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"].items() <= labels_of(role).items()
    assert deployment["selector"]["matchLabels"].items() <= labels_of(role).items()
    fewest = named("HorizontalPodAutoscaler")[role]["spec"]["minReplicas"] if role == "work" else deployment["replicas"]
    assert fewest >= 2


def test_workers_are_as_many_as_a_backlog_that_we_export_asks_for(tmp_path: Path) -> None:
    scaled = named("HorizontalPodAutoscaler")["work"]["spec"]
    assert scaled["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "work"}
    assert "replicas" not in named("Deployment")["work"]["spec"]  # each `apply` would undo what the autoscaler did
    assert scaled["maxReplicas"] == settings(tmp_path).kafka.partitions
    (metric,) = scaled["metrics"]
    (rule,) = YAML(typ="safe").load((MANIFESTS / "prometheus-adapter.yaml").read_text())["rules"]["external"]
    asked = metric["external"]["metric"]["name"]
    assert rule["name"]["as"] == asked == metrics.ARTICLES_WAITING._name
    assert rule["seriesQuery"].startswith(f"{asked}{{")


def test_only_what_is_said_may_talk() -> None:
    policies = named("NetworkPolicy")
    everything = policies["nothing-else"]["spec"]
    assert everything == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    roles = policies["the-world"]["spec"]["podSelector"]["matchExpressions"][0]["values"]
    assert sorted(roles) == ["notify", "poll", "web"]  # what reads articles has no way out
    (world,) = policies["the-world"]["spec"]["egress"]
    assert "10.0.0.0/8" in world["to"][0]["ipBlock"]["except"]
    components = {labels_of(role)["app.kubernetes.io/component"] for role in ROLES}
    assert set(roles) < components
    ports = {
        port["port"] for policy in ("metrics", "people") for port in policies[policy]["spec"]["ingress"][0]["ports"]
    }
    assert ports == {container(role)["ports"][0]["name"] for role in ROLES}
    service = named("Service")["web"]
    assert service["spec"]["selector"].items() <= labels_of("web").items()
    assert service["spec"]["ports"][0]["targetPort"] == container("web")["ports"][0]["name"]


def test_archive_and_kafka_are_where_the_policies_let_us(tmp_path: Path) -> None:
    found = settings(tmp_path)
    (_, data) = named("NetworkPolicy")["names-kafka-and-archive"]["spec"]["egress"]
    space = data["to"][0]["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    assert [port["port"] for port in data["ports"]] == [9092, 5432]
    assert all(server.endswith(f".{space}.svc:9092") for server in found.kafka.external().servers())
    assert f".{space}.svc/" in found.archive


@pytest.mark.parametrize("role", ROLES)
def test_prometheus_asks_every_pod_under_the_job_that_the_rules_name(role: str) -> None:
    jobs = {
        job["job_name"]: job
        for job in YAML(typ="safe").load((MANIFESTS / "prometheus.yml").read_text())["scrape_configs"]
    }
    assert tuple(sorted(jobs)) == ROLES
    (asked,) = jobs[role]["dns_sd_configs"]
    ((name, space, _),) = [one.split(".") for one in asked["names"]]
    service = named("Service")[name]
    assert (service["spec"]["clusterIP"], service["metadata"]["namespace"]) == ("None", space)
    assert service["spec"]["selector"].items() <= labels_of(role).items()
    assert asked["port"] == service["spec"]["ports"][0]["port"] == container(role)["ports"][0]["containerPort"]
    assert jobs[role]["relabel_configs"] == [{"target_label": "namespace", "replacement": space}]


@pytest.mark.services
def test_promtool_is_content_with_the_scraping(tmp_path: Path, program_of: Callable[[str, str], str]) -> None:
    shutil.copytree(DEPLOY / "prometheus", tmp_path / "prometheus")
    (tmp_path / "kubernetes").mkdir()
    shutil.copy(MANIFESTS / "prometheus.yml", tmp_path / "kubernetes")
    command = [program_of("promtool", "PROMETHEUS"), "check", "config", str(tmp_path / "kubernetes" / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout
