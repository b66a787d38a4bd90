// The delays before the feed connects again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RECONNECTION } from "../../../streaming_app/components/feed/feed_client.ts";

test("the feed connects again within two seconds while the site may be restarting", () => {
  let lostForMs = 0;
  for (let delay = RECONNECTION.minReconnectionDelay; lostForMs < 30000; delay *= RECONNECTION.reconnectionDelayGrowFactor) {
    assert.ok(delay < 2000, `the delay is ${delay} ms, ${lostForMs} ms after the connection was lost`);
    lostForMs += delay;
  }
});

test("the delay is never longer than fifteen seconds", () => {
  assert.ok(RECONNECTION.maxReconnectionDelay <= 15000);
});
