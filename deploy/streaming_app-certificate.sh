#!/bin/sh
# Let the site read and use a certificate that certbot has just received: `certbot --deploy-hook` (docs/operate.md).
# No stream is interrupted. certbot keeps the group and mode of the key when it renews it.
set -eu
key=$(readlink -f "$RENEWED_LINEAGE/privkey.pem")
chgrp streaming_app /etc/letsencrypt/live /etc/letsencrypt/archive "$key"
chmod 750 /etc/letsencrypt/live /etc/letsencrypt/archive
chmod 640 "$key"

pid=/var/lib/streaming_app/data/nginx/front/nginx.pid
if [ -e "$pid" ]; then # as the site's user, because that user writes the file
  runuser -u streaming_app -- sh -c "kill -HUP \"\$(cat $pid)\""
fi
