#!/usr/bin/env bash
# Build the pages if they have changed, serve the site in production mode and keep it running until SIGINT or SIGTERM.
#
# Granian, Reflex's server, is a parent and a worker. When the worker dies the parent ends, and this script starts both
# again. When the parent is killed the worker lives on and holds the port: what is left of the group is killed first.
set -u -m # -m: the site gets a process group of its own
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" REFLEX_USE_NPM=1 REFLEX_TELEMETRY_ENABLED=false
export GRANIAN_WORKERS="${GRANIAN_WORKERS:-1}" # read by both ways to start; more than one needs REDIS_URL

unset PYTHONDONTWRITEBYTECODE                  # a start that compiles every module takes twice as long

STOP_SECONDS=10
LONGEST_PAUSE_SECONDS=30
HEALTHY_SECONDS=60 # having lived so long, a death is an accident of its own

settings='
from streaming_app.backend.config import read_settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.supervisor import check_ports
from streaming_app.backend.supervisor.ports import Wanted
try:
    settings = read_settings()
    ours = {"WEB_PORT": settings.web_port, **({"FEED_PORT": settings.feed_port} if settings.feed == "web" else {})}
    for name, port in ours.items():
        wanted = Wanted(name, "127.0.0.1", port)
        if not wanted.is_free():
            raise wanted.taken()
    if "nginx" in settings.supervise:
        check_ports(settings)
except SetupError as wrong:
    raise SystemExit(str(wrong))
print(settings.web_port, str(settings.public_url or f"http://localhost:{settings.http_port}").rstrip("/"))
'
facts=$(python -c "$settings") || exit 1
read -r port url <<<"$facts"

is_open() { (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

answers() { # the parent listens before the worker serves: only an answer counts
  (exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'HEAD / HTTP/1.0\r\n\r\n' >&3 && read -rt 1 <&3) 2>/dev/null
}

kill_rest() {
  kill -KILL -- "-$site" 2>/dev/null
  for _ in {1..50}; do
    is_open || return
    sleep 0.1
  done
}

stop() {
  trap kill_rest INT TERM # asked twice
  kill -TERM "$site" 2>/dev/null
  for ((tenths = 0; tenths < STOP_SECONDS * 10; tenths++)); do
    kill -0 "$site" 2>/dev/null || break
    sleep 0.1
  done
  kill_rest
  exit 0
}

python scripts/build_pages.py || exit 1

serve=(
  env REFLEX_ENV_MODE=prod __REFLEX_SKIP_COMPILE=true __REFLEX_MOUNT_FRONTEND_COMPILED_APP=true
  granian --interface asgi --factory --host 127.0.0.1 --port "$port" --log-level warning
  streaming_app.streaming_app:app
)
has_answered=
pause=1
while true; do
  started=$SECONDS
  setpriv --pdeathsig TERM "${serve[@]}" </dev/null &
  site=$!
  trap stop INT TERM
  while [ -z "$has_answered" ] && kill -0 "$site" 2>/dev/null; do
    answers && has_answered=yes && echo "The site is up: $url"
    sleep 0.2
  done
  wait "$site"
  code=$?
  kill_rest
  if [ -z "$has_answered" ] && ((code < 128)); then # not killed, and what is wrong now will be wrong again
    echo "The site did not start; what is above says why." >&2
    exit $((code == 0 ? 1 : code))
  fi
  ((SECONDS - started >= HEALTHY_SECONDS)) && pause=1
  echo "The web process ended ($code); starting it again in $pause s." >&2
  sleep "$pause" &
  wait $!
  pause=$((pause * 2 < LONGEST_PAUSE_SECONDS ? pause * 2 : LONGEST_PAUSE_SECONDS))
done
