"""The configuration and the alert rules in ``deploy/prometheus``, and the dashboard in ``deploy/grafana``."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.rig.metrics_table import metrics_table
from tests.rig.prometheus import ALERTS, CONFIG, dashboard_queries

FIRST, LATER = (
    f"{{exp_labels: {{severity: warning, instance: web, logger: {logger}}},"
    f' exp_annotations: {{summary: "web has logged errors: {logger}"}}}}'
    for logger in ("first", "later")
)
CASES = f"""
rule_files: ["{ALERTS}"]
evaluation_interval: 1m
tests:
  - name: the first error of a logger, and another one later
    interval: 1m
    input_series:
      - series: streaming_app_log_records_total{{instance="web", logger="first", level="error"}}
        values: _x5 1x60
      - series: streaming_app_log_records_total{{instance="web", logger="later", level="error"}}
        values: 1x40 2x25
      - series: streaming_app_log_records_total{{instance="web", logger="quiet", level="warning"}}
        values: _x5 1x60
    alert_rule_test:
      - {{eval_time: 4m, alertname: Errors, exp_alerts: [{LATER}]}}
      - {{eval_time: 6m, alertname: Errors, exp_alerts: [{FIRST}, {LATER}]}}
      - {{eval_time: 12m, alertname: Errors, exp_alerts: [{FIRST}]}}
      - {{eval_time: 30m, alertname: Errors, exp_alerts: []}}
      - {{eval_time: 45m, alertname: Errors, exp_alerts: [{LATER}]}}
"""


@pytest.mark.parametrize(
    "command",
    [
        ["promtool", "check", "rules", ALERTS],
        ["promtool", "check", "config", CONFIG],
        ["amtool", "check-config", CONFIG.with_name("alertmanager.yaml")],
    ],
    ids=lambda command: command[-1].name,
)
def test_the_delivered_configuration_is_accepted(command: list[str | Path]) -> None:
    checked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_alert_about_errors_sees_the_first_error_of_a_logger(tmp_path: Path) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(CASES, encoding="utf-8")

    tested = subprocess.run(["promtool", "test", "rules", cases], capture_output=True, text=True, check=False)  # noqa: S603, S607

    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_alerts_and_dashboard_use_existing_metrics_only() -> None:
    text = "\n".join([ALERTS.read_text(encoding="utf-8"), *dashboard_queries()])
    used = set(re.findall(r"streaming_app_\w+", text))
    known = set(re.findall(r"`(streaming_app_\w+)`", "\n".join(metrics_table())))

    assert {re.sub("_(bucket|sum|count)$", "", name) for name in used} <= known
