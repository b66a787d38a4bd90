// Sends the page what it hears.

registerProcessor(
  "capture",
  class extends AudioWorkletProcessor {
    process([input]) {
      const channels = input.length ? input : [new Float32Array(128)]; // before the first sound
      const end = currentTime + channels[0].length / sampleRate;
      this.port.postMessage({ end, channels: channels.map((samples) => samples.slice()) });
      return true;
    }
  },
);
