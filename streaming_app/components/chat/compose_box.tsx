// The message box. It keeps what is typed until the server has taken it.

import { Reply, Smile, X } from "lucide-react";
import {
  type ChangeEvent,
  type FormEvent,
  type KeyboardEvent,
  type SyntheticEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useFeed } from "../feed/feed_client.ts";
import type { Line } from "../feed/feed_lines.ts";
import type { BanNotice, CommandView, FeedRules } from "../generated.ts";
import { useChatters } from "./chatter_list.tsx";
import { useEmoji, useEmotes } from "./emoji.ts";
import { EmojiPicker } from "./emoji_picker.tsx";
import { MembershipNotice, useBan } from "./membership.tsx";
import { type Answer, useSending } from "./sending.ts";
import { isComposing, SuggestionList, useSuggestions } from "./suggestion_list.tsx";
import { commandIn } from "./suggestions.ts";

const NEAR_LIMIT = 60; // characters left when the count is shown
const HELP = "/help";

type Props = Answer & {
  path: string; // of the channel's feed
  channel: string;
  maxLength: number;
  commands: readonly CommandView[];
  ban: BanNotice;
  isModerator: boolean;
  reply: Line | null; // the message that the next one answers
  mention: { name: string } | null; // a new object writes the name into the box
  onReplyEnd: () => void;
  onHelp: () => void;
  onSend: (channel: string, text: string, replyTo: string, id: string) => void;
};

