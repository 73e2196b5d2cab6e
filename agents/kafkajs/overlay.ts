/**
 * An object that behaves as the client it stands for, but for a few methods.
 *
 * Everything else reaches the client itself, with the client as `this` (so private fields work);
 * who patches a method of the result patches the result only, so a patch that calls what it replaced
 * cannot call itself.
 */
export function overlay<T extends object>(client: T, methods: Partial<T>): T {
  // The Proxy's target is a shell and not the client: so a frozen client imposes no invariants.
  const shell: object = Object.create(Object.getPrototypeOf(client))
  for (const name of Reflect.ownKeys(methods)) {
    Object.defineProperty(shell, name, {
      value: methods[name as keyof T],
      configurable: true,
      enumerable: true,
      writable: true,
    })
  }
  const rebound = new WeakMap<object, object>()
  const proxy: T = new Proxy(shell, {
    get(_, name) {
      if (Object.hasOwn(shell, name)) return Reflect.get(shell, name)
      const value: unknown = Reflect.get(client, name, client)
      if (typeof value !== 'function' || name === 'constructor') return value
      let method = rebound.get(value)
      if (method === undefined) {
        method = new Proxy(value, {
          apply: (f, self, args) => Reflect.apply(f as never, self === proxy ? client : self, args),
        })
        rebound.set(value, method)
      }
      return method
    },
    set(_, name, value) {
      if (Object.hasOwn(shell, name)) return Reflect.set(shell, name, value)
      return Reflect.set(client, name, value, client)
    },
    has: (_, name) => Reflect.has(shell, name) || Reflect.has(client, name),
    deleteProperty(_, name) {
      return Object.hasOwn(shell, name)
        ? Reflect.deleteProperty(shell, name)
        : Reflect.deleteProperty(client, name)
    },
    defineProperty(_, name, descriptor) {
      const own = Object.hasOwn(shell, name) || descriptor.configurable === false
      return Reflect.defineProperty(own ? shell : client, name, descriptor)
    },
    ownKeys: () => [...new Set([...Reflect.ownKeys(client), ...keysKept(shell)])],
    getOwnPropertyDescriptor(_, name) {
      const own = Reflect.getOwnPropertyDescriptor(shell, name)
      if (own !== undefined) return own
      const descriptor = Reflect.getOwnPropertyDescriptor(client, name)
      return descriptor === undefined ? undefined : { ...descriptor, configurable: true }
    },
  }) as T
  return proxy
}

/** Keys that a proxy must list: those of its target that cannot be removed. */
function keysKept(shell: object): (string | symbol)[] {
  return Reflect.ownKeys(shell).filter(
    (name) => Reflect.getOwnPropertyDescriptor(shell, name)?.configurable === false,
  )
}
