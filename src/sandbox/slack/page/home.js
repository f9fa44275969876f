/** @import { Scene } from './shapes.ts' */
import { drawBlock } from './block.js'
import { dayKey } from './dates.js'
import { h, redrawList } from './dom.js'
import { homeSurface } from './surface.js'

/** The app's Home tab. */
export function createHome() {
  const element = h('div.home', { tabindex: '0' })

  /** @param {Scene} scene */
  function draw(scene) {
    const { state, viewer, words } = scene
    const view = state.homes[viewer.id]
    element.setAttribute('aria-label', words.home)
    element.classList.toggle('nothing', !view)
    element.dataset.nothing = words.noHome
    const surface = view && homeSurface(view, scene)
    redrawList(
      element,
      view?.blocks ?? [],
      (block) => String(block.block_id),
      (block) => [block, viewer.id, dayKey(state.now, viewer)],
      (block) => (surface ? drawBlock(block, scene, surface) : h('div')),
    )
  }

  return { element, draw }
}
