/**
 * The definitions that a new agent can begin with. Each can be published and called as it is: every
 * variable has a fallback, and the trigger's path is left empty, so that the server makes one.
 */
import type { Definition, DefinitionNode } from '$lib/api/types';
import { w } from '$lib/words';

export const STARTERS = ['reminder', 'questions', 'blank'] as const;
export type Starter = (typeof STARTERS)[number];

const s = w.starters.steps;

const TRIGGER: DefinitionNode = {
  id: 'trigger',
  type: 'trigger',
  position: { x: 0, y: -140 },
  data: { name: s.trigger, enabled: true, trigger_path: '' },
} as DefinitionNode;

function node(id: string, type: string, x: number, y: number, data: object): DefinitionNode {
  return { id, type, position: { x, y }, data } as DefinitionNode;
}

function edge(source: string, target: string, label: string, condition: string): Definition['edges'][number] {
  return { id: `${source}-${target}`, source, target, data: { label, condition } };
}

const goodbye = (x: number) =>
  node('goodbye', 'endCall', x, 0, { name: s.goodbye, prompt: s.thanks, message: s.lastWords });

const start = (name: string, greeting: string, prompt: string) =>
  node('greeting', 'startCall', 0, 0, { name, greeting_type: 'text', greeting, prompt });

export function starter(which: Starter): Definition {
  switch (which) {
    case 'reminder':
      return {
        nodes: [
          TRIGGER,
          start(s.greeting, s.remind, s.remindPrompt),
          node('offer', 'agentNode', 360, 120, { name: s.offer, prompt: s.offerPrompt }),
          goodbye(720),
        ],
        edges: [
          edge('greeting', 'goodbye', s.suits, s.suitsWhen),
          edge('greeting', 'offer', s.otherDate, s.otherDateWhen),
          edge('offer', 'goodbye', s.agreed, s.agreedWhen),
        ],
      };
    case 'questions':
      return {
        nodes: [
          TRIGGER,
          start(s.may, s.ask, s.askPrompt),
          node('questions', 'agentNode', 360, 120, { name: s.questions, prompt: s.questionsPrompt }),
          goodbye(720),
        ],
        edges: [
          edge('greeting', 'questions', s.yes, s.yesWhen),
          edge('greeting', 'goodbye', s.no, s.noWhen),
          edge('questions', 'goodbye', s.answered, s.answeredWhen),
        ],
      };
    case 'blank':
      return {
        nodes: [TRIGGER, start(s.greeting, s.hello, s.helloPrompt), goodbye(360)],
        edges: [edge('greeting', 'goodbye', s.done, s.doneWhen)],
      };
  }
}
