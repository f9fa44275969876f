/** @import { Block, Scene, View } from './shapes.ts' */
import { drawBlock } from './block.js'
import { h, redraw, redrawList } from './dom.js'
import { showError } from './input-block.js'
import { createModalSurface } from './surface.js'

/** Draws the viewer's top modal in a dialog, in which the browser keeps the focus. */
export function createModal() {
  const head = h('header')
  const body = h('div.body', { tabindex: '-1' })
  const foot = h('footer')
  const failure = h('p.error', { role: 'alert', hidden: true })
  const form = h(
    'form',
    {
      novalidate: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault()
        void submit()
      },
    },
    head,
    body,
    failure,
    foot,
  )
  const dialog = /** @type {HTMLDialogElement} */ (
    h(
      'dialog.modal',
      {
        'aria-labelledby': 'modal-title',
        oncancel: (/** @type {Event} */ event) => {
          // Esc asks; the server decides what is on top then.
          if (event.target !== dialog) return
          event.preventDefault()
          void act('cancel')
        },
        // A browser may close a dialog by Esc without asking the page.
        onclose: (/** @type {Event} */ event) => {
          if (event.target === dialog && !dialog.open && viewNow()) void act('cancel')
        },
      },
      form,
    )
  )
  document.body.append(dialog)

  /** @type {Scene} */
  let scene
  /** @type {Map<string, ReturnType<typeof createModalSurface>>} */
  const surfaces = new Map()
  let isSubmitting = false

  const viewNow = () => (scene.state.views[scene.viewer.id] ?? []).at(-1)

  /** @param {'cancel' | 'close'} what */
  async function act(what) {
    // Where nothing came of it, the form is still there.
    if (viewNow()) await scene.server.act(scene.viewer.id, what).catch(() => draw(scene))
  }

  async function submit() {
    const view = viewNow()
    if (!view?.submit || isSubmitting) return
    isSubmitting = true
    tellFailure('')
    drawFoot(view)
    try {
      await surfaces.get(view.id)?.settle()
      const result = await scene.server.act(scene.viewer.id, 'submit')
      if (result.kind === 'failed') tellFailure(scene.words.submitFailed(result.error), result.why)
      if (result.kind === 'errors') wantsFirstError = true
    } catch (error) {
      tellFailure(error instanceof Error ? error.message : String(error))
    } finally {
      isSubmitting = false
      draw(scene)
    }
  }

  let wantsFirstError = false

  /** @param {string} text @param {string} [why] */
  function tellFailure(text, why) {
    failure.hidden = text === ''
    failure.replaceChildren(text, why ? h('small', {}, why) : '')
  }

  /** @param {Scene} now */
  function draw(now) {
    scene = now
    const stack = now.state.views[now.viewer.id] ?? []
    const view = stack.at(-1)
    for (const id of surfaces.keys()) if (!stack.some((one) => one.id === id)) surfaces.delete(id)
    if (!view) {
      if (dialog.open) dialog.close()
      return
    }
    const isAnother = dialog.dataset.view !== view.id || !dialog.open
    // What the app has put there meanwhile is newer than the failure.
    if (dialog.dataset.hash !== view.hash) tellFailure('')
    dialog.dataset.view = view.id
    dialog.dataset.hash = view.hash
    const surface = surfaces.get(view.id) ?? createModalSurface(now.viewer.id, () => scene)
    surfaces.set(view.id, surface)
    drawHead(view, stack)
    const hadField = fieldIn() !== null
    const drawn = surface.of(view)
    redrawList(
      body,
      view.blocks,
      (block) => `${view.id} ${block.block_id}`,
      (block) => [asMade(block), now.viewer.id],
      (block) => drawBlock(block, now, drawn),
    )
    for (const [index, block] of view.blocks.entries())
      if (block.type === 'input') showError(body.children[index], view.errors[String(block.block_id)])
    drawFoot(view)
    if (!dialog.open) dialog.showModal()
    // A form that was being looked up may have come: whoever has not gone elsewhere begins in its first field.
    if (isAnother || (!hadField && document.activeElement === body)) focusFirst()
    if (wantsFirstError && Object.keys(view.errors).length > 0) {
      wantsFirstError = false
      focusOn('[aria-invalid="true"], .wrong input')
    }
  }

  /** @param {View} view @param {View[]} stack */
  function drawHead(view, stack) {
    const { words } = scene
    redraw(head, [view.title, stack.length, words.language], () => [
      h('span.app-icon', { 'aria-hidden': 'true' }),
      h('h2', { id: 'modal-title' }, view.title.text),
      stack.length > 1 ? h('span.depth', {}, words.ofMost(stack.length, 3)) : null,
      h(
        'button.quiet',
        { type: 'button', 'aria-label': words.closeAll, title: words.closeAll, onclick: () => act('close') },
        '×',
      ),
    ])
  }

  /** @param {View} view */
  function drawFoot(view) {
    const { words, state } = scene
    redraw(foot, [view.submit, view.close, view.submit_disabled, isSubmitting, words.language], () => [
      h('span.by', {}, state.app.name),
      h(
        'button',
        { type: 'button', 'data-focus': 'modal-close', onclick: () => act('cancel') },
        view.close?.text ?? words.close,
      ),
      view.submit
        ? h(
            'button.primary',
            {
              type: 'submit',
              'data-focus': 'modal-submit',
              disabled: view.submit_disabled,
              'aria-busy': isSubmitting ? 'true' : undefined,
            },
            view.submit.text,
          )
        : null,
    ])
  }

  function fieldIn() {
    return body.querySelector('input, textarea, button')
  }

  function focusFirst() {
    const field = fieldIn() ?? body
    if (field instanceof HTMLElement) field.focus()
  }

  /** @param {string} selector */
  function focusOn(selector) {
    const found = body.querySelector(selector)
    if (found instanceof HTMLElement) found.focus()
  }

  return { draw, isOpen: () => dialog.open, tell: tellFailure }
}

/** A block as the app made it: what it found by typing ahead is kept in the block, and changes while one types. */
function asMade(/** @type {Block} */ block) {
  const element = Object(block.element)
  if (!String(element.type).endsWith('external_select')) return block
  return { ...block, element: { ...element, options: [], option_groups: [] } }
}
