// Shows how hard a new password is to guess, while it is typed. The password does not leave the browser.

import { useEffect, useRef, useState } from "react";
import { PASSWORD_MIN } from "../generated.ts";

const PAUSE_MS = 200;
const LEVELS = ["Very easy to guess", "Easy to guess", "Could be guessed", "Hard to guess", "Very hard to guess"];

/** The strength of what is typed into the input with the id `field`. Nothing is shown while it is empty. */
export function PasswordStrength({ field }: { field: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [score, setScore] = useState<number>();
  const [words, setWords] = useState("");
  useEffect(() => {
    const form = place.current?.closest("form");
    let pause: ReturnType<typeof setTimeout>;
    let latest = 0;
    const show = (level: number | undefined, text: string) => {
      setScore(level);
      setWords(text);
    };
    const measure = async () => {
      latest += 1;
      const number = latest;
      const password = input(form, field)?.value ?? "";
      if (!password) return show(undefined, "");
      if ([...password].length < PASSWORD_MIN) return show(0, `Too short: use ${PASSWORD_MIN} characters or more`);
      try {
        const { estimate } = await import("./password_estimate.ts");
        if (number !== latest) return;
        const level = estimate(password, knownWords(form));
        show(level, LEVELS[level] ?? "");
      } catch {
        show(undefined, ""); // the estimate could not be loaded; the server's rules still apply
      }
    };
    const onInput = () => {
      clearTimeout(pause);
      pause = setTimeout(measure, PAUSE_MS);
    };
    form?.addEventListener("input", onInput);
    onInput(); // what was typed before the page was ready
    return () => {
      form?.removeEventListener("input", onInput);
      clearTimeout(pause);
      latest += 1;
    };
  }, [field]);
  return (
    <div ref={place} className="strength" data-score={score}>
      <span className="strength__bar" hidden={score === undefined} aria-hidden>
        {LEVELS.slice(1).map((level, index) => (
          <span key={level} data-filled={score !== undefined && index < Math.max(1, score) ? "" : undefined} />
        ))}
      </span>
      <span className="strength__words" role="status" aria-live="polite">
        {words}
      </span>
    </div>
  );
}

function input(form: HTMLFormElement | null | undefined, name: string): HTMLInputElement | undefined {
  const element = form?.elements.namedItem(name);
  return element instanceof HTMLInputElement ? element : undefined;
}

/** The username and the email of the same form, and the parts of the email. */
function knownWords(form: HTMLFormElement | null | undefined): string[] {
  const typed = ["username", "email"].map((name) => input(form, name)?.value.trim() ?? "");
  return typed.flatMap((value) => [value, ...value.split(/[@.]/)]).filter((word) => word.length > 2);
}
