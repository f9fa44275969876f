/** @import { Scene, Viewer } from './shapes.ts' */
import { h } from './dom.js'
import { colourOf } from './names.js'
import { addressOf, canAct } from './route.js'

/** Lets whoever sits here be somebody else, in this window or in another beside it. @param {Scene} scene */
export function openPeople(scene) {
  const { state, viewer, words, go, route } = scene
  const close = () => dialog.close()
  const row = (/** @type {Viewer} */ person) =>
    h(
      'li',
      { 'aria-current': person.id === viewer.id ? 'true' : undefined },
      h(`span.avatar.colour-${colourOf(person.id)}`, { 'aria-hidden': 'true' }, [...person.realName][0]),
      h(
        'div.who',
        {},
        h('strong', {}, person.realName),
        h('span.note', {}, `@${person.name} · ${person.locale} · ${person.tz}`),
        h('span.note', {}, whatIs(person, scene)),
      ),
      canAct(person)
        ? [
            h(
              'button',
              {
                type: 'button',
                disabled: person.id === viewer.id,
                'aria-label': words.beThis(person.realName),
                onclick: () => {
                  close()
                  go({ person: person.id, thread: '' })
                },
              },
              words.beHere,
            ),
            h(
              'a.button',
              {
                href: addressOf({ ...route, person: person.id, thread: '', pane: 'talk' }),
                target: '_blank',
                rel: 'noopener',
                'aria-label': words.beThisElsewhere(person.realName),
                onclick: close,
              },
              words.inWindow,
            ),
          ]
        : null,
    )
  const dialog = /** @type {HTMLDialogElement} */ (
    h(
      'dialog.people',
      {
        'aria-labelledby': 'people-title',
        onclose: () => dialog.remove(),
        onclick: (/** @type {MouseEvent} */ event) => {
          if (event.target === dialog) close()
        },
      },
      h(
        'header',
        {},
        h('h2', { id: 'people-title' }, words.whoAreYou),
        h('button.quiet', { type: 'button', 'aria-label': words.close, onclick: close }, '×'),
      ),
      h('ul', {}, state.people.map(row)),
    )
  )
  document.body.append(dialog)
  dialog.showModal()
}

/** @param {Viewer} person @param {Scene} scene */
function whatIs(person, { state, words }) {
  const groups = state.groups
    .filter(({ users }) => users.includes(person.id))
    .map((group) => `@${group.handle}`)
  return [
    person.title ?? '',
    ...groups,
    person.guest ? words.guest : '',
    person.teamId && person.teamId !== state.team.id ? words.external : '',
    person.isDeleted ? words.deactivated : '',
    person.isBot ? words.bot : '',
  ]
    .filter(Boolean)
    .join(' · ')
}
