/**
 * Takes out of a text what should not leave this window in a file: telephone numbers but for their
 * last four digits, who a SIP address names, and values whose name says that they are secret.
 * Rather too much than too little: a long order number loses its digits as well.
 */

const SHOWN_DIGITS = 4;
/** Seven digits or more with what people write between them. */
const NUMBER = /\+?\p{Nd}(?:[\s()./\u00a0\u2010-\u2015-]{0,2}\p{Nd}){6,}/gu;
const SIP_USER = /\b(sips?:)[^@\s<>"]+@/gi;
const DATE = /^\p{Nd}{4}-(?:0\p{Nd}|1[0-2])-[0-3]\p{Nd}(?!\p{Nd})/u;
const SECRET_NAME = /pass(?:word|phrase|wd)?|secret|token|credential|api[_-]?key|auth|\bpin\b|card/i;

export const STARS = '••••';

export function maskNumbers(text: string): string {
  return text.replace(SIP_USER, `$1${STARS}@`).replace(NUMBER, mask);
}

function mask(found: string): string {
  const date = DATE.exec(found)?.[0];
  // A day is no number of anybody; what follows it may be.
  if (date !== undefined) return date + maskNumbers(found.slice(date.length));
  const digits = found.match(/\p{Nd}/gu)?.length ?? 0;
  let seen = 0;
  return found.replace(/\p{Nd}/gu, (digit) => {
    seen += 1;
    return seen > digits - SHOWN_DIGITS ? digit : '•';
  });
}

/** Whether a value of this name is nobody's business. */
export function isSecretName(path: string): boolean {
  return path.split('.').some((name) => SECRET_NAME.test(name));
}
