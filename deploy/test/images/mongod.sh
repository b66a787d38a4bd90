#!/bin/sh
exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '/jars/*:/classes' MongoForTests 27017 0.0.0.0
