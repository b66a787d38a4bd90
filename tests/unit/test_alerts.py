"""The alert rules in ``deploy/prometheus``, and the dashboard in ``deploy/grafana``."""

import re
import subprocess

from tests.rig.metrics_table import metrics_table
from tests.rig.prometheus import ALERTS, dashboard_queries


def test_promtool_accepts_the_alerts() -> None:
    checked = subprocess.run(["promtool", "check", "rules", ALERTS], capture_output=True, text=True, check=False)  # noqa: S603, S607

    assert checked.returncode == 0, checked.stderr


def test_alerts_and_dashboard_use_existing_metrics_only() -> None:
    text = "\n".join([ALERTS.read_text(encoding="utf-8"), *dashboard_queries()])
    used = set(re.findall(r"streaming_app_\w+", text))
    known = set(re.findall(r"`(streaming_app_\w+)`", "\n".join(metrics_table())))

    assert {re.sub("_(bucket|sum|count)$", "", name) for name in used} <= known
