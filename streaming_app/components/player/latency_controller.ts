// Keeps playback as far from the live edge as the network needs: by hls.js's target, the rate, or a seek.

import type { LevelDetails } from "hls.js";
import type { DvrPosition } from "./dvr_position.ts";
import { LOW, type ModeSelector } from "./hls_mode.ts";
import { ahead } from "./hls_video.ts";
import { Jitter } from "./jitter.ts";
import { type LiveVideoElement, PLAIN_SEGMENTS_BEHIND } from "./live_video.ts";
import { PlaybackRate } from "./playback_rate.ts";

const LOW_PART_SECONDS = 0.15; // channels with shorter parts want the least delay, and accept stalls

export class LatencyController {
  private speed = new PlaybackRate();
  private jitter = new Jitter();

  constructor(
    private video: LiveVideoElement,
    private dvr: DvrPosition,
    private selector: ModeSelector,
  ) {}

  /** Discards the measurements, because playback starts again. */
  restart() {
    this.speed = new PlaybackRate();
    this.jitter.reset();
  }

  /** Discards the arrival times of parts, because playback continues elsewhere or from another publisher. */
  interrupted() {
    this.jitter.reset();
  }

  stalled() {
    if (this.dvr.atLive) this.speed.starve();
  }

  appended(type: string) {
    const { dvr, video, jitter } = this;
    if (type === "audio" || !dvr.atLive || video.seeking) return;
    jitter.arrived(performance.now(), video.currentTime + ahead(video));
  }

  /** Sets target and rate, or seeks; `isLive`: whether the stream is live. */
  keep(isLive: boolean) {
    const { dvr, video, speed } = this;
    const details = video.api?.latestLevelDetails;
    if (!details?.live || video.paused || video.seeking) return;
    const now = performance.now();
    const distance = this.distance(now, details);
    if (video.api && Math.abs((video.api.targetLatency ?? 0) - distance) > 0.01) video.api.targetLatency = distance;
    dvr.skipGap();
    const [live, late] = [dvr.live(), dvr.late()];
    if (!dvr.atLive || !isLive || live === null || late === null) this.setRate(1);
    else if (speed.shouldJump(late, ahead(video), distance)) video.currentTime = live;
    else this.setRate(speed.rate(now, late, ahead(video), distance));
  }

  /** Returns the distance in seconds: the playlist's own value, plus a margin after stalls or when parts arrive unevenly. */
  private distance(now: number, { partHoldBack, partTarget, targetduration }: LevelDetails): number {
    const afterStalls = this.selector.margin(now);
    if (this.selector.mode !== LOW || !partHoldBack) return PLAIN_SEGMENTS_BEHIND * targetduration + afterStalls;
    if (partTarget < LOW_PART_SECONDS) return partHoldBack + afterStalls;
    return partHoldBack + Math.max(afterStalls, this.jitter.margin(partTarget, partHoldBack));
  }

  private setRate(rate: number) {
    if (this.video.playbackRate !== rate) this.video.playbackRate = rate;
  }
}
