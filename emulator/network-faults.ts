import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Behaviour, Fault } from './faults';

type Incoming = Context<{ Bindings: HttpBindings }>;

/** Bytes that are neither JSON nor protobuf. */
const garbage = Buffer.from([0xff, 0xfe, 0x13, 0x37, 0x80, 0x80, 0x80]);

const bytes = { 'content-type': 'application/octet-stream' };

/** What each behaviour makes of the answer that would have been given. */
const networkFaults: {
  readonly [B in Behaviour]: (
    context: Incoming,
    respond: () => Response,
    delayMs: number,
  ) => Response | Promise<Response>;
} = {
  empty: (context) => context.body(null, 200, bytes),
  garbage: (context) => context.body(garbage, 200, bytes),
  async slow(_context, respond, delayMs) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    return respond();
  },
  cut({ env: { outgoing } }, respond) {
    outgoing.destroy();
    return respond();
  },
  // Waits until the other side gives up.
  async timeout({ env: { outgoing } }, respond) {
    if (!outgoing.destroyed) await new Promise((resolve) => outgoing.on('close', resolve));
    return respond();
  },
};

/** Answers as a fault has the network do; `respond` is what is answered where none strikes. */
export function respondThrough(
  fault: Fault | undefined,
  context: Incoming,
  respond: () => Response,
): Response | Promise<Response> {
  return fault?.behaviour === undefined
    ? respond()
    : networkFaults[fault.behaviour](context, respond, fault.delayMs ?? 1000);
}
