#!/bin/bash
exec 3<>/dev/tcp/mongo/27017
