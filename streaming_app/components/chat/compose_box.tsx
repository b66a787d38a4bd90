// The message box. It keeps the typed text until the server has accepted the message. Its elements are in compose_box.py.

import * as React from "react";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useFeed } from "../feed/feed_client.ts";
import type { BanNotice, CommandView } from "../generated.ts";
import { useChatters } from "./chatters.tsx";
import { choose, useChosen } from "./chosen.ts";
import { useEmoji, useEmotes } from "./emoji.ts";
import { EmojiPicker } from "./emoji_picker.tsx";
import { useMembership } from "./membership.ts";
import { type Answer, useSending } from "./sending.ts";
import { commandIn } from "./suggestions.ts";
import { isComposing, useSuggestions } from "./use_suggestions.ts";

const HELP = "/help";

type Props = Answer & {
  path: string; // URL path of the channel's feed
  channel: string;
  maxLength: number;
  commands: readonly CommandView[];
  ban: BanNotice;
  isModerator: boolean;
  onSend: (channel: string, text: string, replyTo: string, id: string) => void;
  children: React.ReactNode;
};

const Compose = React.createContext<object>({});

/** The values for the elements of the message box: the fields of Compose in compose_box.py. */
export function useCompose(): object {
  return React.useContext(Compose);
}

export function ComposeBox({ path, channel, maxLength, commands, ban, isModerator, ...props }: Props) {
  const { children, ...sending } = props;
  const { reply, mention } = useChosen();
  const endReply = () => choose({ reply: null });
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0); // 0 if there are no suggestions
  const [error, setError] = useState("");
  const [answer, setAnswer] = useState("");
  const [wait, setWait] = useState(0);
  const [isPicking, setPicking] = useState(false);
  const wanted = useRef<number | null>(null); // position of the caret after the next render
  const hadReply = useRef(false);
  const { rules, vocabulary, onName } = useVocabulary(path, channel, commands);
  const { isBanned, notice } = useMembership({ ban, wait, rules, isModerator });
  const length = [...text.trim()].length;
  const left = maxLength - length;

  const { isPending, submit } = useSending({
    channel,
    ...sending,
    onTaken: (taken) => {
      setText((now) => (now === taken ? "" : now));
      if (rules?.slow && !isModerator && isMessage(taken)) setWait(Date.now() + rules.slow * 1000);
      endReply();
    },
    onAnswer: ({ refusal = "", answer: said = "", waitSeconds }) => {
      setError(waitSeconds ? "" : refusal); // with a wait, the notice counts down instead
      if (waitSeconds) setWait(Date.now() + waitSeconds * 1000);
      setAnswer(refusal ? "" : said);
      box.current?.focus();
    },
  });
  const write = (words: string, at: number) => {
    setText(words);
    setCaret(at);
    wanted.current = at;
  };
  const insert = (word: string) => {
    const { selectionStart, selectionEnd } = box.current as HTMLTextAreaElement;
    const before = text.slice(0, selectionStart).replace(/(\S)$/, "$1 ");
    write(`${before}${word} ${text.slice(selectionEnd)}`, before.length + word.length + 1);
  };
  const { list, active, accept, onKey } = useSuggestions({ id, text, caret, vocabulary, onName, onAccept: write });
  useEffect(() => setError(""), [text]);
  useEffect(() => setWait(0), [rules?.slow, isModerator]);
  useEffect(() => {
    if (mention) insert(`@${mention.name}`);
  }, [mention]);
  useEffect(() => {
    if (reply || hadReply.current) box.current?.focus();
    hadReply.current = reply !== null;
  }, [reply]);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    box.current?.focus();
    box.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  });

  const send = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (isPending || isBanned || length === 0) return;
    if (text.trim().toLowerCase() === HELP) {
      setText("");
      return choose({ panel: "commands" });
    }
    if (left < 0) return setError(`Your message is ${-left} ${left === -1 ? "character" : "characters"} too long.`);
    setPicking(false);
    setError("");
    setAnswer("");
    submit(text, reply?.id ?? "");
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (onKey(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey && !isComposing(event)) send(event);
    else if (event.key === "Escape" && reply && !isPicking) endReply();
  };
  const closePicker = ({ key }: React.KeyboardEvent) => {
    if (key !== "Escape" || !isPicking) return;
    setPicking(false);
    box.current?.focus();
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
      is_active: index === active,
      events: { onPointerDown: (event: Event) => [event.preventDefault(), accept(suggestion)] }, // the focus stays in the box
    })),
    error,
    answer: isBanned ? "" : answer,
    command: isBanned ? null : (commandIn(text, commands) ?? null),
    notice,
    length,
    left,
    is_banned: isBanned,
    is_pending: isPending,
    is_picking: isPicking,
    picker_events: { onClick: () => setPicking(!isPicking) },
  };
  return (
    <form className="compose" onSubmit={send} onKeyDown={closePicker} aria-label="Write to the chat">
      {isPicking && <EmojiPicker emotes={vocabulary.emotes} onPick={insert} onClose={() => setPicking(false)} />}
      <Compose value={compose}>{children}</Compose>
    </form>
  );
}

/** Whether `text` is a message, not a command: it begins with no slash or with two. */
function isMessage(text: string): boolean {
  return !/^\s*\/(?!\/)/.test(text);
}

/** The rules of the channel, and the vocabulary for suggestions. Usernames are collected after the first `onName`. */
function useVocabulary(path: string, channel: string, commands: readonly CommandView[]) {
  const { messages, rules, emotesNews } = useFeed(path);
  const emotes = useEmotes(channel, emotesNews);
  const emoji = useEmoji();
  const [needsNames, setNeedsNames] = useState(false);
  const chatters = useChatters(channel, needsNames);
  const names = useMemo(() => {
    const writers = needsNames ? messages.flatMap(({ name }) => name || []).reverse() : [];
    return [...new Set([...writers, ...(chatters ?? []).map(({ name }) => name)])];
  }, [needsNames && messages, chatters]);
  return { rules, vocabulary: { names, emotes, emoji, commands }, onName: () => setNeedsNames(true) };
}
