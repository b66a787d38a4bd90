// Which rendition of a real-time stream is received: the viewer's choice, or the best one for which the network is fast
// enough. The menu "Quality" shows them. Low latency and plain HLS have the renditions of hls.js.

import type { VideoRenditionList, VideoTrack, VideoTrackList } from "media-tracks";
import type { HlsVideo } from "../hls_video.ts";
import { type Frame, RENDITION_REMOVED, type Receiver, type Rendition } from "./realtime_socket.ts";
import { RenditionSwitch } from "./rendition_switch.ts";

const SOURCE = "source";
const SWITCH_MS = 10_000; // after this time, playback restarts instead
const RAISE_MS = 30_000;
const RAISE_MAX_MS = 480_000;

/** The video element with what its library's types leave out: what it inherits from media-tracks. */
type VideoWithTracks = HlsVideo & {
  readonly videoTracks: VideoTrackList;
  readonly videoRenditions: VideoRenditionList;
  addVideoTrack(kind: string): VideoTrack;
  removeVideoTrack(track: VideoTrack): void;
};

/** What plays the renditions. */
export type RenditionPlayer = {
  readonly receiver: Receiver;
  readonly pacer: { arrived(now: number, time: number): void };
  adopt(disconnect: () => void): void;
  restart(): void;
};

export class Quality {
  private video: VideoWithTracks;
  private rendition = SOURCE;
  private wanted = ""; // empty for the automatic choice
  private url = "";
  private offered: readonly Rendition[] = [];
  private change: { to: string; since: number; connection: RenditionSwitch } | null = null;
  private raiseAt = 0;
  private raiseMs = RAISE_MS;

  constructor(
    video: HlsVideo,
    private player: RenditionPlayer,
  ) {
    this.video = video as VideoWithTracks;
    const { videoRenditions } = this.video;
    videoRenditions.addEventListener("change", (event) => {
      if (!this.offered.length) return;
      // hls-video-element listens too, and would fail while it plays nothing.
      event.stopImmediatePropagation();
      this.choose(this.offered[videoRenditions.selectedIndex]?.name ?? "");
    });
  }

  /** Returns the URL of the rendition to play first. `url` is that of the source. */
  begin(url: string): string {
    this.url = url;
    return this.urlOf(this.rendition);
  }

  stop() {
    this.cancel();
    if (this.offered.length) this.show([]); // otherwise the renditions are those of hls.js
  }

  /** Returns the video frames to append when `frame` arrives: during a change of the rendition some have to wait. */
  next(frame: Frame): Frame[] {
    this.watch(performance.now());
    return this.change?.connection.next(frame, this.video.currentTime) ?? [frame];
  }

  private watch(now: number) {
    if (this.change && now - this.change.since > SWITCH_MS) {
      this.rendition = this.change.to;
      this.player.restart();
    } else if (!this.change && !this.wanted && this.index > 0 && now >= this.raiseAt) {
      this.wait(now);
      this.switchTo(this.offered[this.index - 1].name);
    }
  }

  /** Chooses the next smaller rendition for the next start, unless the viewer has chosen; returns whether there is one. */
  lower(now: number): boolean {
    const smaller = this.offered[this.index + 1];
    if (this.wanted || !smaller) return false;
    this.rendition = smaller.name;
    this.wait(now);
    return true;
  }

  /** Returns whether the rendition does not exist any longer, so that the next start plays the source. */
  isLost(code: number, hasPlayed: boolean): boolean {
    const isLost = this.rendition !== SOURCE && (code === RENDITION_REMOVED || !hasPlayed);
    if (isLost) this.rendition = SOURCE;
    return isLost;
  }

  private get index(): number {
    return this.offered.findIndex(({ name }) => name === this.rendition);
  }

  /** Waits before the next attempt with a larger rendition, longer after each. */
  private wait(now: number) {
    this.raiseAt = now + this.raiseMs;
    this.raiseMs = Math.min(RAISE_MAX_MS, 2 * this.raiseMs);
  }

  private choose(name: string) {
    if (name === this.wanted) return;
    this.wanted = name;
    this.show(this.offered);
    this.switchTo(name || SOURCE);
  }

  private switchTo(name: string) {
    this.cancel();
    if (name === this.rendition) return;
    const onSwitch = (disconnect: () => void) => {
      this.change = null;
      this.rendition = name;
      this.player.adopt(disconnect);
    };
    const onArrival = (time: number) => this.player.pacer.arrived(performance.now(), time);
    const connection = new RenditionSwitch(this.urlOf(name), this.player.receiver, onArrival, onSwitch);
    this.change = { to: name, since: performance.now(), connection };
  }

  private cancel() {
    this.change?.connection.cancel();
    this.change = null;
  }

  /** Shows the renditions that can be played, the source first. */
  show(renditions: readonly Rendition[]) {
    const { video, wanted } = this;
    this.offered = renditions;
    for (const track of [...video.videoTracks]) video.removeVideoTrack(track);
    if (renditions.length < 2) return;
    const track = video.addVideoTrack("main");
    track.selected = true;
    for (const { name, width, height, bitrate } of renditions) {
      track.addRendition(name, width, height, undefined, bitrate || undefined).id = name;
    }
    const index = renditions.findIndex(({ name }) => name === wanted);
    if (index >= 0) video.videoRenditions.selectedIndex = index;
  }

  private urlOf(name: string): string {
    return this.url.replace(/[^/]*$/, name);
  }
}
