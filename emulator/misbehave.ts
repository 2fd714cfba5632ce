import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Fault } from './faults';

/** Bytes that are neither JSON nor protobuf. */
const garbage = Buffer.from([0xff, 0xfe, 0x13, 0x37, 0x80, 0x80, 0x80]);

/** Misbehaves on the network as a fault asks; `respond` is what would have been answered. */
export async function misbehave(
  context: Context<{ Bindings: HttpBindings }>,
  { behaviour, delayMs = 1000 }: Fault,
  respond: () => Response,
): Promise<Response> {
  const { outgoing } = context.env;
  switch (behaviour) {
    case 'empty':
      return context.body(null, 200, { 'content-type': 'application/octet-stream' });
    case 'garbage':
      return context.body(garbage, 200, { 'content-type': 'application/octet-stream' });
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      return respond();
    case 'cut':
      outgoing.destroy();
      return respond();
    case 'timeout':
      // Waits until the other side gives up.
      await new Promise<void>((resolve) => {
        if (outgoing.destroyed) resolve();
        else outgoing.on('close', resolve);
      });
      return respond();
    default:
      return respond();
  }
}
