/**
 * CodeMirror set up for an `initial_context`: our own linter (positions, duplicate keys, the server's
 * bounds), completion of the agent's variables, and a note behind every line the agent will not use.
 * The editor knows no agent; what it completes and marks is handed in.
 */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState, StateEffect, StateField, type Extension, type Text } from '@codemirror/state';
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  WidgetType,
  type DecorationSet,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { checkContext, type CheckedContext } from '$lib/json/context';
import { w } from '$lib/words';

/** Texts of documents that are put together already: a long one takes its time. */
const texts = new WeakMap<Text, string>();

function textOf({ doc }: EditorState): string {
  const text = texts.get(doc) ?? doc.toString();
  texts.set(doc, text);
  return text;
}

/** Top-level names that get a note behind their line. */
export type Notes = ReadonlyMap<string, string>;

class NoteWidget extends WidgetType {
  constructor(readonly text: string) {
    super();
  }

  override eq(other: NoteWidget): boolean {
    return other.text === this.text;
  }

  toDOM(): HTMLElement {
    const note = document.createElement('span');
    note.className = 'cm-note';
    note.textContent = this.text;
    return note;
  }
}

export const setNotes = StateEffect.define<Notes>();

const notesField = StateField.define<{ notes: Notes; drawn: DecorationSet }>({
  create: () => ({ notes: new Map(), drawn: Decoration.none }),
  update(value, transaction) {
    let { notes } = value;
    for (const effect of transaction.effects) if (effect.is(setNotes)) notes = effect.value;
    if (notes === value.notes && !transaction.docChanged) return value;
    return { notes, drawn: draw(transaction.state, notes) };
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value.drawn),
});

function draw(state: EditorState, notes: Notes): DecorationSet {
  const { root } = checkContext(textOf(state));
  if (!root || notes.size === 0) return Decoration.none;
  const marks = root.members.flatMap((member) => {
    const text = notes.get(member.key);
    if (text === undefined) return [];
    const line = state.doc.lineAt(Math.min(member.keyEnd, state.doc.length));
    return [Decoration.widget({ widget: new NoteWidget(text), side: 1 }).range(line.to)];
  });
  return Decoration.set(marks, true);
}

/** The problems of a text as CodeMirror shows them; positions stay inside the document. */
export function diagnostics(checked: CheckedContext, length: number): Diagnostic[] {
  return checked.problems.map((problem) => ({
    from: Math.min(problem.from, length),
    to: Math.min(Math.max(problem.to, problem.from), length),
    severity: 'error',
    message: w.json[problem.code]?.(problem.subject ?? '') ?? problem.code,
  }));
}

/** Completes names in key position, nested ones below the object they belong to. */
export function completeVariables(names: () => string[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const before = context.matchBefore(/"?[\w.-]*$/);
    if (!before || (before.from === before.to && !context.explicit)) return null;
    const place = keyPlace(context.state.doc.sliceString(0, before.from));
    if (!place) return null;
    const prefix = place.path.length > 0 ? `${place.path.join('.')}.` : '';
    const options = new Map<string, Completion>();
    for (const name of names()) {
      if (!name.startsWith(prefix)) continue;
      const [key = '', ...deeper] = name.slice(prefix.length).split('.');
      if (key === '' || place.taken.has(key)) continue;
      const value = deeper.length > 0 ? '{}' : '""';
      options.set(key, {
        label: `"${key}"`,
        detail: w.fire.insertHint,
        type: 'property',
        apply: insert(key, value),
      });
    }
    return { from: before.from, options: [...options.values()], validFor: /^"?[\w.-]*"?$/ };
  };
}

function insert(key: string, value: string): Completion['apply'] {
  return (view, _completion, from, to) => {
    const closing = view.state.doc.sliceString(to, to + 1) === '"' ? 1 : 0;
    const text = `${JSON.stringify(key)}: ${value}`;
    view.dispatch({
      changes: { from, to: to + closing, insert: text },
      selection: { anchor: from + text.length - 1 },
      userEvent: 'input.complete',
    });
  };
}

/** Walks unfinished JSON up to the caret: is a key expected there, below which names, beside which? */
export function keyPlace(text: string): { path: string[]; taken: Set<string> } | null {
  const levels: { key: string; list: boolean; expectKey: boolean; taken: Set<string> }[] = [];
  const tokens = text.matchAll(/"((?:[^"\\]|\\.)*)"|[{}[\],:]/g);
  for (const [token, string] of tokens) {
    const level = levels.at(-1);
    if (string !== undefined) {
      if (level && !level.list && level.expectKey) {
        level.key = string;
        level.taken.add(string);
        level.expectKey = false;
      }
    } else if (token === '{' || token === '[') {
      levels.push({ key: '', list: token === '[', expectKey: token === '{', taken: new Set() });
    } else if (token === '}' || token === ']') {
      levels.pop();
    } else if (token === ',' && level && !level.list) {
      level.expectKey = true;
    }
  }
  const last = levels.at(-1);
  if (!last || last.list || !last.expectKey || levels.some((l) => l.list)) return null;
  return { path: levels.slice(0, -1).map((l) => l.key), taken: last.taken };
}

