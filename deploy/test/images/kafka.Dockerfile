# In place of the image apache/kafka: the broker of the tests.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless && rm -rf /var/lib/apt/lists/*
COPY jars /jars
COPY --chmod=755 kafka.sh /usr/local/bin/kafka
CMD ["kafka"]
