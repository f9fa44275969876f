/** @import { Scene } from './shapes.ts' */
import { h, newId } from './dom.js'
import { textOf } from './text.js'

/**
 * Asks before something is done. Esc and the backdrop mean no.
 *
 * @param {Record<string, any>} asked a confirm object of the app
 * @param {Scene} scene
 * @returns {Promise<boolean>}
 */
export function confirmed(asked, scene) {
  const [titleId, textId] = [newId(), newId()]
  const word = (/** @type {string} */ key, /** @type {string} */ otherwise) =>
    String(asked[key]?.text ?? otherwise)
  return new Promise((resolve) => {
    const dialog = /** @type {HTMLDialogElement} */ (
      h(
        'dialog.confirm',
        {
          role: 'alertdialog',
          'aria-labelledby': titleId,
          'aria-describedby': textId,
          onclose: () => {
            resolve(dialog.returnValue === 'yes')
            dialog.remove()
          },
          onclick: (/** @type {MouseEvent} */ event) => {
            if (event.target === dialog) dialog.close('no')
          },
        },
        h('h2', { id: titleId }, textOf(asked.title, scene)),
        h('div.text', { id: textId }, textOf(asked.text, scene)),
        h(
          'div.buttons',
          {},
          h(
            'button',
            { type: 'button', onclick: () => dialog.close('no') },
            word('deny', scene.words.cancel),
          ),
          h(
            asked.style === 'danger' ? 'button.danger' : 'button.primary',
            { type: 'button', autofocus: true, onclick: () => dialog.close('yes') },
            word('confirm', scene.words.yes),
          ),
        ),
      )
    )
    document.body.append(dialog)
    dialog.showModal()
  })
}
