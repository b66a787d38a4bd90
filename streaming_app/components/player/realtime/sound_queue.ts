// Keeps decoded sound until the video shows its media time, and corrects differences without a change of pitch.
// Has no DOM, timers or clock, and uses no globals of AudioWorklets.

import { bestLag } from "./splice.ts";

const CAPACITY = 1 << 17; // samples of each channel: 2.7 s at 48 kHz
const PLAYED_SAMPLES = 4096; // kept after they were played, because they may be repeated
const FADE_SECONDS = 0.005;
// A smaller difference from the video is not corrected. A larger one than JUMP_SECONDS is corrected at once.
const TOLERANCE_SECONDS = 0.008;
const JUMP_SECONDS = 0.15;
// With the shortest lag of 5 ms, this is enough for a playback rate of 1.1.
const BETWEEN_SPLICES_SECONDS = 0.05;
// Playback starts with at least this much.
const ENOUGH_SECONDS = 0.02;
// How much of a small difference between two readings of the clocks is followed. Readings vary by some milliseconds.
const SMOOTHING = 0.25;

/** The sound with the media time `media` has to be played at the time `context` of the AudioContext (both in seconds). */
export type Schedule = { context: number; media: number; rate: number };

export class SoundQueue {
  /** How often sound was missing while the video played. */
  underruns = 0;
  private rate: number;
  private fade: number;
  private rings: Float32Array[];
  private mix = new Float32Array(CAPACITY); // the sum of all channels, for comparisons
  // Positions count samples from the first one. A sample is in the rings at its position modulo CAPACITY.
  private position = 0;
  private end = 0;
  private frames: { position: number; time: number }[] = [];
  private schedule: Schedule = { context: 0, media: 0, rate: 0 };
  private level = 0; // 0 is silence, `fade` is the full volume
  /** The last correction: distance to the sound that fades out, samples left of it, position of the next correction. */
  private splice = { from: 0, left: 0, next: 0 };
  private isMissing = true;
  private context = 0; // when the next block begins

  constructor(sampleRate: number, channels: number) {
    this.rate = sampleRate;
    this.fade = Math.round(FADE_SECONDS * sampleRate);
    this.rings = Array.from({ length: channels }, () => new Float32Array(CAPACITY));
  }

  /** Seconds until the end of the queue has to be played. Negative: sound arrives too late to be played. */
  get ahead(): number {
    return this.frames.length ? this.timeOf(this.end) - this.due(this.context) : 0;
  }

  /** Adds the samples of each channel. `time`: the media time of the first sample. */
  push(channels: Float32Array[], time: number) {
    const { length } = channels[0];
    this.frames.push({ position: this.end, time });
    for (let i = 0; i < length; i++, this.end++) {
      const at = this.end % CAPACITY;
      this.mix[at] = 0;
      for (let c = 0; c < channels.length; c++) this.mix[at] += this.rings[c][at] = channels[c][i];
    }
    this.position = Math.max(this.position, this.end - CAPACITY + PLAYED_SAMPLES);
    while (this.frames.length > 1 && this.frames[1].position <= this.position) this.frames.shift();
  }

  /** Follows the clock of the video. Small differences from the expected time are smoothed. */
  follow(schedule: Schedule) {
    const difference = schedule.media - this.due(schedule.context);
    const isSmall = this.schedule.rate && schedule.rate && Math.abs(difference) < JUMP_SECONDS / 3;
    this.schedule = { ...schedule, media: schedule.media - (isSmall ? (1 - SMOOTHING) * difference : 0) };
  }

  /** Writes a block into `output`, which contains silence. `context`: when the block begins. */
  render(output: Float32Array[], context: number) {
    const isOn = this.steer(this.due(context));
    this.context = context + output[0].length / this.rate;
    for (let i = 0; i < output[0].length; i++) {
      // Sound fades out when the rest is as long as the fade, so both end together.
      this.level += isOn && this.end - this.position > this.fade ? 1 : -1;
      this.level = Math.max(0, Math.min(this.fade, this.level));
      if (this.level === 0) continue;
      const gain = this.level / this.fade;
      const old = this.splice.left / this.fade;
      const at = this.position % CAPACITY;
      const from = (this.position + this.splice.from + CAPACITY) % CAPACITY;
      for (let c = 0; c < output.length; c++) {
        const ring = this.rings[c];
        output[c][i] = gain * (old ? ring[at] + old * (ring[from] - ring[at]) : ring[at]);
      }
      this.splice.left = Math.max(0, this.splice.left - 1);
      this.position++;
    }
  }

  /** Corrects the position for the media time `due`. Returns whether there is sound to play. */
  private steer(due: number): boolean {
    if (!this.schedule.rate) {
      this.isMissing = true; // silence is expected, so it is not an underrun
      return false;
    }
    if (this.level === 0) {
      const isMissing = !this.seek(due);
      if (isMissing && !this.isMissing) this.underruns++;
      this.isMissing = isMissing;
      return !isMissing;
    }
    const late = due - this.timeOf(this.position);
    if (Math.abs(late) > TOLERANCE_SECONDS && this.position >= this.splice.next) this.correct(late);
    return Math.abs(late) <= JUMP_SECONDS;
  }

  /** Skips some milliseconds of sound that is late, or repeats some if it is early. */
  private correct(late: number) {
    const { end, mix, position, rate } = this;
    const lag = bestLag(mix, position, end - position - this.fade, Math.sign(late), rate);
    if (!lag) return;
    this.position += lag;
    this.splice = { from: -lag, left: this.fade, next: this.position + BETWEEN_SPLICES_SECONDS * rate };
  }

  /** Moves to the media time `due`, or to the next sound after it. Returns whether there is enough sound to start. */
  private seek(due: number): boolean {
    const index = this.frames.findLastIndex(({ time }) => time <= due);
    const frame = this.frames[index];
    const next = this.frames[index + 1]?.position ?? this.end;
    const wanted = frame ? frame.position + Math.round((due - frame.time) * this.rate) : next;
    this.position = Math.min(wanted, next);
    this.splice = { from: 0, left: 0, next: this.position + BETWEEN_SPLICES_SECONDS * this.rate };
    return wanted < next && this.end - this.position >= ENOUGH_SECONDS * this.rate;
  }

  private timeOf(position: number): number {
    const frame = this.frames.findLast((each) => each.position <= position) ?? this.frames[0];
    return frame.time + (position - frame.position) / this.rate;
  }

  /** Returns the media time that has to be played at the time `context`. */
  private due(context: number): number {
    const { context: since, media, rate } = this.schedule;
    return media + (context - since) * rate;
  }
}
