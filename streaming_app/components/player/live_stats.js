// What there is to tell about how a live stream is played.

import { Hls } from "hls-video-element";
import { ServerClock } from "./delivery.ts";
import { ahead } from "./live_video.js";

const PLAIN_NAME = /\/(\d{13})\.ts(?:\?|$)/; // nginx-rtmp names a fragment by the Unix time at which it began

export class LiveStats {
  constructor(video, delivery) {
    this.video = video;
    this.delivery = delivery;
    this.serverClock = new ServerClock();
    this.stalls = 0;
  }

  listen(hls) {
    const { Events } = Hls;
    hls.on(Events.FRAG_CHANGED, (_, { frag }) => (this.fragment = frag));
    hls.on(Events.FRAG_LOADED, (_, { part, networkDetails }) => part && this.compareClocks(part.stats.loading, networkDetails));
  }

  compareClocks(loading, answer) {
    const date = Date.parse(answer?.getResponseHeader?.("Date"));
    this.serverClock.heard(date, performance.timeOrigin + loading.start, performance.timeOrigin + loading.first);
  }

  read() {
    const { video, delivery } = this;
    const { api } = video;
    const level = api?.levels?.[api.currentLevel];
    const quality = video.nativeEl.getVideoPlaybackQuality?.();
    const capturedAt = this.capturedAt();
    return {
      mode: api ? delivery.mode : "native",
      why: delivery.why,
      delay: capturedAt && (Date.now() + this.serverClock.aheadMs - capturedAt) / 1000,
      target: api?.targetLatency ?? null,
      ahead: ahead(video),
      width: video.videoWidth,
      height: video.videoHeight,
      level: level && api.levels.length > 1 ? level.name || `${level.height}p` : "",
      bitrate: level?.bitrate || null,
      frames: quality?.totalVideoFrames ?? null,
      dropped: quality?.droppedVideoFrames ?? null,
      bandwidth: api?.bandwidthEstimate ?? null,
      stalls: this.stalls,
      rate: video.playbackRate,
    };
  }

  /** Unix time in ms at which the server got what is shown now, by its own clock; `null` where nothing tells. */
  capturedAt() {
    const { video, fragment } = this;
    const { api } = video;
    if (!api) return Number(video.nativeEl.getStartDate?.()) + video.currentTime * 1000 || null;
    if (api.playingDate) return api.playingDate.getTime();
    const name = fragment && PLAIN_NAME.exec(fragment.url);
    return name ? Number(name[1]) + (video.currentTime - fragment.start) * 1000 : null;
  }
}
