// What every component needs, from one place: the templates, the hooks and the signals.
import { Fragment, h } from 'preact';
import htm from 'htm';

export { Component, Fragment, createRef, render } from 'preact';
export { useCallback, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
export { batch, computed, effect, signal, useComputed, useSignal } from '@preact/signals';

/**
 * A template of HTML, as a tree of nodes. Whatever is put into it is text or a node, never markup.
 * @type {(strings: TemplateStringsArray, ...values: any[]) => any}
 */
export const html = htm.bind(/** @type {any} */ (h));

/** Joins class names and leaves out what is not one. @param {...(string|false|null|undefined)} names */
export const classes = (...names) => names.filter(Boolean).join(' ');

/** Several nodes without an element around them. */
export const Several = Fragment;
