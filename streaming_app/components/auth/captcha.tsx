// The widget of hCaptcha or Turnstile in a form. Its script is loaded only on pages with this component.

import { useEffect, useRef, useState } from "react";

type Options = {
  sitekey: string;
  theme: "dark" | "light";
  callback: (answer: string) => void;
  "expired-callback": () => void;
  "error-callback": () => void;
};
type Widgets = { render: (place: HTMLElement, options: Options) => string; reset: (widget: string) => void };
type Provider = "hcaptcha" | "turnstile";

const SCRIPTS: Record<Provider, string> = {
  hcaptcha: "https://js.hcaptcha.com/1/api.js",
  turnstile: "https://challenges.cloudflare.com/turnstile/v0/api.js",
};
const scope = window as unknown as Record<string, unknown>;
let loading: Promise<Widgets> | undefined;

/** A widget, and a hidden input `captcha` with its answer. An answer is valid once, so a refused form gets a new one. */
export function CaptchaWidget({
  provider,
  siteKey,
  pending,
}: {
  provider: Provider;
  siteKey: string;
  pending: boolean;
}) {
  const place = useRef<HTMLDivElement>(null);
  const reset = useRef<() => void>(undefined);
  const wasPending = useRef(false);
  const [answer, setAnswer] = useState("");
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    let isGone = false;
    load(provider).then(
      (widgets) => {
        if (isGone || !place.current) return;
        const widget = widgets.render(place.current, {
          sitekey: siteKey,
          theme: document.documentElement.classList.contains("dark") ? "dark" : "light",
          callback: setAnswer,
          "expired-callback": () => setAnswer(""),
          "error-callback": () => setAnswer(""),
        });
        reset.current = () => widgets.reset(widget);
      },
      () => setHasFailed(true),
    );
    return () => {
      isGone = true;
    };
  }, [provider, siteKey]);
  useEffect(() => {
    if (wasPending.current && !pending) {
      setAnswer("");
      reset.current?.();
    }
    wasPending.current = pending;
  }, [pending]);
  return (
    <div className="captcha">
      <div ref={place} />
      {hasFailed && (
        <p className="field__error" role="alert">
          The check that you are human couldn't be loaded. Allow {new URL(SCRIPTS[provider]).hostname} and reload.
        </p>
      )}
      <input type="hidden" name="captcha" value={answer} />
    </div>
  );
}

function load(provider: Provider): Promise<Widgets> {
  loading ??= new Promise((resolve, reject) => {
    scope.captchaIsLoaded = () => resolve(scope[provider] as Widgets);
    const script = document.createElement("script");
    script.src = `${SCRIPTS[provider]}?render=explicit&onload=captchaIsLoaded`;
    script.async = true;
    script.onerror = () => {
      loading = undefined;
      reject(new Error("The widget could not be loaded"));
    };
    document.head.append(script);
  });
  return loading;
}
