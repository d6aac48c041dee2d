/** CodeMirror for a prompt: plain text that completes, marks and checks its {{variables}}. */
import {
  autocompletion,
  completionKeymap,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { linter, lintKeymap } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import {
  Decoration,
  drawSelection,
  EditorView,
  keymap,
  MatchDecorator,
  placeholder,
  ViewPlugin,
  type DecorationSet,
  type ViewUpdate,
} from '@codemirror/view';
import { look } from '$lib/fire/editor';
import { w } from '$lib/words';
import { BUILT_IN, textProblems } from './variables';

const matcher = new MatchDecorator({
  regexp: /\{\{\s*[^\s|{}]+\s*(?:\|[^{}]+)?\}\}/g,
  decoration: Decoration.mark({ class: 'cm-variable' }),
});

const marks = ViewPlugin.fromClass(
  class {
    drawn: DecorationSet;
    constructor(view: EditorView) {
      this.drawn = matcher.createDeco(view);
    }
    update(update: ViewUpdate): void {
      this.drawn = matcher.updateDeco(update, this.drawn);
    }
  },
  { decorations: (plugin) => plugin.drawn },
);

const prose = EditorView.theme({
  '&': { fontSize: '13.5px' },
  '.cm-scroller': { fontFamily: 'var(--sans)', lineHeight: '20px' },
  '.cm-content': { padding: '8px 0', minHeight: '58px' },
  '.cm-line': { padding: '0 11px' },
  '.cm-variable': {
    padding: '1px 2px',
    borderRadius: '4px',
    backgroundColor: 'var(--brand-tint)',
    color: 'var(--brand)',
    font: '500 12.5px var(--mono)',
  },
  '.cm-placeholder': { color: 'var(--ink-3)' },
});

/** Completes a name behind `{{`, braces included. */
export function completeName(names: () => string[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const before = context.matchBefore(/\{\{\s*[^\s|{}]*$/);
    if (!before) return null;
    const from = before.from + (/^\{\{\s*/.exec(before.text)?.[0].length ?? 2);
    const rest = context.state.doc.sliceString(context.pos, context.pos + 40);
    const closing = /^\s*(\}\}|\|)/.test(rest) ? '' : '}}';
    const known = [...new Set([...names(), ...BUILT_IN])];
    return {
      from,
      validFor: /^[^\s|{}]*$/,
      options: known.map((name) => ({
        label: name,
        detail: BUILT_IN.includes(name) ? w.agent.filledIn : '',
        apply: `${name}${closing}`,
      })),
    };
  };
}

export interface PromptOptions {
  parent: HTMLElement;
  text: string;
  labelledBy: string;
  describedBy: string;
  hint: string;
  readonly: boolean;
  names: () => string[];
  onchange: (text: string) => void;
}

export function createPrompt(options: PromptOptions): EditorView {
  return new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        history(),
        drawSelection(),
        EditorView.lineWrapping,
        marks,
        placeholder(options.hint),
        autocompletion({ override: [completeName(options.names)], icons: false }),
        linter(
          (view) =>
            textProblems(view.state.doc.toString()).map(({ from, to, code }) => ({
              from,
              to,
              severity: 'error' as const,
              message: w.agent.textProblems[code],
            })),
          { delay: 250 },
        ),
        // The first one wins.
        prose,
        look,
        // Tab is left to the browser, as in the context editor.
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        EditorState.readOnly.of(options.readonly),
        EditorView.contentAttributes.of({
          'aria-labelledby': options.labelledBy,
          'aria-describedby': options.describedBy,
          'aria-multiline': 'true',
          'aria-readonly': String(options.readonly),
          spellcheck: 'true',
          tabindex: '0',
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onchange(update.state.doc.toString());
        }),
      ],
    }),
  });
}
