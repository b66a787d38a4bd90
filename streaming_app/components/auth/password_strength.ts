// How hard a new password is to guess, while it is typed. The password does not leave the browser.

import { useEffect, useState } from "react";
import { PASSWORD_MIN } from "../generated.ts";

const PAUSE_MS = 200;
const CHARACTERS_MAX = 100; // the time grows with the square of the length

/**
 * Returns the score of what is typed into the input with the id `field`: -1 if it is too short, otherwise from 0 (guessed
 * at once) to 4 (very hard to guess). Null if the input is empty, or the estimate could not be loaded.
 */
export function usePasswordStrength(field: string): number | null {
  const [score, setScore] = useState<number | null>(null);
  useEffect(() => {
    const form = (document.getElementById(field) as HTMLInputElement).form as HTMLFormElement;
    let pause = 0;
    const onInput = () => {
      clearTimeout(pause);
      pause = window.setTimeout(() => measure(form, field).then(setScore, () => setScore(null)), PAUSE_MS);
    };
    form.addEventListener("input", onInput);
    onInput(); // what was typed before the page was ready
    return () => form.removeEventListener("input", onInput);
  }, [field]);
  return score;
}

async function measure(form: HTMLFormElement, field: string): Promise<number | null> {
  const { estimator } = await import("./password_estimate.ts");
  const values = new FormData(form);
  const [password, ...known] = [field, "username", "email"].map((name) => String(values.get(name) ?? ""));
  if ([...password].length < PASSWORD_MIN) return password ? -1 : null;
  const words = known.flatMap((value) => [value, ...value.split(/[@.\s]/)]).filter((word) => word.length > 2);
  return estimator.check(password.slice(0, CHARACTERS_MAX), words).score; // words of the form are easy to guess
}
