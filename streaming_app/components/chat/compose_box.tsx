// The message box. It keeps the typed text until the server has accepted the message. Its elements are in compose_box.py.

import * as React from "react";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useFeedPart } from "../feed/feed_client.ts";
import type { BanNotice, CommandView } from "../generated.ts";
import { setUiState, useUiState } from "./browser_state.ts";
import { useEmotes } from "./emoji.ts";
import { useEmojiPicker } from "./emoji_picker.ts";
import { useNotice } from "./notice.ts";
import { type SendOptions, useSendMessage } from "./send_message.ts";
import { commandIn } from "./suggestions.ts";
import { isComposing, useSuggestions } from "./use_suggestions.ts";

type Props = Omit<SendOptions, "onAnswer"> & {
  path: string; // URL path of the channel's feed
  maxLength: number;
  commands: readonly CommandView[];
  ban: BanNotice;
  isModerator: boolean;
  children: React.ReactNode;
};

const Compose = React.createContext<object>({});

/** The values for the elements of the message box: the fields of Compose in compose_box.py. */
export const useCompose = () => React.useContext(Compose);

export function ComposeBox({ path, channel, maxLength, commands, ban, isModerator, children, ...sending }: Props) {
  const { reply, mention } = useUiState();
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0); // 0 if there are no suggestions
  const [error, setError] = useState("");
  const [answer, setAnswer] = useState("");
  const [wait, setWait] = useState(0);
  // The same message keeps its id when it is sent again. `crypto.randomUUID` exists on secure origins only.
  const messageId = useMemo(() => crypto.getRandomValues(new Uint32Array(4)).join("-"), [text, reply?.id]);
  const slow = useFeedPart(path, (feed) => feed.rules?.slow);
  const emotesNews = useFeedPart(path, (feed) => feed.emotesNews);
  const emotes = useEmotes(channel, emotesNews);
  const notice = useNotice(ban, wait);
  const typed = [...text.trim()].length;
  const focus = () => box.current?.focus();

  const { isPending, send } = useSendMessage({
    channel,
    ...sending,
    onAnswer: ({ refusal, answer: said = "", waitSeconds = 0 }, sent) => {
      if (waitSeconds) setWait(Date.now() + waitSeconds * 1000);
      setError(waitSeconds ? "" : refusal); // with a wait, the notice counts down instead
      setAnswer(said);
      focus();
      if (refusal) return;
      setText((now) => (now === sent ? "" : now));
      setUiState({ reply: null });
    },
  });
  /** Replaces the text between two positions, and moves the caret after it. */
  const write = (words: string, from: number, to: number) => {
    box.current?.setRangeText(words, from, to, "end");
    box.current?.dispatchEvent(new Event("input", { bubbles: true }));
    focus();
  };
  const insert = (word: string) => {
    const { value, selectionStart, selectionEnd } = box.current as HTMLTextAreaElement;
    const space = /\S$/.test(value.slice(0, selectionStart)) ? " " : "";
    write(`${space}${word} `, selectionStart, selectionEnd);
  };
  const picker = useEmojiPicker(emotes, insert);
  const suggestions = useSuggestions({ id, text, caret, path, channel, commands, emotes, onAccept: write });
  const { list, active, accept, onKey } = suggestions;
  useEffect(() => () => setUiState({ reply: null, mention: null }), []);
  useEffect(() => setError(""), [text]);
  useEffect(() => setWait(0), [slow, isModerator]);
  useEffect(() => {
    if (mention) insert(`@${mention.name}`);
  }, [mention]);
  useEffect(() => {
    if (!reply) return;
    focus();
    return focus;
  }, [reply]);

  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (isPending || notice.is_banned || typed === 0) return;
    if (text.trim().toLowerCase() === "/help") {
      setText("");
      return setUiState({ panel: "commands" });
    }
    const excess = typed - maxLength;
    if (excess > 0) return setError(`Your message is ${excess} ${excess === 1 ? "character" : "characters"} too long.`);
    document.getElementById(`${id}-emoji`)?.hidePopover();
    setError("");
    setAnswer("");
    send({ text, replyTo: reply?.id ?? "", id: messageId });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (onKey(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey && !isComposing(event)) submit(event);
    else if (event.key === "Escape" && !box.current?.form?.querySelector(":popover-open")) setUiState({ reply: null });
  };
  const onSelect = ({ currentTarget }: React.SyntheticEvent<HTMLTextAreaElement>) => {
    const { selectionStart, selectionEnd } = currentTarget;
    setCaret(selectionStart === selectionEnd ? selectionEnd : 0);
  };
  const onChange = (event: React.ChangeEvent<HTMLTextAreaElement>) => {
    setText(event.target.value);
    onSelect(event);
  };
  const compose = {
    id,
    form: { onSubmit: submit },
    input: {
      ref: box,
      value: text,
      readOnly: isPending,
      onKeyDown,
      onSelect,
      onChange,
      onBlur: () => setCaret(0),
    },
    active: list.length ? `${id}-${active}` : undefined,
    suggestions: list.map((suggestion, index) => ({
      ...suggestion,
      id: `${id}-${index}`,
      events: { onPointerDown: (event: Event) => [event.preventDefault(), accept(suggestion)] }, // the focus stays in the box
    })),
    picker,
    error,
    answer: notice.is_banned ? "" : answer,
    command: notice.is_banned ? null : (commandIn(text, commands) ?? null),
    notice,
    typed,
    is_pending: isPending,
  };
  return <Compose value={compose}>{children}</Compose>;
}
