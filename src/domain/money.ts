/** An amount of fen as people read it: `1000` is `¥10.00`. */
export function formatFen(fen: number): string {
  const sign = fen < 0 ? '-' : ''
  const yuan = Math.trunc(Math.abs(fen) / 100).toString()
  const grouped = yuan.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${sign}¥${grouped}.${(Math.abs(fen) % 100).toString().padStart(2, '0')}`
}
