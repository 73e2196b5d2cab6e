/** What a workflow command of GitHub would otherwise end with, or read as another command. */

/** The message behind `::`. */
export const commandData = (text: string): string =>
  text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')

/** A value between `::NAME ` and `::`, where `:` and `,` part things as well. */
export const commandProperty = (text: string): string =>
  commandData(text).replace(/:/g, '%3A').replace(/,/g, '%2C')
