"""A real Prometheus that scrapes a site by ``deploy/prometheus/prometheus.yaml`` and evaluates our alerts."""

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.rig.ports import HOST, free_port, is_open
from tests.rig.processes import Process

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yaml"
CONFIG = ROOT / "deploy/prometheus/prometheus.yaml"
DEFAULT_PORT = 8100
"""Default of ``METRICS_PORT``, which the configuration contains."""


class Prometheus:
    """A running server."""

    def __init__(self, port: int) -> None:
        self._url = f"http://{HOST}:{port}/api/v1"

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the time series of a query, each with its labels in ``metric`` and its newest ``value``."""
        return self._get("query", query=expression)["result"]

    def targets(self) -> dict[int, str]:
        """Return the health of every scraped process, by port: ``up``, ``down`` or ``unknown``."""
        active = self._get("targets")["activeTargets"]
        return {int(target["labels"]["instance"].rpartition(":")[2]): target["health"] for target in active}

    def rules(self) -> dict[str, str]:
        """Return the health of every alert, by name: ``ok``, ``err`` or ``unknown``."""
        groups = self._get("rules")["groups"]
        return {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}

    def _get(self, what: str, **parameters: str) -> dict[str, Any]:
        with urlopen(f"{self._url}/{what}?{urlencode(parameters)}", timeout=10) as answer:  # noqa: S310 - our own
            return json.load(answer)["data"]


@contextmanager
def running_prometheus(folder: Path, metrics_port: int) -> Generator[Prometheus]:
    """Run Prometheus for a site whose ``METRICS_PORT`` is ``metrics_port``, while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    port, config = free_port(), folder / "prometheus.yml"
    config.write_text(
        f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: ['{ALERTS}']\n"
        + scrape_config(metrics_port),
        encoding="utf-8",
    )
    command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}", "--log.level=warn"]
    process = Process("Prometheus", [*command, f"--web.listen-address={HOST}:{port}"], folder / "prometheus.log")
    try:
        process.wait_until(lambda: is_open(port), "it listened")
        yield Prometheus(port)
    finally:
        process.stop()


def dashboard_queries() -> list[str]:
    """Return all queries of the dashboard for Grafana."""
    panels = json.loads((ROOT / "deploy/grafana/dashboard.json").read_text(encoding="utf-8"))["panels"]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    return [query.replace("$__rate_interval", "1m") for query in queries]


def scrape_config(metrics_port: int) -> str:
    """Return the delivered scrape configuration of the site, with all its processes and the ports of this site."""
    [config] = re.findall(
        r"^scrape_configs:.*?(?=\n  - job_name: node)", CONFIG.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    everybody = config.replace("# - targets:", "- targets:")
    return re.sub(r"(?<=127\.0\.0\.1:)(\d+)", lambda port: str(int(port[0]) - DEFAULT_PORT + metrics_port), everybody)
