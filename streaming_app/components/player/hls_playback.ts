// Plays a stream as low-latency or plain HLS.

import type { ErrorData, LevelDetails } from "hls.js";
import { Hls } from "hls-video-element";
import { LOW, type Mode, type ModeSelector, type REALTIME } from "./delivery_mode.ts";
import type { DvrPosition, Edge } from "./dvr_position.ts";
import { type HlsVideo, NOT_FOUND } from "./hls_video.ts";
import { LatencyController } from "./latency_controller.ts";
import { CONFIGS } from "./live_config.ts";

const STALLED_MS = 900;
const STUCK_MS = 4000;
const SILENT_MS = 11000; // longer than the packager lets a playlist request wait
const ENOUGH_SECONDS = 1.5;

/** What a delivery tells the playback that it belongs to. */
export type Owner = {
  readonly isLive: boolean;
  readonly isHeld: boolean;
  /** Loads the stream in the selector's mode. */
  start(): void;
  /** Loads again after a delay; `anew` also discards the loaded media. `isEmpty`: the server answers, but has no media. */
  retry(options?: { anew?: boolean; isEmpty?: boolean }): void;
  /** The server answers again. */
  answered(): void;
  keep(): void;
};

export class HlsPlayback {
  private latency: LatencyController;
  private newest: { segment: number; publisher?: number } | null = null; // in the last playlist
  private hasBegun = false;
  private isStarved = false; // whether a stall has no known reason yet

  constructor(
    private video: HlsVideo,
    private dvr: DvrPosition,
    private selector: ModeSelector,
    private owner: Owner,
  ) {
    this.latency = new LatencyController(video, dvr, selector);
    video.addEventListener("hlsready", () => this.listen());
    video.addEventListener("seeking", () => this.latency.jitter.reset());
    video.addEventListener("playing", () => (this.hasBegun = true));
  }

  /** Loads the playlist from its live edge, or from `behind` seconds before it. */
  start(url: string, mode: Exclude<Mode, typeof REALTIME>, behind: number) {
    this.latency = new LatencyController(this.video, this.dvr, this.selector);
    this.newest = null;
    this.isStarved = false;
    // LatencyController replaces this value when playback has begun.
    this.hasBegun = !behind;
    this.video.config = behind ? { ...CONFIGS[mode], liveSyncDuration: behind } : CONFIGS[mode];
    this.video.src = url;
  }

  /** Continues to load after a short disconnection of the publisher. */
  continue() {
    this.latency.jitter.reset();
    this.video.api?.startLoad();
  }

  /** Returns the position of live playback, and of the oldest media; null while they are unknown. */
  edge(): Edge | null {
    const { api } = this.video;
    const [live, start] = [api?.liveSyncPosition, api?.latestLevelDetails?.fragmentStart];
    return live == null || start === undefined || !this.hasBegun ? null : { live, start };
  }

  /** Keeps the distance from the live edge. */
  keep() {
    if (this.hasBegun) this.latency.keep(this.owner.isLive);
  }

  /** Records that playback waits for media. */
  stalled() {
    if (this.dvr.atLive) this.latency.speed.starve();
    if (this.owner.isLive) this.isStarved = true;
  }

  /** Returns whether a position that has not changed for `stillMs` needs another start. */
  isStuck(stillMs: number): boolean {
    const { ahead, api } = this.video;
    // Media may be missing because the server has none, not because the network is slow.
    const isSilent = ahead < 0.5 && (api?.latestLevelDetails?.age ?? 0) * 1000 > STALLED_MS;
    return stillMs > (isSilent ? SILENT_MS : STUCK_MS);
  }

  private listen() {
    const { Events } = Hls;
    const hls = this.video.api as Hls;
    hls.on(Events.ERROR, (_, error) => this.onError(error));
    hls.on(Events.LEVEL_LOADED, (_, { details }) => this.onPlaylist(details));
    hls.on(Events.BUFFER_APPENDED, (_, { type }) => {
      this.latency.appended(type);
      this.owner.keep();
    });
  }

  private onPlaylist(details: LevelDetails) {
    const { advanced, endSN, fragmentHint, fragments, live, partTarget, startSN } = details;
    const { newest, owner, selector, video } = this;
    const now = performance.now();
    const isLow = selector.mode === LOW;
    const isRefused = isLow && !partTarget; // the server redirects to plain HLS while it has no low latency
    if (owner.isLive && (isRefused || !live)) {
      // The playlist may be the previous stream's: hls.js would play its end and never request the live playlist.
      video.src = ""; // after stopLoad alone, media of pending requests would still be shown
      const fallsBack = isRefused ? selector.refused(now) : selector.failed(now);
      return fallsBack ? owner.start() : owner.retry({ anew: true });
    }
    if (isLow) owner.answered();
    // Each publisher begins another discontinuity.
    this.newest = { segment: endSN, publisher: (fragmentHint ?? fragments.at(-1))?.cc };
    // A jump in the numbers means that the packager was restarted: no new segment continues the loaded media.
    if (newest && startSN > newest.segment + 1) {
      selector.begin();
      return owner.start();
    }
    if (this.isStarved && advanced) {
      this.isStarved = false;
      // The video of another publisher did not exist any sooner, so that stall does not count.
      if (newest?.publisher === this.newest.publisher && selector.interrupted(now)) return owner.start();
    }
    owner.keep();
  }

  private onError(error: ErrorData) {
    const { owner, selector, video } = this;
    if (!error.fatal || !owner.isLive) return;
    const now = performance.now();
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR) {
      const isRepeated = selector.interrupted(now, "the low-latency video couldn't be decoded");
      return isRepeated ? owner.start() : video.api?.recoverMediaError();
    }
    // While paused or with enough in the buffer, playback is not affected yet, and falling back would lose the position.
    if (owner.isHeld || video.ahead > ENOUGH_SECONDS) return owner.retry();
    const isEmpty = error.details === Hls.ErrorDetails.MANIFEST_LOAD_ERROR && error.response?.code === NOT_FOUND;
    if (!isEmpty && selector.failed(now)) owner.start();
    else owner.retry({ isEmpty });
  }
}
