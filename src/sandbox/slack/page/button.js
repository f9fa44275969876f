/** @import { Block, Scene, Surface } from './shapes.ts' */
import { confirmed } from './confirm.js'
import { h } from './dom.js'
import { keyOf } from './value.js'

/**
 * A button of the app. While the app has not acknowledged, it says so; a second click in the meantime goes out too, as
 * it does in Slack.
 *
 * @param {Block} element @param {Block} block @param {Scene} scene @param {Surface} surface
 */
export function actionButton(element, block, scene, surface) {
  const style = element.style === 'primary' ? '.primary' : element.style === 'danger' ? '.danger' : ''
  let underWay = 0
  const button = h(
    `button.action${style}`,
    {
      type: 'button',
      'aria-label': element.accessibility_label,
      'data-focus': `${keyOf(block, element)}/${element.value ?? ''}`,
      onclick: async () => {
        if (element.confirm && !(await confirmed(Object(element.confirm), scene))) return
        if (typeof element.url === 'string' && /^https?:\/\//i.test(element.url))
          window.open(element.url, '_blank', 'noopener,noreferrer')
        underWay += 1
        button.setAttribute('aria-busy', 'true')
        await surface.press(element, typeof element.value === 'string' ? element.value : undefined)
        underWay -= 1
        if (underWay === 0) button.removeAttribute('aria-busy')
      },
    },
    String(Object(element.text).text ?? ''),
  )
  return button
}
