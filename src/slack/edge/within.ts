/** The value, or null when it is not there in so many ms. */
export async function within<T>(value: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null)
  })
  try {
    return await Promise.race([value, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether something is younger than this; what is from the future, by a clock that was set back since, is not. */
export function isWithin(age: number, most: number): boolean {
  return age >= 0 && age < most
}
