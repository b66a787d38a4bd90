#!/bin/sh
# Install Debian packages, as root, without starting or enabling their services, because the site runs its own nginx.
# Of alternatives, 'this|that', the first one that apt knows is installed. Unknown packages are ignored.
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
new=
for server in nginx caddy; do
  command -v "$server" >/dev/null || new="$new $server"
done

if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

apt-get -q update
packages=
for alternatives in "$@"; do
  for package in $(echo "$alternatives" | tr '|' ' '); do
    if apt-cache show "$package" >/dev/null 2>&1; then
      packages="$packages $package"
      break
    fi
  done
done
# shellcheck disable=SC2086  # a list of words
apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends $packages

for server in $new; do # or they would use port 80 after the next boot
  if command -v "$server" >/dev/null; then
    if command -v systemctl >/dev/null; then systemctl disable "$server"; else update-rc.d "$server" disable; fi
  fi
done
