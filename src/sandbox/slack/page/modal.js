/** @import { View } from './shapes.ts' */
import { html } from 'htm/preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Blocks } from './blocks.js'
import { useScene } from './scene.js'
import { createModalSurface } from './surface.js'

/**
 * The viewer's top modal in a dialog; the browser keeps the focus inside it.
 *
 * @param {{ failure: { text: string, detail?: string } | undefined }} props
 */
export function Modal({ failure }) {
  const scene = useScene()
  const { words, state, viewer, server, notify, kept } = scene
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null))
  const body = useRef(/** @type {HTMLDivElement | null} */ (null))
  const [isSubmitting, setIsSubmitting] = useState(false)
  const now = useRef(scene)
  now.current = scene
  const seen = useRef({ id: '', hadField: false, wantsFirstError: false }).current
  const stack = state.views[viewer.id] ?? []
  const view = stack.at(-1)
  const surface = view && surfaceOf(view)

  function surfaceOf(/** @type {View} */ { id, state: { values } }) {
    const open = Object.values(state.views).flat()
    for (const known of kept.modals.keys())
      if (!open.some((one) => one.id === known)) kept.modals.delete(known)
    const own = kept.modals.get(id) ?? createModalSurface(() => now.current)
    kept.modals.set(id, own)
    own.values = values
    return own
  }

  useLayoutEffect(() => {
    if (!dialog.current || !body.current) return
    if (!view) {
      dialog.current.close()
      seen.id = ''
      return
    }
    const isAnother = seen.id !== view.id || !dialog.current.open
    if (!dialog.current.open) dialog.current.showModal()
    const fields = body.current.querySelectorAll('input, textarea, button')
    const focus = (/** @type {Element | null | undefined} */ place) =>
      place instanceof HTMLElement && place.focus()
    // A form may have replaced a loading view: unless the viewer has moved the focus, it goes to the first field.
    if (isAnother || (!seen.hadField && document.activeElement === body.current))
      focus(fields[0] ?? body.current)
    if (seen.wantsFirstError && Object.keys(view.errors).length > 0) {
      seen.wantsFirstError = false
      focus(body.current.querySelector('[aria-invalid="true"], .wrong input'))
    }
    Object.assign(seen, { id: view.id, hadField: fields.length > 0 })
  })

  /** @param {'cancel' | 'close'} what */
  async function leave(what) {
    // If the request failed, the form is still there.
    if (view)
      await server.act(viewer.id, what).catch(() => dialog.current?.open || dialog.current?.showModal())
  }

  async function submit() {
    if (!view?.submit || isSubmitting) return
    setIsSubmitting(true)
    notify('')
    try {
      await surface?.settle()
      const result = await server.act(viewer.id, 'submit')
      if (result.kind === 'failed') now.current.notify(words.submitFailed(result.error), result.why)
      if (result.kind === 'errors') seen.wantsFirstError = true
    } catch (error) {
      now.current.notify(error instanceof Error ? error.message : String(error))
    } finally {
      setIsSubmitting(false)
    }
  }

  return html`<dialog
    ref=${dialog}
    class="modal"
    aria-labelledby="modal-title"
    onCancel=${(/** @type {Event} */ event) => {
      // Esc asks the server, which then decides what is on top.
      if (event.target !== dialog.current) return
      event.preventDefault()
      void leave('cancel')
    }}
    onClose=${(/** @type {Event} */ event) => {
      // Browsers may close a dialog on Esc without asking the page.
      if (event.target === dialog.current && !dialog.current?.open) void leave('cancel')
    }}
  >
    <form
      novalidate
      onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <header>
        ${
          view &&
          html`<span class="app-icon" aria-hidden="true"></span>
            <h2 id="modal-title">${view.title.text}</h2>
            ${stack.length > 1 && html`<span class="depth">${words.ofMost(stack.length, 3)}</span>`}
            <button
              type="button"
              class="quiet"
              aria-label=${words.closeAll}
              title=${words.closeAll}
              onClick=${() => leave('close')}
            >
              ×
            </button>`
        }
      </header>
      <div ref=${body} class="body" tabindex="-1">
        ${
          view &&
          html`<${Blocks} key=${view.id} blocks=${view.blocks} surface=${surface} errors=${view.errors} />`
        }
      </div>
      <p class="error" role="alert" hidden=${!failure}>
        ${failure?.text}${failure?.detail && html`<small>${failure.detail}</small>`}
      </p>
      <footer>
        <span class="by">${state.app.name}</span>
        <button type="button" onClick=${() => leave('cancel')}>${view?.close?.text ?? words.close}</button>
        ${
          view?.submit &&
          html`<button
            type="submit"
            class="primary"
            disabled=${view.submit_disabled}
            aria-busy=${isSubmitting ? 'true' : undefined}
          >
            ${view.submit.text}
          </button>`
        }
      </footer>
    </form>
  </dialog>`
}
