// Decoded sound, heard sample by sample as the AudioWorklet asks for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SoundQueue } from "../../../streaming_app/components/player/realtime/sound_queue.ts";

const RATE = 48_000;
const BLOCK = 128;
const FRAME = 1024;
const HZ = 440;
const LEVEL = 0.5;
// The most by which two samples of the tone differ, with some reserve for a fade.
const STEP_MAX = 1.3 * LEVEL * 2 * Math.PI * (HZ / RATE);

const tone = (time) => LEVEL * Math.sin(2 * Math.PI * HZ * time);

/** A queue whose sound comes `ahead` seconds before it is due, and what was heard of it. */
class Playback {
  constructor({ ahead = 0.06, channels = 1, sound = tone, rate = RATE } = {}) {
    Object.assign(this, { ahead, channels, sound, sampleRate: rate });
    this.queue = new SoundQueue(rate, channels);
    this.context = 0;
    this.media = 10;
    this.received = 10;
    this.heard = [];
  }

  /** Plays `seconds` with the video at `rate`. `hasFrame(time)`: whether the frame with this time comes. */
  run(seconds, { rate = 1, hasFrame = () => true, noise = () => 0 } = {}) {
    const { channels, queue, sampleRate, sound } = this;
    const first = this.heard.length;
    for (let blocks = (seconds * sampleRate) / BLOCK; blocks > 0; blocks--) {
      while (this.received < this.media + this.ahead) {
        const samples = Float32Array.from({ length: FRAME }, (_, i) => sound(this.received + i / sampleRate));
        if (hasFrame(this.received)) queue.push(Array(channels).fill(samples), this.received);
        this.received += FRAME / sampleRate;
      }
      queue.follow({ context: this.context, media: this.media + noise(), rate });
      const output = Array.from({ length: channels }, () => new Float32Array(BLOCK));
      queue.render(output, this.context);
      this.heard.push(...output[0]);
      this.context += BLOCK / sampleRate;
      this.media += (rate * BLOCK) / sampleRate;
    }
    return this.heard.slice(first);
  }

  /** How many seconds the sound is behind the video at the end of what was heard: for a sound that is its own time. */
  late() {
    return this.media - 1 / this.sampleRate - this.heard.at(-1);
  }
}

const largest = (samples) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
const isSilent = (samples) => largest(samples) === 0;

function largestStep(samples) {
  return samples.reduce((most, sample, i) => (i ? Math.max(most, Math.abs(sample - samples[i - 1])) : 0), 0);
}

/** The frequency of a tone, by the times at which it rises through zero. */
function pitch(samples, rate = RATE) {
  const zeros = [];
  for (let i = 1; i < samples.length; i++) {
    const [before, after] = [samples[i - 1], samples[i]];
    if (before < 0 && after >= 0) zeros.push(i - after / (after - before));
  }
  return ((zeros.length - 1) / (zeros.at(-1) - zeros[0])) * rate;
}

test("sound is heard unchanged, at its time", () => {
  const playback = new Playback({ channels: 2 });
  const heard = playback.run(2).slice(RATE / 10);

  heard.forEach((sample, i) => {
    assert.ok(Math.abs(sample - tone(10.1 + i / RATE)) < 1e-4, `sample ${i}`);
  });
  assert.equal(playback.queue.underruns, 0);
});

for (const rate of [0.95, 1.05, 1.1]) {
  test(`the pitch is kept at the rate ${rate}, without clicks and with the video`, () => {
    const playback = new Playback();
    playback.run(0.5);
    const heard = playback.run(6, { rate });

    assert.ok(Math.abs(pitch(heard) / HZ - 1) < 0.005, `${pitch(heard)} Hz`);
    assert.ok(largestStep(heard) < STEP_MAX, `a step of ${largestStep(heard)}`);
    assert.ok(largest(heard) < 1.01 * LEVEL);
    assert.equal(playback.queue.underruns, 0);

    const timed = new Playback({ sound: (time) => time });
    timed.run(0.5);
    timed.run(6, { rate });
    assert.ok(Math.abs(timed.late()) < 0.024, `${timed.late()} s late`);
    timed.run(1);
    assert.ok(Math.abs(timed.late()) < 0.009, `${timed.late()} s late`);
  });
}

