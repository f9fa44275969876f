/** The languages of the product. */
export type Language = 'en' | 'zh-CN'

/** A text in each of them. */
export type Named = Record<Language, string>
