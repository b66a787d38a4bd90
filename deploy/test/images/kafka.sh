#!/bin/sh
# As in the image apache/kafka, KAFKA_NODE_ID=1 becomes node.id=1.
set -eu
properties=/tmp/server.properties
env | sed -n 's/^KAFKA_//p' | grep -v '^HEAP_OPTS=' | while IFS='=' read -r name value; do
  echo "$(echo "$name" | tr 'A-Z_' 'a-z.')=$value"
done >"$properties"
java() { command java -Xmx128m -cp "/jars/*" "$@"; }
if [ ! -e "$KAFKA_LOG_DIRS/meta.properties" ]; then
  java kafka.tools.StorageTool format -c "$properties" --cluster-id=5L6g3nShT-eMCtK--X86sw
fi
exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '/jars/*' kafka.Kafka "$properties"