/** Also for the other editors of this window. */
export const highlighting = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--brand)' },
  { tag: tags.string, color: 'var(--warn)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--test)' },
  { tag: tags.invalid, color: 'var(--production)' },
]);

export const look = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'transparent', fontSize: '12.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '19px', scrollbarWidth: 'thin' },
  '.cm-content': { padding: '10px 0', caretColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'transparent', border: 'none', color: 'var(--ink-3)' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '34px', padding: '0 14px 0 8px' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--sunken) 60%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--test) 24%, transparent)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'transparent',
    outline: '1px solid var(--field)',
  },
  '.cm-note': {
    marginLeft: '14px',
    padding: '1px 6px',
    borderRadius: '5px',
    backgroundColor: 'var(--warn-tint)',
    color: 'var(--warn)',
    font: '500 11px var(--sans)',
  },
  '.cm-tooltip': {
    border: '1px solid var(--field)',
    borderRadius: '8px',
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    boxShadow: 'var(--float)',
    overflow: 'hidden',
  },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '12.5px' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--brand-tint)',
    color: 'var(--ink)',
  },
  '.cm-completionIcon': { display: 'none' },
  '.cm-completionDetail': { color: 'var(--ink-3)', fontFamily: 'var(--sans)', fontStyle: 'normal' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeft: '3px solid var(--production)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--production) 1px',
    textUnderlineOffset: '3px',
  },
});

export interface EditorOptions {
  parent: HTMLElement;
  text: string;
  label: string;
  describedBy: string;
  names: () => string[];
  onchange: (text: string) => void;
}

export function createEditor(options: EditorOptions): EditorView {
  const extensions: Extension[] = [
    lineNumbers(),
    history(),
    drawSelection(),
    highlightActiveLine(),
    bracketMatching(),
    closeBrackets(),
    indentUnit.of('  '),
    json(),
    syntaxHighlighting(highlighting),
    autocompletion({ override: [completeVariables(options.names)], icons: false }),
    notesField,
    look,
    // Tab is left to the browser, so that the keyboard leads out of the editor as it led in.
    keymap.of([
      // The page fires with this; the editor would insert a line.
      { key: 'Mod-Enter', run: () => true },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...defaultKeymap,
      ...historyKeymap,
      ...lintKeymap,
    ]),
    EditorView.contentAttributes.of({
      'aria-label': options.label,
      'aria-describedby': options.describedBy,
      'aria-multiline': 'true',
      spellcheck: 'false',
      // Focusable by itself already; checkers of accessibility look for the number.
      tabindex: '0',
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) options.onchange(textOf(update.state));
    }),
  ];
  return new EditorView({
    parent: options.parent,
    state: EditorState.create({ doc: options.text, extensions }),
  });
}

/** Replaces the whole text from outside, keeping the undo history. */
export function replaceText(view: EditorView, text: string): void {
  const now = textOf(view.state);
  if (now === text) return;
  view.dispatch({ changes: { from: 0, to: now.length, insert: text } });
}

export function showDiagnostics(view: EditorView, checked: CheckedContext): void {
  view.dispatch(setDiagnostics(view.state, diagnostics(checked, view.state.doc.length)));
}
