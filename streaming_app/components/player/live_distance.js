// Keeps the picture of a live stream as far from its live edge as it needs: by a target for hls.js, a rate, or a leap.

import { LOW, Pace } from "./delivery.ts";
import { Jitter } from "./jitter.ts";
import { PLAIN_SEGMENTS_BEHIND, ahead } from "./live_video.js";

const PATIENT_PART_SECONDS = 0.15; // channels with shorter parts want the least delay, whatever it costs

export class LiveDistance {
  constructor(video, place, delivery) {
    this.video = video;
    this.place = place;
    this.delivery = delivery;
    this.pace = new Pace();
    this.jitter = new Jitter();
  }

  /** Playback starts anew. */
  restart() {
    this.pace = new Pace();
    this.jitter.reset();
  }

  /** The picture goes on elsewhere, or from another publisher: what comes next says nothing of how parts come. */
  interrupted() {
    this.jitter.reset();
  }

  /** Playback ran dry. */
  starve() {
    if (this.place.atLive) this.pace.starve();
  }

  /** Something more can be played. */
  appended(type) {
    const { place, video } = this;
    if (type !== "audio" && place.atLive && !video.seeking) this.jitter.arrived(performance.now(), video.currentTime + ahead(video));
  }

  /** Set target and rate, or leap; `isLive`: whether the stream is on. */
  keep(isLive) {
    const { place, video } = this;
    const { api } = video;
    const now = performance.now();
    const distance = this.distance(now, api.latestLevelDetails);
    if (Math.abs(api.targetLatency - distance) > 0.01) api.targetLatency = distance;
    const late = place.late();
    place.skipHole();
    if (!place.atLive || !isLive) this.setRate(1);
    else if (this.pace.shouldJump(late, ahead(video), distance)) video.currentTime = place.live();
    else this.setRate(this.pace.rate(now, late, ahead(video), distance));
  }

  /** Seconds: what the server asks for, and more because of recent stalls, or because parts come unevenly. */
  distance(now, { partHoldBack, partTarget, targetduration }) {
    const afterStalls = this.delivery.margin(now);
    if (this.delivery.mode !== LOW || !partHoldBack) return PLAIN_SEGMENTS_BEHIND * targetduration + afterStalls;
    if (partTarget < PATIENT_PART_SECONDS) return partHoldBack + afterStalls;
    return partHoldBack + Math.max(afterStalls, this.jitter.margin(partTarget, partHoldBack));
  }

  setRate(rate) {
    if (this.video.playbackRate !== rate) this.video.playbackRate = rate;
  }
}
