/**
 * The only door to the outside. Nothing else in the window knows whether it runs in a browser or in
 * the desktop program.
 */
import { isTauri } from '@tauri-apps/api/core';
import { browser } from './browser';
import { desktop } from './desktop';
import type { Transport } from './types';

export const transport: Transport = isTauri() ? desktop : browser;

export * from './types';
