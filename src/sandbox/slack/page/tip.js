import { html } from 'htm/preact'
import { useScene } from './scene.js'
import { CopyButton } from './traffic.js'

/** What to try first, with something to copy; gone once it is done, or dismissed in this window. */
export function FirstStep() {
  const { state, viewer, words, kept, notify } = useScene()
  const tip = state.tips[viewer.id]
  if (!tip || kept.isTipHidden) return null
  function hide() {
    kept.isTipHidden = true
    // Redraws the page.
    notify('')
  }
  return html`<div class="tip" role="note">
    <span class="says">${tip.says[words.language === 'zh-CN' ? 'zh-CN' : 'en']} <code>${tip.copy}</code></span>
    <${CopyButton} value=${tip.copy} />
    <button type="button" class="quiet" aria-label=${words.hideTip} onClick=${hide}>×</button>
  </div>`
}
