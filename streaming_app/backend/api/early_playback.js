// @ts-check
// Plays a live stream in real time before the app has loaded. It is part of the documents of live channels
// (early_playback.py). The player then continues with the same connection, video element and source buffer
// (components/player/realtime/early_playback.ts).

{
  const UNUSED_MS = 30_000;
  // As in pacer.ts, because a page that loads is busy.
  const DISTANCE_SECONDS = 0.2;
  const LATE_SECONDS = 0.5;
  // The first bytes of messages with video (rtmp/README.md), and where the time is in a frame.
  const [VIDEO_INIT, KEYFRAME, FRAME] = [1, 3, 4];
  const DECODING_TIME = 61;
  const TIMESCALE = 90_000;

  const Source = window.ManagedMediaSource ?? window.MediaSource;
  const head = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="live-video"]'));
  const realtime = head?.content.split(" ")[2];

  /**
   * Connects to the frames of a stream, and keeps what it receives until the player takes it.
   * @param {string} url
   */
  const connect = (url) => {
    const socket = new WebSocket(url);
    /** @type {EarlyPlayback} */
    const early = { socket, messages: [] };
    /** @type {Picture | undefined} */
    let picture;
    window.earlyPlayback = early;
    socket.binaryType = "arraybuffer";
    socket.onmessage = (message) => {
      early.messages.push(message);
      if (typeof message.data !== "string") return picture?.add(new Uint8Array(message.data));
      const { video, audio } = JSON.parse(message.data);
      if (video === undefined) return;
      if (picture) return picture.stop(); // another publisher: the player changes the codec
      // Sound that WebCodecs cannot decode must be in the same source.
      if (video && (!audio || "AudioDecoder" in window)) early.picture = picture = Picture.of(video);
    };
    setTimeout(() => {
      if (window.earlyPlayback !== early) return;
      window.earlyPlayback = undefined;
      picture?.stop();
      picture?.video.closest(".early-player")?.remove(); // the player may have the video already
      socket.close();
    }, UNUSED_MS);
  };

  /** The video of a stream without its sound, in the place where the player will be. */
  class Picture {
    /** How many messages with video are in the buffer, or will be there soon. */
    appended = 0;
    mime = "";
    /** @type {SourceBuffer | undefined} */
    buffer;
    source = new Source();
    video = document.createElement("video");
    /** @type {Uint8Array<ArrayBuffer>[]} */
    #waiting = [];
    #start = Number.NaN;
    #isStopped = false;

    /** @param {string} codec */
    static of(codec) {
      const mime = `video/mp4; codecs="${codec}"`;
      const hasPlayer = document.querySelector("live-video");
      return !hasPlayer && document.body && Source.isTypeSupported(mime) ? new Picture(mime) : undefined;
    }

    /** @param {string} mime */
    constructor(mime) {
      const { source, video } = this;
      const place = document.createElement("div");
      this.mime = mime;
      source.onsourceopen = () => {
        URL.revokeObjectURL(video.src);
        if (this.#isStopped) return;
        source.duration = Number.POSITIVE_INFINITY;
        this.buffer = source.addSourceBuffer(mime);
        this.buffer.onupdateend = () => this.#append();
        this.#append();
      };
      Object.assign(video, {
        autoplay: true,
        crossOrigin: "anonymous",
        disableRemotePlayback: true,
        playsInline: true,
      });
      video.src = URL.createObjectURL(source);
      place.className = "early-player";
      place.ariaHidden = "true"; // the player has a name, and comes soon
      place.append(video);
      document.body.append(place);
    }

    /** @param {Uint8Array<ArrayBuffer>} message */
    add(message) {
      const kind = message[0];
      if (this.#isStopped || ![VIDEO_INIT, KEYFRAME, FRAME].includes(kind)) return;
      if (kind !== VIDEO_INIT)
        this.#follow(Number(new DataView(message.buffer).getBigUint64(DECODING_TIME)) / TIMESCALE);
      this.#waiting.push(message.subarray(1));
      this.#append();
    }

    /** Appends nothing more. */
    stop() {
      this.#isStopped = true;
      if (this.buffer) this.buffer.onupdateend = null;
    }

    /** @param {number} time the seconds at which the newest frame is shown */
    #follow(time) {
      const { video } = this;
      if (Number.isNaN(this.#start)) this.#start = time;
      else if (video.readyState && time - video.currentTime < LATE_SECONDS) return;
      video.currentTime = Math.max(this.#start, time - DISTANCE_SECONDS);
    }

    #append() {
      const { buffer } = this;
      if (this.#isStopped || !buffer || buffer.updating || !this.#waiting.length) return;
      const parts = this.#waiting.splice(0);
      const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
      let at = 0;
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
      try {
        buffer.appendBuffer(bytes);
        this.appended += parts.length;
      } catch {
        this.stop(); // the player meets the same error, and falls back
      }
    }
  }

  document.currentScript?.remove(); // React expects the head that it has rendered
  if (realtime && Source) connect(window.location.origin.replace("http", "ws") + realtime);
}
