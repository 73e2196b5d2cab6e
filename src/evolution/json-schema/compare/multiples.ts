/** Whether one number is a multiple of another, exactly: 0.3 is one of 0.1, whatever binary says. */
export function isMultiple(value: number, of: number): boolean {
  const [digits, exponent] = decimal(value)
  const [ofDigits, ofExponent] = decimal(of)
  if (ofDigits === 0n) return false
  const least = Math.min(exponent, ofExponent)
  // Exponents of doubles lie within ±400: these are numbers of less than a thousand digits.
  const scaled = digits * 10n ** BigInt(exponent - least)
  return scaled % (ofDigits * 10n ** BigInt(ofExponent - least)) === 0n
}

/** Digits and power of ten of the shortest decimal that reads as this number. */
function decimal(value: number): [digits: bigint, exponent: number] {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return [BigInt(whole + fraction), Number(exponent) - fraction.length]
}
