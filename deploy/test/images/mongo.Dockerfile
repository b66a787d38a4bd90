# In place of MongoDB: the in-memory server of the tests. It has no replica sets, so mongosh only waits for it.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless && rm -rf /var/lib/apt/lists/*
COPY jars /jars
COPY classes /classes
COPY --chmod=755 mongod.sh /usr/local/bin/mongod
COPY --chmod=755 mongosh.sh /usr/local/bin/mongosh
