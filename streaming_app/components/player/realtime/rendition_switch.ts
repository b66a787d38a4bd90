// Changes the rendition of a real-time stream without a gap: both are received until the next keyframe of the new one.

import { connect, type Frame, type Period, type Receiver, type Track } from "./realtime_socket.ts";

const FRAME_SECONDS = 0.05; // the longest time between two frames that is no gap
const HANDLING_SECONDS = 0.12; // to receive, append and decode a keyframe, which is larger than other frames
const BURST_MS = 300; // the frames since the newest keyframe arrive at once, and say nothing about later ones

export class RenditionSwitch {
  private period: Period | null = null;
  private segments: [Track, Uint8Array<ArrayBuffer>][] = [];
  private pending: Frame[] = []; // of the new rendition, since its newest keyframe
  private held: Frame[] = []; // of the old one, since a keyframe that the new one may replace
  private newest = 0; // the time until which the old rendition has been played or buffered
  private lateness = Number.NEGATIVE_INFINITY; // how much later than the old one the new one arrives, in seconds
  private isDone = false;
  private readonly since = performance.now();
  private disconnect: () => void;

  /**
   * Connects to the new rendition at `url`. `receiver` gets its frames from a keyframe on, after `onSwitch` has been called
   * with the function that disconnects it. `onArrival` is called with the time at which a frame that arrives must be shown
   * at the earliest.
   */
  constructor(
    url: string,
    private receiver: Receiver,
    private onArrival: (time: number) => void,
    private onSwitch: (disconnect: () => void) => void,
  ) {
    this.disconnect = connect(url, {
      onPeriod: (period) => (this.isDone ? receiver.onPeriod(period) : this.begin(period)),
      onChoices: receiver.onChoices,
      onInit: (track, segment) => (this.isDone ? receiver.onInit(track, segment) : this.keep(track, segment)),
      onFrame: (frame) => (this.isDone ? receiver.onFrame(frame) : this.collect(frame)),
      onClose: (code) => this.isDone && receiver.onClose(code),
    });
  }

  /**
   * Returns the video frames of the old rendition to append when `frame` arrives. They end before the keyframe at which the
   * new rendition begins: a browser does not replace what it has read already.
   */
  next(frame: Frame, position: number): Frame[] {
    if (this.held.length) {
      this.held.push(frame);
      if (position < this.held[0].time - FRAME_SECONDS) return [];
      return this.held.splice(0); // the new keyframe has not come in time
    }
    // Renditions have their keyframes at the same times. The new one's arrives before it is due, but after the old one's.
    const isEarly = frame.time - position > this.lateness + HANDLING_SECONDS;
    if (frame.isKey && this.lateness >= 0 && isEarly) {
      this.held = [frame];
      return [];
    }
    this.newest = Math.max(this.newest, frame.time);
    queueMicrotask(() => this.check());
    return [frame];
  }

  cancel() {
    if (!this.isDone) this.disconnect();
  }

  private begin(period: Period) {
    this.period = period;
    this.segments = [];
    this.pending = [];
  }

  private keep(track: Track, segment: Uint8Array<ArrayBuffer>) {
    this.segments.push([track, segment]);
  }

  private collect(frame: Frame) {
    if (frame.track === "audio") return; // the old rendition has the same sound
    if (performance.now() - this.since > BURST_MS) {
      this.lateness = Math.max(this.lateness, (this.held.at(-1)?.time ?? this.newest) - frame.time);
      this.onArrival(frame.time - HANDLING_SECONDS);
    }
    if (frame.isKey) this.pending = [];
    if (frame.isKey || this.pending.length) this.pending.push(frame);
    this.check();
  }

  /** Switches if the frames of the old rendition end where the new one begins. */
  private check() {
    const keyframe = this.pending[0];
    if (this.isDone || !keyframe || !this.period) return;
    const gap = keyframe.time - (this.held[0]?.time ?? this.newest);
    const fits = this.held.length ? Math.abs(gap) < FRAME_SECONDS : gap > 0 && gap < FRAME_SECONDS;
    if (!fits) return;
    this.isDone = true;
    this.onSwitch(this.disconnect);
    this.receiver.onPeriod(this.period);
    for (const [track, segment] of this.segments) this.receiver.onInit(track, segment);
    for (const frame of this.pending) this.receiver.onFrame(frame);
  }
}
