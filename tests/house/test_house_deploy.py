"""What is deployed: the compose file, its settings, its scrape targets, and what the wheel in the image holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from newswatch.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
ROLES = ("poll", "work", "notify", "web")
PINNED = re.compile(r"^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$")


def yaml(name: str) -> Any:
    return YAML(typ="safe").load((REPOSITORY / name).read_text())


def services() -> dict[str, Any]:
    return dict(yaml("docker-compose.yml")["services"])


def settings() -> Settings:
    return Settings.model_validate(yaml("deploy/newswatch.yaml"))


def test_every_part_is_there_and_looked_after() -> None:
    assert set(services()) == {"kafka", "postgres", "prometheus", "alertmanager", "grafana", *ROLES}
    for name, service in services().items():
        test = service["healthcheck"]["test"]
        assert test[0] == "CMD", name
        assert all(isinstance(word, str) for word in test), name
        assert service["restart"] == "unless-stopped", name


def test_every_image_is_pinned() -> None:
    images = {name: service["image"] for name, service in services().items()}
    assert {name: image for name, image in images.items() if not PINNED.match(image)} == {}
    assert not PINNED.match("prom/prometheus:latest")
    assert not PINNED.match("prom/prometheus")


def test_every_volume_and_file_that_is_mounted_exists() -> None:
    named = set(yaml("docker-compose.yml")["volumes"])
    used = set()
    for service in services().values():
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            if source.startswith("."):
                assert (REPOSITORY / source).exists(), source
            else:
                used.add(source)
    assert used == named


def test_everything_that_is_waited_for_is_a_service() -> None:
    for service in services().values():
        assert set(service.get("depends_on", ())) <= set(services())


def test_secrets_come_by_file_and_none_is_in_the_repository() -> None:
    secrets = yaml("docker-compose.yml")["secrets"]
    used = {name for service in services().values() for name in service.get("secrets", ())}
    assert used == set(secrets)
    for secret in secrets.values():
        assert secret["file"].startswith("./deploy/secrets/")
        ignored = subprocess.run(["git", "check-ignore", "--quiet", secret["file"]], cwd=REPOSITORY, check=False)
        assert ignored.returncode == 0
    found = settings()
    assert found.archive_password is not None
    assert found.archive_password.get_secret_value() == "file:/run/secrets/archive_password"
    for role in ROLES:
        assert services()[role]["secrets"] == ["archive_password"]
        assert services()[role]["read_only"] is True


def test_the_archive_is_the_database_that_compose_starts() -> None:
    environment = services()["postgres"]["environment"]
    user, database = environment["POSTGRES_USER"], environment["POSTGRES_DB"]
    assert settings().archive == f"postgresql://{user}@postgres/{database}"


def test_nothing_is_open_to_the_world() -> None:
    ports = [port for service in services().values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_kafka_is_the_version_that_the_tests_run() -> None:
    tree = ElementTree.parse(REPOSITORY / "tests/kafka/pom.xml")  # our own file
    version = tree.findtext(".//{http://maven.apache.org/POM/4.0.0}kafka.version")
    assert services()["kafka"]["image"] == f"apache/kafka:{version}"


@pytest.mark.parametrize("role", ROLES)
def test_every_role_is_a_command_that_takes_the_settings(role: str) -> None:
    command, option, path = services()[role]["command"]
    assert command == role
    assert f"./deploy/newswatch.yaml:{path}:ro" in services()[role]["volumes"]
    newswatch = Path(sys.executable).with_name("newswatch")
    plain = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200"}
    told = subprocess.run(
        [newswatch, command, "--help"], env=plain, capture_output=True, text=True, check=False, timeout=120
    )
    assert told.returncode == 0, told.stderr
    assert option in told.stdout


def test_the_settings_are_good_and_fit_the_compose_file() -> None:
    found = settings()
    kafka = services()["kafka"]["environment"]
    assert f"PLAINTEXT://{found.kafka.bootstrap}" == kafka["KAFKA_ADVERTISED_LISTENERS"]
    mounts = services()["poll"]["volumes"]
    assert f"data:{found.data_dir}" in mounts
    assert found.feeds
    assert found.watches


def test_prometheus_scrapes_each_role_where_it_listens() -> None:
    found = settings()
    listens = {role: found.web.listen if role == "web" else found.web.metrics[role] for role in ROLES}
    assert all(listen.startswith("0.0.0.0:") for listen in listens.values())
    ports = {role: listen.rsplit(":", 1)[1] for role, listen in listens.items()}
    targets = {}
    for job in yaml("deploy/prometheus/prometheus.yml")["scrape_configs"]:
        named = [target for group in job.get("static_configs", ()) for target in group["targets"]]
        named += [f"{name}:{group['port']}" for group in job.get("dns_sd_configs", ()) for name in group["names"]]
        targets[job["job_name"]] = named
    assert targets == {role: [f"{role}:{port}"] for role, port in ports.items()}
    for role, port in ports.items():
        assert f"127.0.0.1:{port}/" in services()[role]["healthcheck"]["test"][-1]


def test_the_wheel_holds_everything_that_the_rooms_need(tmp_path: Path) -> None:
    wanted = set()
    (tmp_path / "source").mkdir()
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    rooms = ("newswatch", "agents", "streams")
    build = ("pyproject.toml", "README.md", "LICENSE")
    names = subprocess.run([*listed, *rooms, *build], cwd=REPOSITORY, capture_output=True, check=True).stdout.decode()
    for name in filter(None, names.split("\0")):
        if not (REPOSITORY / name).is_file():
            continue
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_bytes((REPOSITORY / name).read_bytes())
        if name not in build:
            wanted.add(name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [*command, "--wheel-dir", str(tmp_path), str(tmp_path / "source")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert sorted(wanted - held) == []
