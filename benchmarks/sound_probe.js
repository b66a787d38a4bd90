// Notes when the page's video shows a flash, and when its sound has a beep. Run in the page before anything else;
// what it found is in `window.soundProbe`, in ms of `performance.now()`.
(({ detector, flashShare }) => {
  const BRIGHT = 128;
  const probe = (window.soundProbe = { flashes: [], beeps: [], skipped: 0 });
  const drawing = new OffscreenCanvas(8, 8).getContext("2d", { willReadFrequently: true });
  const connect = AudioNode.prototype.connect;
  const detectorUrl = URL.createObjectURL(new Blob([detector], { type: "text/javascript" }));
  const loaded = new WeakMap(); // by AudioContext

  // A frame counts at the time at which the browser expects to display it.
  const watch = (video) => {
    let wasBright = true;
    let number = 0;
    const note = (_now, { expectedDisplayTime, presentedFrames }) => {
      drawing.drawImage(video, 0, 0, video.videoWidth, video.videoHeight * flashShare * 0.8, 0, 0, 8, 8);
      const isBright = drawing.getImageData(4, 4, 1, 1).data[1] > BRIGHT;
      if (isBright && !wasBright) {
        // If the frame before this one was not seen here, it may have shown the flash first.
        if (presentedFrames === number + 1) probe.flashes.push(expectedDisplayTime);
        else probe.skipped += 1;
      }
      wasBright = isBright;
      number = presentedFrames;
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  };

  // `pulledMs`: time at which the context asked for the beep; `at`: the beep's time in the context.
  const tap = async (node, noteBeep) => {
    const { context } = node;
    if (!loaded.has(context)) loaded.set(context, context.audioWorklet.addModule(detectorUrl));
    await loaded.get(context);
    const listener = new AudioWorkletNode(context, "beep-detector", { numberOfOutputs: 1 });
    listener.port.onmessage = ({ data }) => noteBeep(context, data);
    connect.call(node, listener);
    connect.call(listener, context.destination); // silence; without it, the node would not run
  };

  // Sound of an AudioContext is heard when its output has it.
  AudioNode.prototype.connect = function (target, ...others) {
    if (target instanceof AudioDestinationNode) {
      tap(this, (context, { at }) => {
        const { contextTime, performanceTime } = context.getOutputTimestamp();
        probe.beeps.push(performanceTime + (at - contextTime) * 1000);
      });
    }
    return connect.call(this, target, ...others);
  };

  // The sound of a media element is redirected to an AudioContext. The element takes the redirected sound as heard when
  // it is asked for, and shows its picture accordingly.
  const find = () => {
    const video = document.querySelector("live-video")?.nativeEl ?? document.querySelector("video");
    if (!video) return requestAnimationFrame(find);
    watch(video);
    const source = new MediaElementAudioSourceNode(new AudioContext({ sampleRate: 48_000 }), { mediaElement: video });
    tap(source, (_context, { pulledMs }) => probe.beeps.push(pulledMs - performance.timeOrigin));
    connect.call(source, source.context.destination);
  };
  find();
})
