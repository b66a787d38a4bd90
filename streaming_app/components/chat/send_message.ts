// Sends a message by an event of the page's state, and waits for the receipt.

import { useEffect, useRef, useState } from "react";

const PATIENCE_MS = 10000;
const NO_ANSWER = { refusal: "No answer from the site. Your message was not sent; try again." };

/** `id` is the browser's own id of the message. The server accepts only one message with it. */
type Message = { text: string; replyTo: string; id: string };

/** The server's last answer to a message. `receipt` changes with each answer. */
export type Answer = { receipt?: string; refusal: string; answer?: string; waitSeconds?: number };

export type SendOptions = Answer & {
  channel: string; // empty until the page knows its channel; messages sent earlier wait until then
  onSend: (channel: string, text: string, replyTo: string, id: string) => void;
  onAnswer: (answer: Answer, text: string) => void;
};

/** `onAnswer` is called with the answer to each message and the message's text, and after 10 s without an answer. */
export function useSendMessage({ channel, onSend, onAnswer, ...answer }: SendOptions) {
  const [pending, setPending] = useState<Message | null>(null);
  const sent = useRef<Message | null>(null);
  useEffect(() => {
    if (!answer.receipt || !sent.current) return; // no receipt: the server has created the state of this tab again
    onAnswer(answer, sent.current.text);
    sent.current = null;
    setPending(null);
  }, [answer.receipt]);
  useEffect(() => {
    if (!pending) return undefined;
    if (channel && pending !== sent.current) {
      sent.current = pending;
      onSend(channel, pending.text, pending.replyTo, pending.id);
    }
    const timer = setTimeout(() => {
      setPending(null);
      onAnswer(NO_ANSWER, pending.text);
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [pending, channel]);
  return { isPending: pending !== null, send: setPending };
}