export function ComposeBox({
  path,
  channel,
  maxLength,
  commands,
  ban,
  isModerator,
  reply,
  mention,
  onReplyEnd,
  onHelp,
  ...sending
}: Props) {
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0); // 0: there are no suggestions
  const [error, setError] = useState("");
  const [answer, setAnswer] = useState("");
  const [wait, setWait] = useState(0);
  const [isPicking, setPicking] = useState(false);
  const wanted = useRef<number | null>(null); // where the caret goes after the next drawing
  const { rules, vocabulary, onName } = useVocabulary(path, channel, commands);
  const banned = useBan(ban);
  const isBanned = banned !== null;
  const length = [...text.trim()].length;
  const left = maxLength - length;
  const command = commandIn(text, commands);

  const { isPending, submit } = useSending({
    channel,
    ...sending,
    onTaken: (taken) => {
      setText((now) => (now === taken ? "" : now));
      if (rules?.slow && !isModerator && isMessage(taken)) setWait(Date.now() + rules.slow * 1000);
      onReplyEnd();
    },
    onAnswer: ({ refusal = "", answer: said = "", waitSeconds }) => {
      setError(waitSeconds ? "" : refusal); // MembershipNotice counts down instead
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
    const { selectionStart: from, selectionEnd: to } = box.current as HTMLTextAreaElement;
    const before = text.slice(0, from).replace(/(\S)$/, "$1 ");
    write(`${before}${word} ${text.slice(to)}`, before.length + word.length + 1);
  };
  const { list, active, accept, onKey } = useSuggestions({ text, caret, vocabulary, onName, onAccept: write });
  useEffect(() => setError(""), [text]);
  useEffect(() => setWait(0), [rules?.slow, isModerator]);
  useEffect(() => {
    if (mention) insert(`@${mention.name}`);
  }, [mention]);
  useEffect(() => {
    if (reply) box.current?.focus();
  }, [reply]);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    box.current?.focus();
    box.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  });

  const send = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (isPending || isBanned || length === 0) return;
    if (text.trim().toLowerCase() === HELP) {
      setText("");
      return onHelp();
    }
    if (left < 0) return setError(`Your message is ${-left} ${left === -1 ? "character" : "characters"} too long.`);
    setPicking(false);
    setError("");
    setAnswer("");
    submit(text, reply?.id ?? "");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (onKey(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey && !isComposing(event)) send(event);
    else if (event.key === "Escape" && reply && !isPicking) onReplyEnd();
  };
  const closePicker = ({ key }: KeyboardEvent) => {
    if (key !== "Escape" || !isPicking) return;
    setPicking(false);
    box.current?.focus();
  };
  const noteCaret = ({ currentTarget: { selectionStart, selectionEnd } }: SyntheticEvent<HTMLTextAreaElement>) =>
    setCaret(selectionStart === selectionEnd ? selectionEnd : 0);

  const endReply = () => {
    onReplyEnd();
    box.current?.focus();
  };
  const onChange = (event: ChangeEvent<HTMLTextAreaElement>) => {
    setText(event.target.value);
    noteCaret(event);
  };

  return (
    <form className="compose" onSubmit={send} onKeyDown={closePicker} aria-label="Write to the chat">
      {list.length > 0 && <SuggestionList id={id} list={list} active={active} accept={accept} />}
      {isPicking && <EmojiPicker emotes={vocabulary.emotes} onPick={insert} onClose={() => setPicking(false)} />}
      {reply && (
        <div className="compose__reply">
          <Reply aria-hidden />
          <span className="compose__replied">
            Replying to <b>{reply.name}</b>: {reply.text}
          </span>
          <button type="button" className="btn btn--icon compose__cancel" aria-label="Cancel reply" onClick={endReply}>
            <X aria-hidden />
          </button>
        </div>
      )}
      <div className="compose__row">
        <div className="compose__field">
          <textarea
            ref={box}
            name="text"
            rows={1}
            className="input compose__input"
            value={text}
            readOnly={isPending}
            disabled={isBanned}
            placeholder={isBanned ? "You cannot chat here" : "Send a message"}
            aria-label="Message"
            aria-invalid={Boolean(error)}
            aria-describedby={`${id}-error ${id}-answer`}
            aria-autocomplete="list"
            aria-haspopup="listbox"
            aria-controls={list.length ? id : undefined}
            aria-activedescendant={list.length ? `${id}-${active}` : undefined}
            enterKeyHint="send"
            autoComplete="off"
            onKeyDown={onKeyDown}
            onSelect={noteCaret}
            onBlur={() => setCaret(0)}
            onChange={onChange}
          />
          <button
            type="button"
            className="btn btn--icon compose__smile"
            aria-label="Emoji"
            aria-expanded={isPicking}
            disabled={isBanned}
            onClick={() => setPicking(!isPicking)}
          >
            <Smile aria-hidden />
          </button>
        </div>
        <button
          type="submit"
          className="btn btn--primary compose__send"
          disabled={length === 0 || isBanned}
          aria-busy={isPending}
        >
          Send
        </button>
      </div>
      {(error || left <= NEAR_LIMIT) && (
        <div className="compose__foot">
          <span id={`${id}-error`} className="field__error" role="alert">
            {error}
          </span>
          {left <= NEAR_LIMIT && (
            <span className="compose__count" data-near data-over={left < 0}>{`${length} / ${maxLength}`}</span>
          )}
        </div>
      )}
      <div className="compose__said" id={`${id}-answer`} role="status">
        {command && !isBanned ? (
          <div>
            <code>{command.usage}</code> {command.help}
          </div>
        ) : (
          !isBanned && answer && <div>{answer}</div>
        )}
        <MembershipNotice ban={banned} wait={wait} rules={rules} isModerator={isModerator} />
      </div>
    </form>
  );
}

/** Whether `text` is a message: it begins with no slash, or with two. */
function isMessage(text: string): boolean {
  return !/^\s*\/(?!\/)/.test(text);
}

/** The rules of the channel, and what the box can suggest. Usernames are collected after the first `onName`. */
function useVocabulary(path: string, channel: string, commands: readonly CommandView[]) {
  const { messages, rules, emotesNews } = useFeed(path) as {
    messages: readonly Line[];
    rules: FeedRules | null;
    emotesNews: number;
  };
  const emotes = useEmotes(channel, emotesNews);
  const emoji = useEmoji();
  const [needsNames, setNeedsNames] = useState(false);
  const chatters = useChatters(channel, needsNames);
  const names = useMemo(
    () =>
      needsNames
        ? [
            ...new Set([
              ...messages.flatMap(({ name }) => name || []).reverse(),
              ...(chatters ?? []).map(({ name }) => name),
            ]),
          ]
        : [],
    [needsNames && messages, chatters],
  );
  return { rules, vocabulary: { names, emotes, emoji, commands }, onName: () => setNeedsNames(true) };
}