for (const offset of [0.03, 0.12, -0.03, -0.12]) {
  test(`an offset of ${offset} s is corrected without clicks`, () => {
    const playback = new Playback({ ahead: 0.25 });
    playback.run(1);
    playback.media += offset;
    const heard = playback.run(3);
    assert.ok(largestStep(heard) < STEP_MAX, `a step of ${largestStep(heard)}`);

    const timed = new Playback({ ahead: 0.25, sound: (time) => time });
    timed.run(1);
    timed.media += offset;
    timed.run(2);
    assert.ok(Math.abs(timed.late()) < 0.009, `${timed.late()} s late`);
  });
}

test("the noise of the clocks causes no corrections", () => {
  const playback = new Playback();
  const heard = playback.run(4, { noise: () => (Math.random() - 0.5) * 0.012 }).slice(RATE / 10);

  assert.ok(Math.abs(pitch(heard) - HZ) < 0.1);
});

test("a larger offset is a jump with a fade", () => {
  const playback = new Playback({ ahead: 1 });
  playback.run(1);
  playback.media += 0.5;
  const heard = playback.run(1);

  assert.ok(largestStep(heard) < STEP_MAX, `a step of ${largestStep(heard)}`);
  assert.ok(heard.filter((sample) => sample === 0).length < 0.01 * RATE);
  const start = playback.media - 0.5;
  heard.slice(-RATE / 2).forEach((sample, i) => {
    assert.ok(Math.abs(sample - tone(start + i / RATE)) < 1e-3, `sample ${i}`);
  });
  assert.equal(playback.queue.underruns, 0);
});

test("missing sound is silence without clicks, and counts once", () => {
  const playback = new Playback();
  const heard = playback.run(4, { hasFrame: (time) => time < 11 || time > 12 });

  assert.ok(isSilent(heard.slice(1.1 * RATE, 1.9 * RATE)));
  assert.ok(largest(heard.slice(2.1 * RATE)) > 0.9 * LEVEL);
  assert.ok(largestStep(heard) < STEP_MAX, `a step of ${largestStep(heard)}`);
  assert.equal(playback.queue.underruns, 1);
});

test("a lost frame is corrected", () => {
  const playback = new Playback({ sound: (time) => time });
  playback.run(1);
  let lost = 0;
  playback.run(2, { hasFrame: () => ++lost !== 5 });

  assert.ok(Math.abs(playback.late()) < 0.009, `${playback.late()} s late`);
  assert.equal(playback.queue.underruns, 0);
});

test("nothing is heard or consumed while the video does not play, and that is no underrun", () => {
  const playback = new Playback();
  assert.ok(isSilent(playback.run(1, { rate: 0 })));
  playback.run(1);
  const { ahead } = playback.queue;
  const paused = playback.run(1, { rate: 0 });
  assert.ok(isSilent(paused.slice(0.01 * RATE)));
  assert.ok(Math.abs(playback.queue.ahead - ahead) < 0.03);
  const heard = playback.run(1);

  assert.ok(largestStep([...paused, ...heard]) < STEP_MAX);
  assert.equal(playback.queue.underruns, 0);
  assert.ok(Math.abs(heard.at(-1) - tone(playback.media - 1 / RATE)) < 0.2);
});

test("sound that comes too late is not heard, and the queue tells how late it came", () => {
  const playback = new Playback({ ahead: -0.1 });

  assert.ok(isSilent(playback.run(2)));
  assert.ok(playback.queue.ahead < -0.07 && playback.queue.ahead > -0.13, `${playback.queue.ahead} s`);
});

test("a queue that is not played keeps the newest seconds", () => {
  const playback = new Playback({ ahead: 20 });
  playback.run(0.1, { rate: 0 });
  Object.assign(playback, { ahead: 0.9, media: 29.1 });
  const heard = playback.run(0.5);

  assert.ok(Math.abs(heard.at(-1) - tone(playback.media - 1 / RATE)) < 0.01);
  assert.equal(isSilent(heard), false);
});

for (const rate of [22_050, 44_100]) {
  test(`a stream with ${rate} Hz is played`, () => {
    const playback = new Playback({ rate, ahead: 0.1 });
    playback.run(0.5);
    const heard = playback.run(3, { rate: 1.05 });

    assert.ok(Math.abs(pitch(heard, rate) / HZ - 1) < 0.005, `${pitch(heard, rate)} Hz`);
    assert.ok(largestStep(heard) < (STEP_MAX * RATE) / rate);
    assert.equal(playback.queue.underruns, 0);
  });
}
