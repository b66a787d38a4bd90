// Sends a message by an event of the page's state, and waits for the receipt.

import { useEffect, useRef, useState } from "react";
import { type Attempt, attempt } from "./attempt.ts";

const PATIENCE_MS = 10000;

/** The server's last answer. `receipt` changes with each answer, also with answers to other events than a message. */
export type Answer = { receipt: string; refusal: string; answer: string; waitSeconds: number };

type Options = Answer & {
  channel: string; // empty until the page knows its channel; messages sent earlier wait until then
  onSend: (channel: string, text: string, replyTo: string, id: string) => void;
  onTaken: (text: string) => void;
  onAnswer: (answer: Partial<Answer>) => void;
};

/**
 * `submit` sends a text. `onTaken` is called when the server has accepted the text, `onAnswer` for each answer, and after
 * 10 s without an answer.
 */
export function useSending({ channel, receipt, refusal, answer, waitSeconds, onSend, onTaken, onAnswer }: Options) {
  const [pending, setPending] = useState<Attempt | null>(null);
  const sent = useRef<Attempt | null>(null);
  const untaken = useRef<Attempt | null>(null); // a message keeps its id when it is sent again
  const answered = useRef(receipt);
  useEffect(() => {
    if (!receipt || receipt === answered.current) return; // empty if the server has created the state of this tab again
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
