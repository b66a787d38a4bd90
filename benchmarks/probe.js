// Reads the clock painted into every picture that the page's video shows. Run in the page before anything else, with
// what benchmarks/clock.py says of the clock; what it found is in `window.probe`.
(({ bits, periodMs, rowShare, contrastMin }) => {
  const BLOCK = 8;
  const KEYFRAME = 3; // first byte of a message of /rt/ with a keyframe
  const MODE_MS = 250;
  const probe = (window.probe = { shown: [], unreadable: 0, dry: 0, firstMs: null, modes: [], sockets: [] });
  const canvas = new OffscreenCanvas(bits * BLOCK, 2 * BLOCK);
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  let last = null;

  function read(video) {
    const { videoWidth, videoHeight } = video;
    drawing.drawImage(video, 0, 0, videoWidth, 2 * rowShare * videoHeight, 0, 0, canvas.width, canvas.height);
    const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
    const green = (block, row) => data[((row * BLOCK + BLOCK / 2) * canvas.width + block * BLOCK + BLOCK / 2) * 4 + 1];
    let time = 0;
    for (let block = 0; block < bits; block++) {
      const difference = green(block, 0) - green(block, 1);
      if (Math.abs(difference) < contrastMin) return null;
      time = 2 * time + (difference > 0 ? 1 : 0);
    }
    return time;
  }

  function note(video) {
    const now = Date.now();
    const sinceOpening = performance.now();
    const time = video.videoWidth ? read(video) : null;
    if (time === null) {
      probe.unreadable += 1;
    } else if (time !== last) {
      last = time;
      probe.firstMs ??= sinceOpening;
      const delay = (now - time + periodMs / 2) % periodMs - periodMs / 2; // a clock may be a little ahead of the other
      probe.shown.push([now, delay]);
    }
    video.requestVideoFrameCallback(() => note(video));
  }

  function find() {
    const video = document.querySelector("live-video")?.nativeEl ?? document.querySelector("video");
    if (!video) return requestAnimationFrame(find);
    video.addEventListener("waiting", () => (probe.dry += probe.firstMs !== null));
    video.requestVideoFrameCallback(() => note(video));
  }
  find();

  window.WebSocket = class extends WebSocket {
    constructor(url, ...others) {
      super(url, ...others);
      const times = { path: new URL(url, location).pathname, askedMs: performance.now() };
      probe.sockets.push(times);
      this.addEventListener("open", () => (times.openMs = performance.now()), { once: true });
      const receive = ({ data }) => {
        if (!(data instanceof ArrayBuffer && new Uint8Array(data)[0] === KEYFRAME)) return;
        times.keyframeMs = performance.now();
        this.removeEventListener("message", receive);
      };
      this.addEventListener("message", receive);
    }
  };

  // The page's statistics name the kind of delivery that is played.
  setInterval(() => {
    const mode = document.querySelector("[data-stat=mode]")?.textContent;
    if (mode && mode !== probe.modes.at(-1)?.[1]) probe.modes.push([Date.now(), mode]);
  }, MODE_MS);
})
