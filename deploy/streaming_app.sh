#!/bin/sh
# Run a command of the site as its user, with its settings and limits: `streaming_app doctor`. For root, with systemd.
# Copy it to /usr/local/sbin/streaming_app. SETTINGS names another file of settings, for example of a restored copy.
set -eu
exec systemd-run --quiet --pipe --wait --collect --uid=streaming_app --working-directory=/opt/streaming_app \
  --setenv=DATA_DIR=/var/lib/streaming_app/data --setenv=HOME=/var/lib/streaming_app \
  --property=EnvironmentFile="${SETTINGS:--/etc/streaming_app.env}" --property=UMask=0077 \
  --property=LimitNOFILE=200000 --property=AmbientCapabilities=CAP_NET_BIND_SERVICE \
  /opt/streaming_app/.venv/bin/python -m streaming_app.backend "$@"
