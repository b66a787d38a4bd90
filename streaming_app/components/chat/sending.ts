// Sends a message by an event of the page's state, and waits for the receipt.

import { useEffect, useRef, useState } from "react";
import { type Attempt, attempt } from "./attempt.ts";

const PATIENCE_MS = 10000;

/** What the server answers last. `receipt` is new with each answer, which may be to something else than a message. */
export type Answer = { receipt: string; refusal: string; answer: string; waitSeconds: number };

type Options = Answer & {
  channel: string; // empty until the page knows its channel; what is sent before goes then
  onSend: (channel: string, text: string, replyTo: string, id: string) => void;
  onTaken: (text: string) => void;
  onAnswer: (answer: Partial<Answer>) => void;
};

/** `submit` sends a text. `onTaken` is called when the server took it, `onAnswer` for each answer, and after 10 s without one. */
export function useSending({ channel, receipt, refusal, answer, waitSeconds, onSend, onTaken, onAnswer }: Options) {
  const [pending, setPending] = useState<Attempt | null>(null);
  const sent = useRef<Attempt | null>(null);
  const untaken = useRef<Attempt | null>(null); // keeps its id when it is sent again
  const answered = useRef(receipt);
  useEffect(() => {
    if (!receipt || receipt === answered.current) return; // empty: the server made the state of this tab anew
    answered.current = receipt;
    if (sent.current && !refusal) {
      onTaken(sent.current.text);
      untaken.current = null;
    }
    sent.current = null;
    setPending(null);
    onAnswer({ refusal, answer, waitSeconds });
  }, [receipt]);
  useEffect(() => {
    if (!pending) return undefined;
    const timer = setTimeout(() => {
      setPending(null);
      onAnswer({ refusal: "No answer from the site. Your message was not sent; try again." });
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [pending]);
  useEffect(() => {
    if (!pending || !channel || pending === sent.current) return;
    sent.current = pending;
    onSend(channel, pending.text, pending.replyTo, pending.id);
  }, [pending, channel]);
  const submit = (text: string, replyTo: string) => {
    untaken.current = attempt(untaken.current, text, replyTo);
    setPending(untaken.current);
  };
  return { isPending: pending !== null, submit };
}
