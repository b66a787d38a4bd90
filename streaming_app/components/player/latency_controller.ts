// Keeps playback as far from the live edge as the network needs: by hls.js's target, the rate, or a seek.

import type { LevelDetails } from "hls.js";
import { LOW, type ModeSelector } from "./delivery_mode.ts";
import type { DvrPosition } from "./dvr_position.ts";
import type { HlsVideo } from "./hls_video.ts";
import { Jitter } from "./jitter.ts";
import { PLAIN_SEGMENTS_BEHIND } from "./live_config.ts";
import { PlaybackRate } from "./playback_rate.ts";

const GAP_MAX_SECONDS = 2;
const GAP_SECONDS = 0.02;
const REST_SECONDS = 0.15; // sound without a picture is not played

export class LatencyController {
  speed = new PlaybackRate();
  jitter = new Jitter();

  constructor(
    private video: HlsVideo,
    private dvr: DvrPosition,
    private selector: ModeSelector,
  ) {}

  /** Records when a part can be played. Sound is appended separately, and would count each part twice. */
  appended(type: string) {
    const { dvr, video, jitter } = this;
    if (type === "audio" || !dvr.atLive || video.seeking) return;
    jitter.arrived(performance.now(), video.currentTime + video.ahead);
  }

  /** Sets target and rate, or seeks; `isLive`: whether the stream is live. */
  keep(isLive: boolean) {
    const { dvr, speed, video } = this;
    const { ahead, api, paused, seeking } = video;
    const details = api?.latestLevelDetails;
    if (!api || !details?.live || paused || seeking) return;
    const now = performance.now();
    const distance = this.distance(now, details);
    api.targetLatency = distance;
    this.skipGap();
    const position = dvr.position();
    let rate = 1;
    if (dvr.atLive && isLive && position) {
      if (speed.shouldJump(position.late, ahead, distance)) {
        video.currentTime = position.live;
        return;
      }
      rate = speed.rate(now, position.late, ahead, distance);
    }
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  /** Returns the distance in seconds: the playlist's own value, plus a margin after stalls or when parts arrive unevenly. */
  private distance(now: number, { partHoldBack, partTarget, targetduration }: LevelDetails): number {
    const afterStalls = this.selector.margin(now);
    if (this.selector.mode !== LOW || !partHoldBack) return PLAIN_SEGMENTS_BEHIND * targetduration + afterStalls;
    return partHoldBack + Math.max(afterStalls, this.jitter.margin(partTarget, partHoldBack));
  }

  /** Seeks over a gap in the buffer, as between two publishers, where hls.js waits. */
  private skipGap() {
    const { api, currentTime, readyState } = this.video;
    const { len = 0, nextStart = Infinity } = api?.mainForwardBufferInfo ?? {};
    if (readyState >= HTMLMediaElement.HAVE_FUTURE_DATA || len > REST_SECONDS) return;
    if (nextStart - currentTime < GAP_MAX_SECONDS) this.video.currentTime = nextStart + GAP_SECONDS;
  }
}
