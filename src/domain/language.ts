/** The languages of the product. */
export const languages = ['en', 'zh-CN'] as const
export type Language = (typeof languages)[number]

/** A text in each of them. */
export type Named = Record<Language, string>
