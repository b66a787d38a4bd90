// An audio worklet that reports the beginning of each beep.

const LOUD = 0.1;
const QUIET_SECONDS = 0.3; // before a beep
const SHARE = 0.01; // of each block in the mean difference between the clocks

class BeepDetector extends AudioWorkletProcessor {
  quietSince = currentTime;
  lagMs;

  process([channels]) {
    // The context asks for some blocks at once, and then for none. So the mean difference of the clocks is used.
    const lagMs = Date.now() - currentTime * 1000;
    this.lagMs = this.lagMs === undefined ? lagMs : this.lagMs + (lagMs - this.lagMs) * SHARE;
    const samples = channels[0] ?? [];
    for (let index = 0; index < samples.length; index++) {
      if (Math.abs(samples[index]) < LOUD) continue;
      const at = currentTime + index / sampleRate;
      if (at - this.quietSince > QUIET_SECONDS) this.port.postMessage({ at, pulledMs: at * 1000 + this.lagMs });
      this.quietSince = at;
    }
    return true;
  }
}

registerProcessor("beep-detector", BeepDetector);
