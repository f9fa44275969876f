/** @import { ComponentChildren } from 'preact' */
/** @import { Scene, Viewer } from './shapes.ts' */
import { html } from 'htm/preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { textOf } from './markup.js'
import { addressOf, canAct, colourOf, useOwnId, useScene } from './scene.js'

/**
 * A dialog that is open as long as it is drawn; Esc and the backdrop close it.
 *
 * @param {{ kind: string, close: () => void, children: ComponentChildren, [attribute: string]: unknown }} props
 */
function Dialog({ kind, close, children, ...attributes }) {
  const place = useRef(/** @type {HTMLDialogElement | null} */ (null))
  useLayoutEffect(() => {
    // Closing returns the focus to where it was; merely removing a dialog would lose it.
    place.current?.showModal()
    const own = place.current
    return () => own?.close()
  }, [])
  return html`<dialog
    ref=${place}
    class=${kind}
    ...${attributes}
    onClose=${close}
    onClick=${(/** @type {MouseEvent} */ { target }) => target === place.current && close()}
  >
    ${children}
  </dialog>`
}

/**
 * Shows the app's confirm dialog before an action.
 *
 * @param {Record<string, any>} asked @param {Scene} scene @returns {Promise<boolean>}
 */
export function confirmed(asked, { openDialog }) {
  return new Promise((resolve) =>
    openDialog((close) => {
      const answer = (/** @type {boolean} */ isYes) => {
        resolve(isYes)
        close()
      }
      return html`<${Confirm} asked=${asked} answer=${answer} />`
    }),
  )
}

/** @param {{ asked: Record<string, any>, answer: (isYes: boolean) => void }} props */
function Confirm({ asked, answer }) {
  const scene = useScene()
  const id = useOwnId()
  const word = (/** @type {string} */ key, /** @type {string} */ otherwise) =>
    String(asked[key]?.text ?? otherwise)
  return html`<${Dialog}
    kind="confirm"
    role="alertdialog"
    aria-labelledby=${`${id}-title`}
    aria-describedby=${`${id}-text`}
    close=${() => answer(false)}
  >
    <h2 id=${`${id}-title`}>${textOf(asked.title, scene)}</h2>
    <div class="text" id=${`${id}-text`}>${textOf(asked.text, scene)}</div>
    <div class="buttons">
      <button type="button" onClick=${() => answer(false)}>${word('deny', scene.words.cancel)}</button>
      <button
        type="button"
        class=${asked.style === 'danger' ? 'danger' : 'primary'}
        autofocus
        onClick=${() => answer(true)}
      >
        ${word('confirm', scene.words.yes)}
      </button>
    </div>
  </>`
}

/**
 * Lets the viewer become somebody else, in this window or in another one.
 *
 * @param {{ close: () => void }} props
 */
export function People({ close }) {
  const scene = useScene()
  const { state, viewer, words, route, go } = scene
  function be(/** @type {string} */ person) {
    close()
    go({ person, thread: '' })
  }
  return html`<${Dialog} kind="people" aria-labelledby="people-title" close=${close}>
    <header>
      <h2 id="people-title">${words.whoAreYou}</h2>
      <button type="button" class="quiet" aria-label=${words.close} onClick=${close}>×</button>
    </header>
    <ul>
      ${state.people.map(
        (person) =>
          html`<li aria-current=${person.id === viewer.id ? 'true' : undefined}>
            <span class=${`avatar colour-${colourOf(person.id)}`} aria-hidden="true">
              ${[...person.realName][0]}
            </span>
            <div class="who">
              <strong>${person.realName}</strong>
              <span class="note">@${person.name} · ${person.locale} · ${person.tz}</span>
              <span class="note">${whatIs(person)}</span>
            </div>
            ${
              canAct(person) &&
              html`<button
                  type="button"
                  disabled=${person.id === viewer.id}
                  aria-label=${words.beThis(person.realName)}
                  onClick=${() => be(person.id)}
                >
                  ${words.beHere}
                </button>
                <a
                  class="button"
                  href=${addressOf({ ...route, person: person.id, thread: '', pane: 'talk' })}
                  target="_blank"
                  rel="noopener"
                  aria-label=${words.beThisElsewhere(person.realName)}
                  onClick=${close}
                >
                  ${words.inWindow}
                </a>`
            }
          </li>`,
      )}
    </ul>
  </>`

  function whatIs(/** @type {Viewer} */ person) {
    const groups = state.groups.filter(({ users }) => users.includes(person.id))
    return [
      person.title,
      ...groups.map(({ handle }) => `@${handle}`),
      person.guest && words.guest,
      person.teamId && person.teamId !== state.team.id && words.external,
      person.isDeleted && words.deactivated,
      person.isBot && words.bot,
    ]
      .filter(Boolean)
      .join(' · ')
  }
}
