// Sends a message by an event of the page's state, and waits for the receipt.

import { useEffect, useRef, useState } from "react";

const PATIENCE_MS = 10000;

/** `id` is the browser's own id of the message. The server accepts only one message with it. */
export type Message = { text: string; replyTo: string; id: string };

/** The server's last answer. `receipt` changes with each answer, also with answers to other events than a message. */
export type Answer = { receipt: string; refusal: string; answer: string; waitSeconds: number };

type Options = Answer & {
  channel: string; // empty until the page knows its channel; messages sent earlier wait until then
  onSend: (channel: string, text: string, replyTo: string, id: string) => void;
  onAccepted: (text: string) => void;
  onAnswer: (answer: Partial<Answer>) => void;
};

/** `onAccepted` is called when the server has accepted a message, `onAnswer` for each answer, and after 10 s without one. */
export function useSendMessage({ channel, onSend, onAccepted, onAnswer, ...answer }: Options) {
  const { receipt, refusal } = answer;
  const [pending, setPending] = useState<Message | null>(null);
  const sent = useRef<Message | null>(null);
  const answered = useRef(receipt);
  useEffect(() => {
    if (!receipt || receipt === answered.current) return; // empty if the server has created the state of this tab again
    answered.current = receipt;
    if (sent.current && !refusal) onAccepted(sent.current.text);
    sent.current = null;
    setPending(null);
    onAnswer(answer);
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
  return { isPending: pending !== null, send: setPending };
}
