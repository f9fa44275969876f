import { enableCompileCache } from 'node:module'

/**
 * Keeps the compiled code for the next start, which then takes two thirds of the time and less memory. `npm start`
 * loads this file before everything else. It isn't TypeScript, because the compiler would then be loaded for it.
 *
 * The cache lies beside the code, not in the system's folder for temporary files: it is executed when it is read back,
 * and others may write to that folder. If the cache can't be written, the app starts without it.
 */
enableCompileCache(new URL('../node_modules/.cache/compiled/', import.meta.url).pathname)
