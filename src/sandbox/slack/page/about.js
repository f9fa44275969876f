/** @import { Scene } from './shapes.ts' */
import { h, redraw } from './dom.js'

/** What this is, and what it is not. */
export function createAbout() {
  const element = h('div.about')

  /** @param {Scene} scene */
  function draw({ words }) {
    redraw(element, [words.language], () => [
      h('h3', {}, words.about.is),
      words.about.isLines.map((line) => h('p', {}, line)),
      h('h3', {}, words.about.isNot),
      h(
        'ul',
        {},
        words.about.isNotLines.map((line) => h('li', {}, line)),
      ),
      h('p', {}, words.about.next),
      h('h3', {}, words.about.keys),
      h(
        'dl',
        {},
        words.about.keyLines.map(([key, does]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, does)]),
      ),
      h('p', {}, h('a', { href: '/sandbox', target: '_blank', rel: 'noopener' }, words.about.http)),
    ])
  }

  return { element, draw }
}
